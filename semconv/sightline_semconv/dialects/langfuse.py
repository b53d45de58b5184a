"""Langfuse SDK 3 and later (OTLP). Source: langfuse-python `_client/attributes.py`."""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_parameters, read_usage
from sightline_semconv.dialects.content import set_numbers, take_content, take_object
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing
from sightline_semconv.kinds import SpanKind

_CACHE_READ = ("cache_read_input_tokens", "input_cached_tokens", "input_cache_read", "cached_tokens")
_CACHE_WRITE = ("cache_creation_input_tokens", "input_cache_creation", "input_cache_write")
_REASONING = ("output_reasoning_tokens", "reasoning_tokens", "output_reasoning")


def _restructure(attributes: Attributes) -> None:
    _read_usage(attributes)
    costs = take_object(attributes, "langfuse.observation.cost_details")
    parts = [value for value in costs.values() if isinstance(value, int | float)]
    total = costs.get("total", sum(parts) if parts else None)
    if isinstance(total, int | float):
        set_missing(attributes, sightline.EMITTER_COST_USD, total)
    parameters = parse_json(attributes.get("langfuse.observation.model.parameters"))
    if isinstance(parameters, dict):
        read_parameters(attributes, parameters, _PARAMETERS)
    take_content(
        attributes,
        ["langfuse.observation.input", "langfuse.trace.input"],
        ["langfuse.observation.output", "langfuse.trace.output"],
    )


def _read_usage(attributes: Attributes) -> None:
    """Usage classes are disjoint in Langfuse: `input` leaves out what was cached, `output` the reasoning.

    OpenAI's own names, which it takes as they are, include them.
    """
    usage = take_object(attributes, "langfuse.observation.usage_details")
    counts = {key: value for key, value in usage.items() if isinstance(value, int) and value >= 0}
    if "input" not in counts:
        read_usage(attributes, usage)
    if not counts:
        return
    read = next((counts[key] for key in _CACHE_READ if key in counts), 0)
    written = next((counts[key] for key in _CACHE_WRITE if key in counts), 0)
    reasoning = next((counts[key] for key in _REASONING if key in counts), 0)
    inputs = counts["input"] + read + written if "input" in counts else None
    outputs = counts["output"] + reasoning if "output" in counts else None
    found = {
        "input": counts.get("prompt_tokens", counts.get("input_tokens")) if inputs is None else inputs,
        "output": counts.get("completion_tokens", counts.get("output_tokens"))
        if outputs is None
        else outputs,
        "read": read or None,
        "written": written or None,
        "reasoning": reasoning or None,
    }
    set_numbers(attributes, found, _USAGE)


_USAGE = {
    "input": gen_ai.USAGE_INPUT_TOKENS,
    "output": gen_ai.USAGE_OUTPUT_TOKENS,
    "read": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "written": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "reasoning": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
}

_PARAMETERS = {
    "temperature": gen_ai.REQUEST_TEMPERATURE,
    "top_p": gen_ai.REQUEST_TOP_P,
    "max_tokens": gen_ai.REQUEST_MAX_TOKENS,
    "max_completion_tokens": gen_ai.REQUEST_MAX_TOKENS,
    "seed": gen_ai.REQUEST_SEED,
    "service_tier": gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
}

LANGFUSE = Dialect(
    name="langfuse",
    prefixes=("langfuse.",),
    renames={
        "langfuse.observation.model.name": gen_ai.RESPONSE_MODEL,
        "langfuse.observation.prompt.name": gen_ai.PROMPT_NAME,
        "langfuse.observation.prompt.version": gen_ai.PROMPT_VERSION,
        "langfuse.session.id": sightline.SESSION_ID,
        "langfuse.user.id": sightline.USER_ID,
        "langfuse.trace.tags": sightline.TAGS,
    },
    kind_attribute="langfuse.observation.type",
    kinds={
        "generation": SpanKind.LLM,
        "embedding": SpanKind.EMBEDDING,
        "agent": SpanKind.AGENT,
        "tool": SpanKind.TOOL,
        "chain": SpanKind.WORKFLOW,
        "retriever": SpanKind.RETRIEVAL,
        "evaluator": SpanKind.EVALUATION,
        "guardrail": SpanKind.GUARDRAIL,
        "span": SpanKind.INTERNAL,
        "event": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
