"""AgentOps: calls under OpenLLMetry's names, and its own for the spans around them.

Source: AgentOps-AI/agentops, `agentops/semconv`, and what version 0.4 sends.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import open_tags, take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import move_missing, set_missing, take_tree
from sightline_semconv.dialects.tool_definitions import tool_definitions
from sightline_semconv.kinds import SpanKind

_KINDS = {
    "session": SpanKind.WORKFLOW,
    "workflow": SpanKind.WORKFLOW,
    "chain": SpanKind.WORKFLOW,
    "agent": SpanKind.AGENT,
    "tool": SpanKind.TOOL,
    "guardrail": SpanKind.GUARDRAIL,
    "task": SpanKind.INTERNAL,
    "operation": SpanKind.INTERNAL,
}
_PRINTED = "agentopsspankindvalues."
"""In front of a kind, where the member of its enumeration is sent."""

_NAMED = {
    SpanKind.TOOL: gen_ai.TOOL_NAME,
    SpanKind.AGENT: gen_ai.AGENT_NAME,
    SpanKind.GUARDRAIL: sightline.GUARDRAIL_NAME,
}
_STEPS = ("entity", "tool", "agent", "task", "operation", "workflow", "session", "guardrail")


def _restructure(attributes: Attributes) -> None:
    kind = attributes.get(sightline.SPAN_KIND)
    name = attributes.get("operation.name")
    if isinstance(kind, str) and kind in _NAMED and isinstance(name, str):
        set_missing(attributes, _NAMED[SpanKind(kind)], name)
    if kind == SpanKind.TOOL and "tool.call.id" in attributes:
        # A call that an answer asks for; its arguments are under the name of a tool's schema.
        move_missing(attributes, "tool.call.id", gen_ai.TOOL_CALL_ID)
        move_missing(attributes, "tool.parameters", gen_ai.TOOL_CALL_ARGUMENTS)
    tools = take_tree(attributes, "gen_ai.request.functions")
    if isinstance(tools, list):
        set_missing(attributes, gen_ai.TOOL_DEFINITIONS, tool_definitions(tools))
    take_content(
        attributes,
        [f"agentops.{step}.input" for step in _STEPS],
        [f"agentops.{step}.output" for step in _STEPS],
    )
    open_tags(attributes)


AGENTOPS = Dialect(
    name="agentops",
    prefixes=("agentops.", "gen_ai.request.functions.0", "gen_ai.streaming."),
    renames={
        "agentops.tags": sightline.TAGS,
        "gen_ai.streaming.time_to_first_token": gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK,
    },
    kind_attribute="agentops.span.kind",
    kinds={**_KINDS, **{_PRINTED + name: kind for name, kind in _KINDS.items()}},
    restructure=_restructure,
)
