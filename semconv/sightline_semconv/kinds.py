"""Closed vocabularies of the span model."""

from enum import StrEnum


class SpanKind(StrEnum):
    """What a span did. OpenTelemetry's own span kind (client, server, …) is kept beside it."""

    WORKFLOW = "workflow"  # groups steps
    AGENT = "agent"
    LLM = "llm"  # a call of a chat or completion model
    EMBEDDING = "embedding"
    RETRIEVAL = "retrieval"  # a search for documents, or their ranking
    TOOL = "tool"
    GUARDRAIL = "guardrail"  # a check of what goes in, comes out, or is done
    CACHE = "cache"  # a look-up in a cache in front of the model
    EVALUATION = "evaluation"
    INTERNAL = "internal"  # any other step


COUNTED_KINDS = frozenset({SpanKind.LLM, SpanKind.EMBEDDING})
"""Kinds whose tokens and cost are their own; other spans repeat what those below them used."""


def kind_of_model(name: object) -> SpanKind:
    """Return what a call of a model of this name is, where nothing else tells."""
    return SpanKind.EMBEDDING if "embed" in str(name).lower() else SpanKind.LLM


KIND_OF_OPERATION: dict[str, SpanKind] = {
    "chat": SpanKind.LLM,
    "generate_content": SpanKind.LLM,
    "text_completion": SpanKind.LLM,
    "fetch_response": SpanKind.INTERNAL,
    "embeddings": SpanKind.EMBEDDING,
    "rerank": SpanKind.RETRIEVAL,  # Vercel AI SDK 7, Sentry
    "retrieval": SpanKind.RETRIEVAL,
    "search_memory": SpanKind.RETRIEVAL,
    "vector_db_retrieve": SpanKind.RETRIEVAL,  # OpenLLMetry
    "execute_tool": SpanKind.TOOL,
    "create_agent": SpanKind.AGENT,
    "invoke_agent": SpanKind.AGENT,
    "plan": SpanKind.AGENT,
    "invoke_workflow": SpanKind.WORKFLOW,
    "apply_guardrail": SpanKind.GUARDRAIL,
    "run_guardrail": SpanKind.GUARDRAIL,
    # OpenLIT's, whose spans of agents and steps name a model and sum what the calls below them used.
    "agent": SpanKind.AGENT,
    "team": SpanKind.AGENT,
    "execute_task": SpanKind.AGENT,
    "workflow": SpanKind.WORKFLOW,
    "framework": SpanKind.WORKFLOW,
    "graph_execution": SpanKind.WORKFLOW,
    "model_request": SpanKind.INTERNAL,
    "user_prompt_processing": SpanKind.INTERNAL,
    "tool_coordination": SpanKind.INTERNAL,
    "vectordb": SpanKind.INTERNAL,
    "retrieve": SpanKind.RETRIEVAL,
    # Gemini CLI's, where they are in no list of the conventions. What a call used is in its events
    # (`agent_events`), and in its spans only where these are asked for.
    "llm_call": SpanKind.INTERNAL,
    "tool_call": SpanKind.TOOL,
    "agent_call": SpanKind.AGENT,
    # Datadog's.
    "llm": SpanKind.LLM,
    "tool": SpanKind.TOOL,
    # LiteLLM's types of calls, where they are not called `chat`.
    "acompletion": SpanKind.LLM,
    "responses": SpanKind.LLM,
    "aresponses": SpanKind.LLM,
    "anthropic_messages": SpanKind.LLM,
    "aembedding": SpanKind.EMBEDDING,
    "arerank": SpanKind.RETRIEVAL,
    "moderation": SpanKind.GUARDRAIL,
    "amoderation": SpanKind.GUARDRAIL,
    "embedding": SpanKind.EMBEDDING,
}
"""`gen_ai.operation.name` → kind, where the operation says it."""


class CostState(StrEnum):
    """How much a cost figure can be believed."""

    PRICED = "priced"  # reported tokens at a price that is known
    ESTIMATED = "estimated"  # tokens that we counted, or a price that is a guess
    UNPRICED = "unpriced"  # nobody knows: never to be shown as zero
    NONE = "none"  # the span is no model call: there is nothing to pay


class StreamOutcome(StrEnum):
    """How a stream ended."""

    COMPLETE = "complete"
    ABANDONED = "abandoned"  # the app stopped reading before the end
    CUT = "cut"  # it broke off on the way
    ERROR = "error"  # the provider reported an error in it
    CANCELLED = "cancelled"  # the task that read it was cancelled


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

    PROVIDER = "provider"  # the provider's own prompt cache
    EXACT = "exact"  # the app's, for the very same request
    SEMANTIC = "semantic"  # the app's, for requests that are alike
    GATEWAY = "gateway"  # that of a gateway on the way
