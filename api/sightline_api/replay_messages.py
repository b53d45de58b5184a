"""Recorded messages (GenAI parts) as the messages of OpenAI's APIs."""

from typing import Any

import orjson

from sightline_core.errors import Conflict

Json = dict[str, Any]


def chat_messages(messages: list[Json], missing: list[str]) -> list[Json]:
    """Return `messages` of chat completions; every tool result is a message of its own."""
    found: list[Json] = []
    for message in messages:
        parts = _parts(message)
        results = [part for part in parts if part.get("type") == "tool_call_response"]
        found += [
            {"role": "tool", "tool_call_id": _text(part.get("id")), "content": _as_text(part.get("response"))}
            for part in results
        ]
        if results and len(results) == len(parts):
            continue
        found.append(_chat_message(message, parts, missing))
    return found


def _chat_message(message: Json, parts: list[Json], missing: list[str]) -> Json:
    whole: Json = {"role": _text(message.get("role")) or "user"}
    if message.get("name"):
        whole["name"] = _text(message["name"])
    calls = [part for part in parts if part.get("type") == "tool_call"]
    told = [part for part in parts if part.get("type") not in ("tool_call", "tool_call_response")]
    content = [shown for part in told if (shown := _chat_part(part, missing)) is not None]
    if len(content) == 1 and content[0].get("type") == "text":
        whole["content"] = content[0]["text"]
    elif content or not calls:
        whole["content"] = content or ""
    if calls:
        whole["tool_calls"] = [
            {
                "id": _text(part.get("id")),
                "type": "function",
                "function": {"name": _text(part.get("name")), "arguments": _as_text(part.get("arguments"))},
            }
            for part in calls
        ]
    return whole


def _chat_part(part: Json, missing: list[str]) -> Json | None:
    kind = part.get("type")
    if kind == "text":
        return {"type": "text", "text": _text(part.get("content"))}
    if kind == "refusal":
        return {"type": "refusal", "refusal": _text(part.get("content"))}
    if kind == "uri" and part.get("modality") == "image":
        return {"type": "image_url", "image_url": {"url": _text(part.get("uri"))}}
    if kind == "file":
        return {"type": "file", "file": {"file_id": _text(part.get("file_id"))}}
    return _as_sent(part, missing)


def response_items(messages: list[Json], missing: list[str]) -> list[Json]:
    """Return `input` of the responses API."""
    found: list[Json] = []
    for message in messages:
        role = _text(message.get("role")) or "user"
        content: list[Json] = []
        for part in _parts(message):
            item = _response_item(part)
            if item is not None:
                found.append(item)
            elif (shown := _response_part(part, role, missing)) is not None:
                content.append(shown)
        if content:
            found.append({"type": "message", "role": role, "content": content})
    return found


def _response_item(part: Json) -> Json | None:
    """Return what is an item of its own beside the messages."""
    call_id = _text(part.get("id"))
    if part.get("type") == "tool_call":
        arguments = _as_text(part.get("arguments"))
        name = _text(part.get("name"))
        return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}
    if part.get("type") == "tool_call_response":
        output = _as_text(part.get("response"))
        return {"type": "function_call_output", "call_id": call_id, "output": output}
    return None


def _response_part(part: Json, role: str, missing: list[str]) -> Json | None:
    kind = part.get("type")
    if kind == "text":
        named = "output_text" if role == "assistant" else "input_text"
        return {"type": named, "text": _text(part.get("content"))}
    if kind == "refusal":
        return {"type": "refusal", "refusal": _text(part.get("content"))}
    if kind == "uri" and part.get("modality") == "image":
        return {"type": "input_image", "image_url": _text(part.get("uri"))}
    if kind == "uri":
        return {"type": "input_file", "file_url": _text(part.get("uri"))}
    if kind == "file":
        named = "input_image" if part.get("modality") == "image" else "input_file"
        return {"type": named, "file_id": _text(part.get("file_id"))}
    return _as_sent(part, missing)


def prompts(messages: list[Json], missing: list[str]) -> str | list[str]:
    """Return the prompts of a completion or the inputs of an embedding: one text or several."""
    texts = []
    for message in messages:
        for part in _parts(message):
            if part.get("type") == "text":
                texts.append(_text(part.get("content")))
            else:
                _as_sent(part, missing)
    if not texts:
        raise Conflict("the input was recorded as numbers of tokens, not as text")
    return texts[0] if len(texts) == 1 else texts


def _as_sent(part: Json, missing: list[str]) -> Json | None:
    """Return a part that was recorded in the words of the API; note one that was only described."""
    value = part.get("value")
    if part.get("type") == "generic" and isinstance(value, dict) and value.get("type"):
        return value
    kind = _text(part.get("modality") or part.get("name") or part.get("generic_type") or part.get("type"))
    size = f" of {part['size']} bytes" if isinstance(part.get("size"), int) else ""
    missing.append(f"a part of the kind {kind[:50]!r}{size}")
    return None


def _parts(message: Json) -> list[Json]:
    parts = message.get("parts")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _as_text(value: Any) -> str:
    """Return text as it is, and anything else as JSON."""
    return _text(value) if value is None or isinstance(value, str) else orjson.dumps(value).decode()
