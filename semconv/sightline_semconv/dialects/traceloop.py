"""OpenLLMetry (Traceloop). Its `gen_ai.*` leaves are in `otel_legacy`; here is what is under its own names.

Source: traceloop/openllmetry, `opentelemetry-semantic-conventions-ai`.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import name_assistant, take_quoted
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing
from sightline_semconv.dialects.messages import to_messages
from sightline_semconv.kinds import KIND_OF_OPERATION, SpanKind

_REQUEST_KINDS = {
    "chat": SpanKind.LLM,
    "completion": SpanKind.LLM,
    "embedding": SpanKind.EMBEDDING,
    "rerank": SpanKind.RETRIEVAL,
}


_TASK = "execute_task"
"""Of any step of a chain or graph, where others mean one of an agent."""

_NO_ARGUMENTS = ('{"args":[],"kwargs":{}}', '{"args": [], "kwargs": {}}')
"""What went into a function without arguments, as JavaScript and Python write it: nothing."""


def _restructure(attributes: Attributes) -> None:
    request = attributes.get("llm.request.type")
    kind = _REQUEST_KINDS.get(request.lower()) if isinstance(request, str) else None
    if kind is not None and gen_ai.OPERATION_NAME not in attributes:
        set_missing(attributes, sightline.SPAN_KIND, kind.value)
        del attributes["llm.request.type"]
    said = attributes.get(sightline.SPAN_KIND)
    operation = attributes.get(gen_ai.OPERATION_NAME)
    has_meaning = isinstance(operation, str) and operation in KIND_OF_OPERATION and operation != _TASK
    if said == SpanKind.INTERNAL and has_meaning:
        # A "task" can be anything: its operation says more, unless it is the same word.
        said = attributes[sightline.SPAN_KIND] = KIND_OF_OPERATION[str(operation)].value
    name = attributes.get("traceloop.entity.name")
    target = {SpanKind.TOOL.value: gen_ai.TOOL_NAME, SpanKind.AGENT.value: gen_ai.AGENT_NAME}.get(str(said))
    if target and isinstance(name, str):
        set_missing(attributes, target, name)
    name_assistant(attributes)
    if attributes.get("traceloop.entity.input") in _NO_ARGUMENTS:
        del attributes["traceloop.entity.input"]
    take_quoted(attributes, "traceloop.entity.input", "traceloop.entity.output")


RESPONSES_AS_TEXT = frozenset({"@traceloop/instrumentation-openai"})
"""Scopes that make one text of what a call of OpenAI's Responses API was asked, and of what it answered."""


def open_responses(attributes: Attributes) -> None:
    """Make a conversation of a text that holds its items, and no empty answer of one that calls tools."""
    match parse_json(attributes.get(gen_ai.INPUT_MESSAGES)):
        case [{"parts": [{"type": "text", "content": str(text)}]}] if text.startswith("[{"):
            if messages := to_messages(text, role="user"):
                attributes[gen_ai.INPUT_MESSAGES] = dump_json(messages)
    if str(attributes.get(gen_ai.RESPONSE_ID)).startswith("resp_"):
        match parse_json(attributes.get(gen_ai.OUTPUT_MESSAGES)):
            case [{"parts": [{"type": "text", "content": ""}]}]:
                del attributes[gen_ai.OUTPUT_MESSAGES]


TRACELOOP = Dialect(
    name="traceloop",
    prefixes=("traceloop.", "llm.request.", "llm.usage.", "llm.is_streaming"),
    renames={
        "traceloop.workflow.name": gen_ai.WORKFLOW_NAME,
        "traceloop.association.properties.session_id": sightline.SESSION_ID,
        "traceloop.association.properties.user_id": sightline.USER_ID,
        # From the metadata of Vercel's SDK.
        "traceloop.association.properties.sessionId": sightline.SESSION_ID,
        "traceloop.association.properties.userId": sightline.USER_ID,
        "traceloop.prompt.key": gen_ai.PROMPT_NAME,
        "traceloop.prompt.version": gen_ai.PROMPT_VERSION,
        "llm.usage.reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
        "llm.response.finish_reason": gen_ai.RESPONSE_FINISH_REASONS,
        "llm.response.stop_reason": gen_ai.RESPONSE_FINISH_REASONS,
        "llm.is_streaming": gen_ai.REQUEST_STREAM,
        "llm.user": sightline.USER_ID,
        "llm.frequency_penalty": gen_ai.REQUEST_FREQUENCY_PENALTY,
        "llm.presence_penalty": gen_ai.REQUEST_PRESENCE_PENALTY,
        "llm.chat.stop_sequences": gen_ai.REQUEST_STOP_SEQUENCES,
    },
    kind_attribute="traceloop.span.kind",
    kinds={
        "workflow": SpanKind.WORKFLOW,
        "task": SpanKind.INTERNAL,
        "agent": SpanKind.AGENT,
        "tool": SpanKind.TOOL,
    },
    restructure=_restructure,
)
