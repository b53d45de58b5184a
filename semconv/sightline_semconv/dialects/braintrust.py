"""Braintrust's SDKs for Go, Java, Ruby and .NET: OpenTelemetry spans that say all in JSON of their own.

Source: braintrustdata/braintrust-sdk-go, `trace`, and the span specification of those SDKs.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_request, read_response
from sightline_semconv.dialects.content import open_tags, set_numbers, take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing, take_tree
from sightline_semconv.kinds import COUNTED_KINDS, SpanKind

_KINDS = {
    "llm": SpanKind.LLM,
    "tool": SpanKind.TOOL,
    "score": SpanKind.EVALUATION,
    "eval": SpanKind.WORKFLOW,
    "task": SpanKind.WORKFLOW,
    "function": SpanKind.INTERNAL,
}

_METRICS = {
    "prompt_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "completion_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "tokens": "gen_ai.usage.total_tokens",
    "prompt_cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "prompt_cache_creation_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "prompt_audio_tokens": gen_ai.USAGE_AUDIO_INPUT_TOKENS,
    "completion_reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "completion_audio_tokens": gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    "estimated_cost": sightline.EMITTER_COST_USD,
}
"""Counts of OpenAI's kind; `tokens` is the sum that shows what a total leaves out."""

_EMBEDDING = "embed"
"""Embeddings are of the type `llm`, too; their model says what they are."""


def _restructure(attributes: Attributes) -> None:
    said, metadata = _object(attributes, "span_attributes"), _object(attributes, "metadata")
    kind = _KINDS.get(str(said.get("type")))
    if kind is SpanKind.LLM and _EMBEDDING in str(metadata.get("model")).lower():
        kind = SpanKind.EMBEDDING
    if kind is not None and gen_ai.OPERATION_NAME not in attributes:
        set_missing(attributes, sightline.SPAN_KIND, kind.value)
    if kind in COUNTED_KINDS:
        _read_call(attributes, metadata, _object(attributes, "metrics"))
    take_content(
        attributes,
        ["braintrust.input_json", "braintrust.input"],
        ["braintrust.output_json", "braintrust.output"],
    )
    open_tags(attributes)


def _read_call(attributes: Attributes, metadata: dict[str, Any], metrics: dict[str, Any]) -> None:
    """The request's parameters, and what the answer says of itself, are the span's metadata."""
    if isinstance(metadata.get("provider"), str):
        set_missing(attributes, gen_ai.PROVIDER_NAME, metadata["provider"])
    read_request(attributes, metadata)
    if metrics:
        choices = parse_json(attributes.get("braintrust.output_json"))
        read_response(attributes, {**metadata, "choices": choices})
        set_numbers(attributes, metrics, _METRICS)
    if metadata.get("stream") is True and metrics.get("time_to_first_token"):  # else it is that to the last
        set_numbers(attributes, metrics, {"time_to_first_token": gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK})


def _object(attributes: Attributes, name: str) -> dict[str, Any]:
    """Return an object that is one attribute, or one attribute for each of its fields; it stays."""
    stem = f"braintrust.{name}"
    found = parse_json(attributes.get(stem))
    if not isinstance(found, dict):
        found = take_tree({key: value for key, value in attributes.items() if key.startswith(stem)}, stem)
    return found if isinstance(found, dict) else {}


BRAINTRUST = Dialect(
    name="braintrust",
    prefixes=("braintrust.",),
    renames={"braintrust.tags": sightline.TAGS},
    restructure=_restructure,
)
