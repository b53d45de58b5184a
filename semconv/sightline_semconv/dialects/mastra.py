"""Mastra over OTLP: GenAI names, and the content of all spans but calls and tools under the span's type.

Source: mastra-ai/mastra, `observability/otel-exporter/src/gen-ai-semantics.ts`.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import open_tags, take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect


def _restructure(attributes: Attributes) -> None:
    kind = attributes.get("mastra.span.type")
    if isinstance(kind, str):
        stem = f"mastra.{kind.lower()}"
        take_content(attributes, [f"{stem}.input"], [f"{stem}.output"])
    open_tags(attributes)


MASTRA = Dialect(
    name="mastra",
    prefixes=("mastra.",),
    renames={
        "mastra.metadata.sessionId": sightline.SESSION_ID,
        "mastra.metadata.threadId": gen_ai.CONVERSATION_ID,
        "mastra.metadata.userId": sightline.USER_ID,
        "mastra.tags": sightline.TAGS,
        "gen_ai.usage.cache_creation.1h_input_tokens": sightline.USAGE_CACHE_WRITE_1H,
        "gen_ai.usage.audio_input_tokens": gen_ai.USAGE_AUDIO_INPUT_TOKENS,
        "gen_ai.usage.audio_output_tokens": gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    },
    restructure=_restructure,
)
