"""VoltAgent: agents, workflows and what they do, under plain names of its own.

Source: VoltAgent/voltagent, `packages/core/src/agent/open-telemetry` and `packages/core/src/workflow`.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import is_model_call, set_numbers, take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import dump_json, move_missing, set_missing
from sightline_semconv.kinds import GuardrailOutcome, SpanKind

_ENTITIES = {"agent": SpanKind.AGENT, "workflow": SpanKind.WORKFLOW}


def _restructure(attributes: Attributes) -> None:
    """Everyone's words (`input`, `conversation.id`) are read on spans of an agent or a workflow alone."""
    entity = attributes.get("entity.type")
    kind = _ENTITIES.get(entity) if isinstance(entity, str) else None
    if kind is None:
        return
    if "span.type" not in attributes:
        set_missing(attributes, sightline.SPAN_KIND, kind.value)
    move_missing(attributes, "conversation.id", sightline.SESSION_ID)
    move_missing(attributes, "tool.call.id", gen_ai.TOOL_CALL_ID)
    name = gen_ai.AGENT_NAME if kind == SpanKind.AGENT else gen_ai.WORKFLOW_NAME
    set_missing(attributes, name, attributes.get("entity.name"))
    instructions = attributes.get("agent.instructions")
    if isinstance(instructions, str):
        said = dump_json([{"type": "text", "content": instructions}])
        set_missing(attributes, gen_ai.SYSTEM_INSTRUCTIONS, said)
    if is_model_call(attributes):
        for given, canonical in _ASKED.items():
            move_missing(attributes, given, canonical)
        set_numbers(attributes, attributes, _counts("llm.usage"))
    elif attributes.get(sightline.SPAN_KIND) == SpanKind.GUARDRAIL:
        _read_verdict(attributes)
    else:
        set_numbers(attributes, attributes, _counts("usage"))  # of an agent: the sum of its calls
    take_content(attributes, ["llm.messages", "input"], ["output"])


def _counts(stem: str) -> dict[str, str]:
    return {f"{stem}.{name}": canonical for name, canonical in _USAGE.items()}


def _read_verdict(attributes: Attributes) -> None:
    """What it did says more than whether it let pass."""
    move_missing(attributes, "guardrail.name", sightline.GUARDRAIL_NAME)
    stage = attributes.get("guardrail.direction")
    if stage in ("input", "output"):
        set_missing(attributes, sightline.GUARDRAIL_STAGE, stage)
    passed = attributes.get("guardrail.pass")
    outcome = _ACTIONS.get(str(attributes.get("guardrail.action")))
    if outcome is None and isinstance(passed, bool):
        outcome = GuardrailOutcome.PASS if passed else GuardrailOutcome.BLOCK
    set_missing(attributes, sightline.GUARDRAIL_OUTCOME, outcome.value if outcome else None)


_ACTIONS = {
    "allow": GuardrailOutcome.PASS,
    "modify": GuardrailOutcome.WARN,
    "block": GuardrailOutcome.BLOCK,
}

_ASKED = {
    "llm.model": gen_ai.REQUEST_MODEL,
    "llm.stream": gen_ai.REQUEST_STREAM,
    "llm.temperature": gen_ai.REQUEST_TEMPERATURE,
    "llm.top_p": gen_ai.REQUEST_TOP_P,
    "llm.max_output_tokens": gen_ai.REQUEST_MAX_TOKENS,
}

_USAGE = {
    "prompt_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "completion_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
}

VOLTAGENT = Dialect(
    name="voltagent",
    prefixes=("voltagent.", "llm.operation", "llm.messages.count", "memory.operation", "span.label"),
    kind_attribute="span.type",
    kinds={
        "llm": SpanKind.LLM,
        "tool": SpanKind.TOOL,
        "agent": SpanKind.AGENT,
        "retriever": SpanKind.RETRIEVAL,
        "guardrail": SpanKind.GUARDRAIL,
        "scorer": SpanKind.EVALUATION,
        "memory": SpanKind.INTERNAL,
        "workflow-step": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
