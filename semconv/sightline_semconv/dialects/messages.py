"""Messages of every provider and framework → the GenAI shape `[{"role", "parts": [{"type", …}]}]`.

Source of the target: open-telemetry/semantic-conventions-genai, message schemas (November 2026). Converting
twice equals converting once. What is not understood is kept as a `generic` part, never dropped.
"""

from base64 import b64encode
from typing import Any
from urllib.parse import unquote_to_bytes

from sightline_semconv.dialects.flattened import parse_json

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
        return _with_calls([_part(part, value) for part in value["parts"]], value)
    if _type(value) in _ITEMS and value.get("content") is None:
        return [_part(value, value)]
    parts: list[dict[str, Any]] = []
    reasoning = value.get("reasoning_content") or value.get("reasoning")
    if isinstance(reasoning, str):
        parts.append({"type": "reasoning", "content": reasoning})
    content = value.get("contents") if value.get("content") is None else value.get("content")
    call_id = value.get("tool_call_id") or value.get("toolCallId")
    if role == "tool" and (call_id or isinstance(content, str)):
        return [_tool_response(call_id, content if content is not None else value.get("output"))]
    parts.extend(_content_parts(content, value))
    if isinstance(value.get("refusal"), str) and value["refusal"]:
        parts.append({"type": "text", "content": value["refusal"]})
    return _with_calls(parts, value)


def _with_calls(parts: list[dict[str, Any]], message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts with the calls, and the id of a tool's call, that stand beside them (LiteLLM)."""
    identity = message.get("tool_call_id")
    if identity and len(parts) == 1 and parts[0].get("type") == "text" and "parts" in message:
        return [_tool_response(identity, parts[0].get("content"))]
    for call in _calls(message):
        part = _part(call, message)
        if part not in parts:
            parts.append(part)
    return parts


def _content_parts(content: Any, message: dict[str, Any]) -> list[dict[str, Any]]:
    if content is None or content == "":
        return []
    if isinstance(content, list):
        return [_part(item, message) for item in content]
    return [_part(content, message)]


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


def _part(part: Any, message: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(part, dict):
        return {"type": "text", "content": part if isinstance(part, str) else str(part)}
    if isinstance(part.get("tool_call"), dict):  # OpenInference's, beside a content that only says "tool_use"
        part = {"type": "function", **part["tool_call"]}
    elif isinstance(part.get("message_content"), dict):
        part = part["message_content"]
    kind = part.get("type")
    match kind:
        case "text" | "input_text" | "output_text" | "refusal":
            return {
                "type": "text",
                "content": _text(part.get("content", part.get("text", part.get("refusal")))),
            }
        case "reasoning" | "thinking":
            return {"type": "reasoning", "content": _reasoning_text(part)}
        case "tool_call" | "function" | "function_call" | "tool_use" | "tool-call":
            return _tool_call(part)
        case "tool_call_response" | "tool_result" | "tool-result" | "function_call_output" | "tool-return":
            identity = part.get("id") if kind == "tool_call_response" else None
            identity = identity or part.get("tool_use_id") or part.get("toolCallId") or part.get("call_id")
            keys = ("response", "result", "output", "content")
            response = next((part[key] for key in keys if key in part), None)
            if kind == "tool-result" and isinstance(response, dict) and "value" in response:
                response = response["value"]  # Vercel's SDK says what type it is
            return _tool_response(identity, response)
        case (
            "image_url"
            | "input_image"
            | "image"
            | "input_audio"
            | "audio"
            | "file"
            | "input_file"
            | "document"
        ):
            return _media(part)
        case "uri" if str(part.get("uri")).startswith("data:"):
            return _media({**part, "type": part.get("modality") or ""})
        case None if (converse := _converse_part(part)) is not None:
            return converse
        case None if (gemini := _gemini_part(part)) is not None:
            return gemini
        case None if isinstance(part.get("text"), str):
            return {"type": "text", "content": part["text"]}
        case None if isinstance(part.get("content"), str):
            return {"type": "text", "content": part["content"]}
    return part if isinstance(kind, str) and kind else _generic(part, "")


def _converse_part(part: dict[str, Any]) -> dict[str, Any] | None:
    """A content block of Bedrock's Converse API: what it is, is the name of its only field."""
    for name in ("toolUse", "toolResult", "image", "document"):
        block = part.get(name)
        if not isinstance(block, dict):
            continue
        if name == "toolUse":
            return _tool_call({**block, "id": block.get("toolUseId")})
        if name == "toolResult":
            return _tool_response(block.get("toolUseId"), block.get("content"))
        if isinstance(source := block.get("source"), dict):
            location = source.get("s3Location")
            uri = location.get("uri") if isinstance(location, dict) else None
            mime = f"image/{block.get('format')}" if name == "image" else None
            return _media(
                {"type": name, "source": {"data": source.get("bytes"), "uri": uri, "media_type": mime}}
            )
    return None


def _gemini_part(part: dict[str, Any]) -> dict[str, Any] | None:
    """A part of Gemini's API, whose field says what it is; clients in Python spell it in their own way."""
    if part.get("thought") is True and isinstance(part.get("text"), str):
        return {"type": "reasoning", "content": part["text"]}
    if isinstance(call := part.get("functionCall", part.get("function_call")), dict):
        return _tool_call(call)
    if isinstance(answer := part.get("functionResponse", part.get("function_response")), dict):
        return _tool_response(answer.get("id"), answer.get("response"))
    data = part.get("inlineData") or part.get("inline_data")
    if isinstance(data, dict):
        mime = data.get("mimeType") or data.get("mime_type") or ""
        return _media(
            {"type": "", "media_type": mime, "source": {"data": data.get("data"), "media_type": mime}}
        )
    return None


def _text(content: Any) -> str:
    """Texts of a list stand below each other, as they do for the model."""
    if isinstance(content, list) and all(isinstance(item, dict) and "text" in item for item in content):
        return "\n".join(str(item["text"]) for item in content)
    return content if isinstance(content, str) else "" if content is None else str(content)


def _reasoning_text(part: dict[str, Any]) -> str:
    for key in ("content", "text", "thinking", "reasoning"):
        text = part.get(key)
        if isinstance(text, str):
            # OpenLLMetry writes the summaries of OpenAI's Responses API as JSON.
            summary = parse_json(text) if "summary_text" in text else text
            return _summary(summary) if isinstance(summary, list) else text
    return _summary(part.get("summary"))


def _summary(items: Any) -> str:
    if not isinstance(items, list):
        return ""
    return "\n".join(str(item.get("text", "")) for item in items if isinstance(item, dict))


def _tool_call(part: dict[str, Any]) -> dict[str, Any]:
    function = part.get("function")
    source = function if isinstance(function, dict) else part
    call: dict[str, Any] = {"type": "tool_call"}
    names = ("call_id", "toolCallId", "id", "tool_call_id", "tool_id")  # the last is Datadog's
    identity = next((part[name] for name in names if part.get(name)), None)
    if identity:
        call["id"] = str(identity)
    call["name"] = str(source.get("name") or source.get("toolName") or "")
    keys = ("arguments", "input", "args", "parameters")
    arguments = next((source[key] for key in keys if source.get(key) is not None), None)
    call["arguments"] = parse_json(arguments)
    return call


def _tool_response(identity: Any, response: Any) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "tool_call_response"}
    if identity:
        part["id"] = str(identity)
    part["response"] = parse_json(response)
    return part


def _media(part: dict[str, Any]) -> dict[str, Any]:
    kind = str(part["type"])
    if kind == "file" and "modality" in part:
        return part
    said = f"{kind} {part.get('mediaType') or part.get('media_type') or part.get('mime_type') or ''}"
    modality = "audio" if "audio" in said else "image" if "image" in said else "document"
    if part.get("file_id"):
        return {"type": "file", "modality": modality, "file_id": str(part["file_id"])}
    holder = part.get("image_url") or part.get("input_audio") or part.get("audio") or part.get("image")
    holder = holder or part.get("source") or part.get("file") or part
    if isinstance(holder, dict):
        inner = holder.get("image")
        holder = inner if isinstance(inner, dict) else holder
        uri = holder.get("url") or holder.get("uri") or holder.get("file_url")
        data = holder.get("data") or holder.get("file_data")
        mime = holder.get("media_type") or holder.get("mime_type") or holder.get("mediaType")
    else:
        uri, data, mime = str(holder), None, None
    found: dict[str, Any]
    if isinstance(uri, str) and not uri.startswith("data:"):
        found = {"type": "uri", "modality": modality, "uri": uri}
    elif isinstance(uri, str):
        head, _, data = uri[5:].partition(",")
        mime, *options = head.split(";")
        if "base64" not in options:
            data = b64encode(unquote_to_bytes(data)).decode()
        found = {"type": "blob", "modality": modality, "content": data}
    elif data is not None:
        found = {"type": "blob", "modality": modality, "content": str(data)}
    else:
        return _generic(part, kind)
    if isinstance(mime, str) and mime:
        found["mime_type"] = mime
    return found


def _generic(part: dict[str, Any], kind: str) -> dict[str, Any]:
    return {**part, "type": "generic", "generic_type": kind}
