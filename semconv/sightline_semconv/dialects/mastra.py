"""Mastra over OTLP: GenAI names, and the content of all spans but calls and tools under the span's type.

Source: mastra-ai/mastra, `observability/otel-exporter/src/gen-ai-semantics.ts`.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import open_tags, take_content, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing
from sightline_semconv.dialects.messages import to_messages


def _restructure(attributes: Attributes) -> None:
    kind = attributes.get("mastra.span.type")
    if isinstance(kind, str):
        stem = f"mastra.{kind.lower()}"
        _read_answer(attributes, f"{stem}.output")
        if kind.lower().startswith("model_") and to_messages(attributes.get(f"{stem}.input"), role="user"):
            said = to_conversation(attributes.pop(f"{stem}.input"), "user")
            set_missing(attributes, gen_ai.INPUT_MESSAGES, said)
        take_content(attributes, [f"{stem}.input"], [f"{stem}.output"])
    open_tags(attributes)


def _read_answer(attributes: Attributes, name: str) -> None:
    """Text, what was thought and calls of tools stand beside each other, with lists that mostly are empty."""
    answer = parse_json(attributes.get(name))
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        return
    calls, thoughts = answer.get("toolCalls"), answer.get("reasoning")
    content: list[Any] = [{"type": "reasoning", "text": thoughts}] if isinstance(thoughts, str) else []
    content += [{"type": "text", "text": answer["text"]}] if answer["text"] else []
    content += (
        [{"type": "tool-call", **call} for call in calls if isinstance(call, dict)]
        if isinstance(calls, list)
        else []
    )
    if content:
        del attributes[name]
        said = to_conversation([{"role": "assistant", "content": content}], "assistant")
        set_missing(attributes, gen_ai.OUTPUT_MESSAGES, said)


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
