"""Messages in events: OpenTelemetry's per-message events up to 1.36, as logs, span events or JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from sightline_semconv.dialects.flattened import as_text, parse_json
from sightline_semconv.dialects.messages import text_message, to_message, to_messages

_ROLE_OF_EVENT = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
CHOICE_EVENT = "gen_ai.choice"
"""What the model answered."""
_WHOLE_PROMPT, _WHOLE_COMPLETION = "gen_ai.content.prompt", "gen_ai.content.completion"

MESSAGE_EVENTS = frozenset({*_ROLE_OF_EVENT, CHOICE_EVENT, _WHOLE_PROMPT, _WHOLE_COMPLETION})
"""Names of the events that `messages_of_events` reads."""


def messages_of_events(
    events: Iterable[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return input and output messages in the order of the events; what is no message is passed over.

    An event is a mapping with its body's fields and its name under `event.name`.
    """
    inputs: list[dict[str, Any]] = []
    outputs: list[dict[str, Any]] = []
    for event in events:
        name = event.get("event.name")
        if not isinstance(name, str):
            continue
        if name in _ROLE_OF_EVENT:
            inputs += _message(event, _ROLE_OF_EVENT[name])
        elif name == CHOICE_EVENT:
            outputs += _choice(event)
        elif name == _WHOLE_PROMPT:
            inputs += _whole(event.get("gen_ai.prompt"), "user")
        elif name == _WHOLE_COMPLETION:
            outputs += _whole(event.get("gen_ai.completion"), "assistant")
    return inputs, outputs


def only_content(messages: list[dict[str, Any]]) -> str | None:
    """Return the text, or JSON, that is all there is in a conversation; None where there is more.

    What Strands Agents gives a tool, and gets from it, is an event for a message as any other.
    """
    match messages:
        case [{"parts": [{"type": "tool_call_response", "response": content}]}]:
            return as_text(content)
        case [{"parts": [{"type": "text", "content": str(content)}]}]:
            return content
    return None


def _message(event: Mapping[str, Any], role: str) -> list[dict[str, Any]]:
    fields = {key: parse_json(value) for key, value in event.items() if key != "event.name"}
    fields.setdefault("role", role)
    if role == "tool" and "tool_call_id" not in fields and "id" in fields:
        fields["tool_call_id"] = fields["id"]
    return _recorded(fields, to_message(fields, role))


def _choice(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    inner = parse_json(event.get("message"))
    fields = (
        inner
        if isinstance(inner, dict)
        else {"content": inner if inner is not None else event.get("content")}
    )
    if "tool_calls" in event and "tool_calls" not in fields:
        fields = {**fields, "tool_calls": parse_json(event["tool_calls"])}
    message = to_message({"role": "assistant", **fields}, "assistant")
    reason = event.get("finish_reason")
    if isinstance(reason, str) and reason:
        message["finish_reason"] = reason
    return _recorded(fields, message)


def _recorded(fields: Mapping[str, Any], message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return no message when the body has no content: by default none is recorded, which is no empty one."""
    return [message] if message["parts"] or fields.get("content") is not None else []


def _whole(value: Any, role: str) -> list[dict[str, Any]]:
    if value in (None, ""):
        return []
    return to_messages(value, role=role) or text_message(role, str(value))
