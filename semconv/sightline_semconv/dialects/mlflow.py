"""MLflow tracing over OTLP. Every value of its own is JSON, texts included.

Source: mlflow/mlflow, `tracing/constant.py`.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import set_numbers, take_object, take_quoted
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import set_missing, unquote
from sightline_semconv.kinds import SpanKind

_KINDS = {
    "chat_model": SpanKind.LLM,
    "llm": SpanKind.LLM,
    "embedding": SpanKind.EMBEDDING,
    "retriever": SpanKind.RETRIEVAL,
    "reranker": SpanKind.RETRIEVAL,
    "tool": SpanKind.TOOL,
    "agent": SpanKind.AGENT,
    "chain": SpanKind.WORKFLOW,
    "workflow": SpanKind.WORKFLOW,
    "task": SpanKind.INTERNAL,
    "parser": SpanKind.INTERNAL,
    "memory": SpanKind.INTERNAL,
    "guardrail": SpanKind.GUARDRAIL,
    "evaluator": SpanKind.EVALUATION,
    "unknown": SpanKind.INTERNAL,
}

_TEXTS = {
    "mlflow.llm.model": gen_ai.RESPONSE_MODEL,
    "mlflow.llm.provider": gen_ai.PROVIDER_NAME,
    "mlflow.trace.session": sightline.SESSION_ID,
    "mlflow.trace.user": sightline.USER_ID,
    "mlflow.chat.tools": gen_ai.TOOL_DEFINITIONS,
}


def _restructure(attributes: Attributes) -> None:
    kind = unquote(attributes.get("mlflow.spanType"))
    if isinstance(kind, str) and kind.lower() in _KINDS:
        del attributes["mlflow.spanType"]
        attributes.setdefault(sightline.SPAN_KIND, _KINDS[kind.lower()].value)
    for name, target in _TEXTS.items():
        value = unquote(attributes.get(name))
        if isinstance(value, str) and value and attributes.get(target) in (None, "", value):
            del attributes[name]
            attributes[target] = value
    cost = take_object(attributes, "mlflow.llm.cost").get("total_cost")
    if isinstance(cost, int | float):
        set_missing(attributes, sightline.EMITTER_COST_USD, cost)
    take_quoted(attributes, "mlflow.spanInputs", "mlflow.spanOutputs")
    # After the answer: of Anthropic's API these leave out what was cached, and the answer says it all.
    usage = take_object(attributes, "mlflow.chat.tokenUsage")
    set_numbers(attributes, usage, _USAGE)


_USAGE = {
    "input_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "output_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "cache_read_input_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cache_creation_input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
}

MLFLOW = Dialect(name="mlflow", prefixes=("mlflow.",), restructure=_restructure)
