"""Closed vocabularies of the span model."""

from enum import StrEnum


class SpanKind(StrEnum):
    """What a span did. OpenTelemetry's own span kind (client, server, …) is kept beside it."""

    WORKFLOW = "workflow"
    AGENT = "agent"
    LLM = "llm"
    EMBEDDING = "embedding"
    RETRIEVAL = "retrieval"
    TOOL = "tool"
    GUARDRAIL = "guardrail"
    CACHE = "cache"
    EVALUATION = "evaluation"
    INTERNAL = "internal"


COUNTED_KINDS = frozenset({SpanKind.LLM, SpanKind.EMBEDDING})
"""Kinds whose tokens and cost are their own; other spans repeat what those below them used."""

KIND_OF_OPERATION: dict[str, SpanKind] = {
    "chat": SpanKind.LLM,
    "generate_content": SpanKind.LLM,
    "text_completion": SpanKind.LLM,
    "fetch_response": SpanKind.INTERNAL,
    "embeddings": SpanKind.EMBEDDING,
    "retrieval": SpanKind.RETRIEVAL,
    "search_memory": SpanKind.RETRIEVAL,
    "execute_tool": SpanKind.TOOL,
    "create_agent": SpanKind.AGENT,
    "invoke_agent": SpanKind.AGENT,
    "plan": SpanKind.AGENT,
    "invoke_workflow": SpanKind.WORKFLOW,
    "apply_guardrail": SpanKind.GUARDRAIL,
}
"""`gen_ai.operation.name` → kind, where the operation says it."""


class CostState(StrEnum):
    """How much a cost figure can be believed. `NONE`: the span is not a model call, it has no cost."""

    PRICED = "priced"
    ESTIMATED = "estimated"
    UNPRICED = "unpriced"
    NONE = "none"


class StreamOutcome(StrEnum):
    """How a stream ended."""

    COMPLETE = "complete"
    ABANDONED = "abandoned"
    CUT = "cut"
    ERROR = "error"
    CANCELLED = "cancelled"


class GuardrailOutcome(StrEnum):
    """One guardrail verdict."""

    PASS = "pass"
    WARN = "warn"
    BLOCK = "block"
    ERROR = "error"


class GuardrailStage(StrEnum):
    """Where in the chain a guardrail looked."""

    INPUT = "input"
    OUTPUT = "output"
    TOOL = "tool"


class CacheKind(StrEnum):
    """Which cache in front of the model was asked."""

    PROVIDER = "provider"
    EXACT = "exact"
    SEMANTIC = "semantic"
    GATEWAY = "gateway"
