"""Opik (Comet): its OTLP attributes beside GenAI names."""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import open_tags, set_numbers, take_content, take_object
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.kinds import SpanKind


def _restructure(attributes: Attributes) -> None:
    set_numbers(attributes, take_object(attributes, "opik.usage"), _USAGE)
    open_tags(attributes)
    take_content(attributes, ["opik.input", "input"], ["opik.output", "output"])


_USAGE = {
    "prompt_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "completion_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
}

OPIK = Dialect(
    name="opik",
    prefixes=("opik.",),
    renames={
        "opik.thread_id": sightline.SESSION_ID,
        "thread_id": sightline.SESSION_ID,
        "opik.tags": sightline.TAGS,
        "opik.model": gen_ai.RESPONSE_MODEL,
        "opik.provider": gen_ai.PROVIDER_NAME,
        "opik.total_cost": sightline.EMITTER_COST_USD,
    },
    kind_attribute="opik.span.type",
    kinds={
        "llm": SpanKind.LLM,
        "tool": SpanKind.TOOL,
        "guardrail": SpanKind.GUARDRAIL,
        "general": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
