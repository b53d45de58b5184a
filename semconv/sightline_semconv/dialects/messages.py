"""Messages of every provider and framework → the GenAI shape `[{"role", "parts": [{"type", …}]}]`.

Source of the target: open-telemetry/semantic-conventions-genai, message schemas (November 2026). Converting
twice equals converting once. What is not understood is kept as a `generic` part, never dropped.
"""

from typing import Any

from sightline_semconv.dialects.flattened import parse_json
from sightline_semconv.dialects.message_parts import to_part, tool_response

_ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "developer": "system",
    "function": "tool",
    "tool-call": "assistant",
    "tool-response": "tool",
    "HumanMessage": "user",
    "HumanMessageChunk": "user",
    "AIMessage": "assistant",
    "AIMessageChunk": "assistant",
    "SystemMessage": "system",
    "ToolMessage": "tool",
    "FunctionMessage": "tool",
}

_ITEMS = frozenset({"function_call", "function_call_output", "reasoning"})
"""Types of items of OpenAI's Responses API that stand beside messages."""

_LIST_KEYS = (
    "messages",
    "input_messages",
    "output_messages",
    "prompt",
    "input",
    "contents",
    "output",
    "generations",
)


def to_messages(value: Any, *, role: str) -> list[dict[str, Any]] | None:
    """Return messages, or None when the value does not look like a conversation.

    `value` may be JSON text, one message, a list of messages, or an object that holds them under a usual
    key. `role` is taken for messages that do not say theirs.
    """
    value = parse_json(value)
    if isinstance(value, dict):
        if _is_message(value) or _is_only_calls(value):
            return [to_message(value, role)]
        if isinstance(value.get("choices"), list):
            return _choices(value["choices"])
        for key in _LIST_KEYS:
            found = to_messages(value[key], role=role) if isinstance(value.get(key), list | dict) else None
            if found:
                return found
        if isinstance(value.get("input"), str) and ("model" in value or "instructions" in value):
            return text_message(role, value["input"])  # a request to OpenAI's Responses API
        if isinstance(value.get("prompt"), str) and "model" in value:
            return text_message(role, value["prompt"])  # one to an API of completions
        return None
    if isinstance(value, list):
        flat = value[0] if len(value) == 1 and isinstance(value[0], list) else value
        if flat and all(isinstance(item, dict) and _is_message(item) for item in flat):
            return [to_message(item, role) for item in flat]
    return None


def message_list(items: list[Any], *, role: str) -> list[dict[str, Any]]:
    """Return the messages that a list is known to hold, also those that lack what others have.

    Of one with neither a part nor a reason why it ends there is nothing to say.
    """
    found = (to_message(item if isinstance(item, dict) else {"content": item}, role) for item in items)
    return [message for message in found if message["parts"] or "finish_reason" in message]


def text_message(role: str, text: str) -> list[dict[str, Any]]:
    """Return a conversation of one text."""
    return [{"role": role, "parts": [{"type": "text", "content": text}]}]


def _is_message(value: dict[str, Any]) -> bool:
    if "role" in value:
        return any(key in value for key in ("content", "parts", "tool_calls", "contents", "function_call"))
    if "message" in value and isinstance(value["message"], dict):
        return _is_message(value["message"])
    if isinstance(value.get("kwargs"), dict) and isinstance(value.get("id"), list):
        return True
    if _type(value) in _ITEMS:
        return True
    return _type(value) in _ROLES and "content" in value


def _is_only_calls(value: dict[str, Any]) -> bool:
    """An answer that calls tools, from which Langfuse's SDK for JavaScript made what came in a stream."""
    return isinstance(value.get("tool_calls"), list) and value.keys() <= {"tool_calls", "content"}


def _type(value: dict[str, Any]) -> str:
    kind = value.get("type")
    return kind if isinstance(kind, str) else ""


def _choices(choices: list[Any]) -> list[dict[str, Any]]:
    messages = []
    for choice in choices:
        if isinstance(choice, dict):
            inner = choice.get("message")
            message = to_message(
                inner if isinstance(inner, dict) else {"content": choice.get("text")}, "assistant"
            )
            if isinstance(choice.get("finish_reason"), str):
                message["finish_reason"] = choice["finish_reason"]
            messages.append(message)
    return messages


def to_message(value: dict[str, Any], default_role: str) -> dict[str, Any]:
    """Return one message in the GenAI shape."""
    if isinstance(value.get("message"), dict) and "role" not in value:
        value = {**value["message"], **{k: v for k, v in value.items() if k == "finish_reason"}}
    if isinstance(value.get("kwargs"), dict) and isinstance(value.get("id"), list):
        value = {"role": str(value["id"][-1]) if value["id"] else default_role, **value["kwargs"]}
    named = value.get("role") or (_type(value) if _type(value) in _ROLES else None)
    role = str(named) if named else _role_of_item(value, default_role)
    role = _ROLES.get(role, role)
    message: dict[str, Any] = {"role": role, "parts": _parts(value, role)}
    for key in ("name", "finish_reason"):
        if isinstance(value.get(key), str) and value[key] and value.get("type") != "function_call":
            message[key] = value[key]
    return message


def _role_of_item(value: dict[str, Any], default_role: str) -> str:
    """Items of OpenAI's Responses API have a type in place of a role."""
    match value.get("type"):
        case "function_call" | "reasoning":
            return "assistant"
        case "function_call_output":
            return "tool"
    return default_role


def _parts(value: dict[str, Any], role: str) -> list[dict[str, Any]]:
    if isinstance(value.get("parts"), list):
        return _with_calls([to_part(part) for part in value["parts"]], value)
    if _type(value) in _ITEMS and value.get("content") is None:
        return [to_part(value)]
    parts: list[dict[str, Any]] = []
    reasoning = value.get("reasoning_content") or value.get("reasoning")
    if isinstance(reasoning, str):
        parts.append({"type": "reasoning", "content": reasoning})
    content = value.get("contents") if value.get("content") is None else value.get("content")
    call_id = value.get("tool_call_id") or value.get("toolCallId")
    if role == "tool" and (call_id or isinstance(content, str)):
        return [tool_response(call_id, content if content is not None else value.get("output"))]
    parts.extend(_content_parts(content))
    if isinstance(value.get("refusal"), str) and value["refusal"]:
        parts.append({"type": "text", "content": value["refusal"]})
    return _with_calls(parts, value)


def _with_calls(parts: list[dict[str, Any]], message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts with the calls, and the id of a tool's call, that stand beside them (LiteLLM)."""
    identity = message.get("tool_call_id")
    if identity and len(parts) == 1 and parts[0].get("type") == "text" and "parts" in message:
        return [tool_response(identity, parts[0].get("content"))]
    for call in _calls(message):
        part = to_part(call)
        if part not in parts and not _is_empty_call(part):
            parts.append(part)
    return parts


def _is_empty_call(part: dict[str, Any]) -> bool:
    """OpenInference's processor for Vercel's SDK adds a call without anything to messages that have none."""
    return part.get("type") == "tool_call" and not (
        part.get("id") or part.get("name") or part.get("arguments")
    )


def _content_parts(content: Any) -> list[dict[str, Any]]:
    if content is None or content == "":
        return []
    if isinstance(content, list):
        return [part for part in map(to_part, content) if not _is_empty_call(part)]
    return [to_part(content)]


def _calls(value: dict[str, Any]) -> list[Any]:
    calls = value.get("tool_calls") or value.get("toolCalls") or []
    calls = list(calls) if isinstance(calls, list) else [calls]
    if isinstance(value.get("function_call"), dict):
        calls.append({"type": "function", "function": value["function_call"]})
    if isinstance(value.get("function_call_name"), str):  # OpenInference's
        arguments = value.get("function_call_arguments_json")
        calls.append({"type": "function", "name": value["function_call_name"], "arguments": arguments})
    return [
        {**call, "type": "function"} if _is_bare_call(call) else call
        for call in calls
        if isinstance(call, dict)
    ]


def _is_bare_call(call: dict[str, Any]) -> bool:
    kind = call.get("type")
    return "tool_call" not in call and (kind is None or (kind == "tool_call" and "function" not in call))
