"""Datadog's LLM Observability over OTLP: GenAI names for counts, and content in one object as MessagePack.

Source: DataDog/dd-trace-py, `ddtrace/llmobs`, and what version 4.16 sends.
"""

from base64 import b64decode
from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing
from sightline_semconv.dialects.message_pack import MessagePack
from sightline_semconv.dialects.tool_definitions import tool_definitions
from sightline_semconv.kinds import SpanKind

_OBJECT, _INPUT, _OUTPUT = "_llmobs", "_llmobs.input", "_llmobs.output"

_KINDS = {
    "llm": SpanKind.LLM,
    "embedding": SpanKind.EMBEDDING,
    "retrieval": SpanKind.RETRIEVAL,
    "tool": SpanKind.TOOL,
    "agent": SpanKind.AGENT,
    "workflow": SpanKind.WORKFLOW,
    "task": SpanKind.INTERNAL,
    "experiment": SpanKind.WORKFLOW,
}
_NAMED = {SpanKind.TOOL: gen_ai.TOOL_NAME, SpanKind.AGENT: gen_ai.AGENT_NAME}


def _restructure(attributes: Attributes) -> None:
    """Content goes to its place; what else the object says stays, as JSON."""
    said = _unpacked(attributes.get(_OBJECT))
    meta = said.get("meta")
    if not isinstance(meta, dict):
        return
    span = meta.get("span")
    kind = _KINDS.get(str(span.get("kind"))) if isinstance(span, dict) else None
    if kind is not None:
        set_missing(attributes, sightline.SPAN_KIND, kind.value)
        if kind in _NAMED and isinstance(said.get("name"), str):
            set_missing(attributes, _NAMED[kind], said["name"])
    for name, side in ((_INPUT, meta.pop("input", None)), (_OUTPUT, meta.pop("output", None))):
        content = _content(side) if isinstance(side, dict) else None
        if content not in (None, ""):
            attributes[name] = content if isinstance(content, str) else dump_json(content)
    take_content(attributes, [_INPUT], [_OUTPUT])
    metadata, metrics = meta.get("metadata"), said.get("metrics")
    if isinstance(metadata, dict) and isinstance(metadata.get("finish_reason"), str):
        set_missing(attributes, gen_ai.RESPONSE_FINISH_REASONS, [metadata["finish_reason"]])
    if isinstance(metrics, dict) and isinstance(metrics.get("time_to_first_token"), float):  # seconds
        set_missing(attributes, gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK, metrics["time_to_first_token"])
    if isinstance(meta.get("tool_definitions"), list):
        tools = [_renamed(tool, "schema", "parameters") for tool in meta["tool_definitions"]]
        set_missing(attributes, gen_ai.TOOL_DEFINITIONS, tool_definitions(tools))
    attributes[_OBJECT] = dump_json(said)


def _content(side: dict[str, Any]) -> Any:
    if isinstance(side.get("messages"), list):
        return [spoken for message in side["messages"] for spoken in _messages(message)]
    if isinstance(side.get("documents"), list):
        return [_renamed(document, "text", "content") for document in side["documents"]]
    return side.get("value")


def _messages(message: Any) -> list[Any]:
    """What tools answered stands in one message, and what OpenAI's models thought has a role of its own."""
    match message:
        case {"tool_results": list(results)}:
            shown = [result for result in results if isinstance(result, dict)]
            return [
                {"role": "tool", "tool_call_id": result.get("tool_id"), "content": result.get("result")}
                for result in shown
            ]
        case {"role": "reasoning", "content": content}:
            thought = parse_json(content)
            part = thought if isinstance(thought, dict) else {"text": content}
            return [{"role": "assistant", "content": [{**part, "type": "reasoning"}]}]
    return [message]


def _renamed(value: Any, name: str, target: str) -> Any:
    if not isinstance(value, dict):
        return value
    return {target if key == name else key: inner for key, inner in value.items()}


def _unpacked(value: Any) -> dict[str, Any]:
    """Return the object inside; {} when it is none, or has been opened already."""
    if not isinstance(value, str) or value.startswith("{"):
        return {}
    try:
        found = MessagePack(b64decode(value, validate=True)).read()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


DATADOG = Dialect(
    name="datadog",
    prefixes=("_llmobs", "_dd.llmobs."),
    renames={"gen_ai.usage.reasoning_output_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS},
    restructure=_restructure,
)
