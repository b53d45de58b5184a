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
    "original_usage.prompt_tokens_details.cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "original_usage.input_tokens_details.cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "original_usage.cache_read_input_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "original_usage.cached_content_token_count": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "original_usage.cache_creation_input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "original_usage.completion_tokens_details.reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "original_usage.output_tokens_details.reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "original_usage.thoughts_token_count": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
}
"""Its totals, and what the provider said of their parts: the totals include what was cached and thought."""

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
