"""Messages of the OpenAI dialects in the GenAI shape: {"role", "parts": [{"type", …}]}.

Source: semantic-conventions-genai, JSON schemas of input and output messages (read November 2026).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from sightline.readers.json_values import Json, JsonObject, as_list, as_object, as_objects, as_text


def text_part(content: str) -> JsonObject:
    """A part that is plain text."""
    return {"type": "text", "content": content}


def chat_messages(messages: Json) -> list[JsonObject]:
    """`messages` of chat.completions, in the order sent."""
    return [chat_message(message) for message in as_objects(messages)]


def chat_message(message: JsonObject) -> JsonObject:
    """One chat message, sent or answered: content, refusal, reasoning, audio and tool calls become parts."""
    role = as_text(message.get("role")) or "assistant"
    parts: list[JsonObject] = []
    for key in ("reasoning_content", "reasoning"):  # DeepSeek and vLLM; OpenRouter
        if text := as_text(message.get(key)):
            parts.append({"type": "reasoning", "content": text})
    if role in {"tool", "function"}:
        response = {"type": "tool_call_response", "response": _plain_content(message.get("content"))}
        call_id = as_text(message.get("tool_call_id")) or as_text(message.get("name"))
        parts.append({**response, "id": call_id} if call_id else response)
    else:
        parts.extend(content_parts(message.get("content")))
    if refusal := as_text(message.get("refusal")):
        parts.append({"type": "refusal", "content": refusal})
    if audio := as_object(message.get("audio")):
        parts.extend(_answered_audio(audio))
    parts.extend(tool_call(call) for call in as_objects(message.get("tool_calls")))
    if legacy := as_object(message.get("function_call")):
        parts.append(tool_call({"function": legacy}))
    shaped: JsonObject = {"role": role, "parts": parts}
    if name := as_text(message.get("name")):
        shaped["name"] = name
    return shaped


def content_parts(content: Json) -> list[JsonObject]:
    """A string, or the parts of either API, as parts; unknown kinds are kept as `generic`."""
    if isinstance(content, str):
        return [text_part(content)] if content else []
    return [
        content_part(part) if isinstance(part, dict) else text_part(str(part)) for part in as_list(content)
    ]


def content_part(part: JsonObject) -> JsonObject:
    """One content part. Bytes are described by type, size and hash, never kept."""
    kind = as_text(part.get("type"))
    if kind in {"text", "input_text", "output_text", "summary_text"}:
        return text_part(as_text(part.get("text")))
    if kind in {"audio", "output_audio"} and "transcript" in part:  # realtime
        return text_part(as_text(part.get("transcript")))
    if kind == "reasoning_text":
        return {"type": "reasoning", "content": as_text(part.get("text"))}
    if kind == "refusal":
        return {"type": "refusal", "content": as_text(part.get("refusal"))}
    if kind in {"image_url", "input_image"}:
        image = part.get("image_url")
        return media_part("image", as_text(image) or as_text(as_object(image).get("url")), part)
    if kind == "input_audio":
        audio = as_object(part.get("input_audio")) or part
        return blob_part(
            "audio", as_text(audio.get("data")), f"audio/{as_text(audio.get('format')) or 'wav'}"
        )
    if kind in {"file", "input_file"}:
        file = as_object(part.get("file")) or part
        return media_part("document", as_text(file.get("file_data")) or as_text(file.get("file_url")), file)
    if not kind:
        return text_part(as_text(part.get("text"))) if "text" in part else {"type": "generic", "value": part}
    return {"type": "generic", "generic_type": kind, "value": part}


def media_part(modality: str, location: str, source: JsonObject) -> JsonObject:
    """A URL stays a URL, a data: URL or base64 is described, a file id stays a file id."""
    if location.startswith("data:"):
        head, _, data = location.partition(",")
        return blob_part(modality, data, head[5:].partition(";")[0])
    if location.startswith(("http://", "https://")):
        return {"type": "uri", "modality": modality, "uri": location}
    if location:
        return blob_part(modality, location, "")
    return {"type": "file", "modality": modality, "file_id": as_text(source.get("file_id"))}


def blob_part(modality: str, data: str, mime_type: str) -> JsonObject:
    """Base64 content as its size in bytes and SHA-256; the bytes themselves never leave the process."""
    try:
        raw = base64.b64decode(data)
    except (binascii.Error, ValueError):
        raw = data.encode("utf-8", "replace")
    part: JsonObject = {
        "type": "blob",
        "modality": modality,
        "size": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    return {**part, "mime_type": mime_type} if mime_type else part


def tool_call(call: JsonObject) -> JsonObject:
    """A function or custom tool call; arguments as an object where they are JSON, else as the text sent."""
    function = as_object(call.get("function")) or as_object(call.get("custom")) or call
    part: JsonObject = {"type": "tool_call"}
    if call_id := as_text(call.get("call_id")) or as_text(call.get("id")):
        part["id"] = call_id
    part["name"] = as_text(function.get("name"))
    part["arguments"] = parse_arguments(function.get("arguments", function.get("input")))
    return part


def parse_arguments(arguments: Json) -> Json:
    """JSON text → its value; anything else unchanged."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments


def tool_definitions(tools: Json) -> list[JsonObject]:
    """Tools offered: name and type, with description and parameters where the request has them."""
    definitions: list[JsonObject] = []
    for tool in as_objects(tools):
        kind = as_text(tool.get("type")) or "function"
        function = as_object(tool.get(kind)) or tool
        name = as_text(function.get("name")) or as_text(tool.get("server_label")) or kind
        definition: JsonObject = {"type": kind, "name": name}
        for key in ("description", "parameters"):
            if function.get(key):
                definition[key] = function[key]
        definitions.append(definition)
    return definitions


def message_text(message: JsonObject) -> str:
    """All text of a shaped message, in order."""
    return "\n".join(as_text(part.get("content")) for part in as_objects(message.get("parts")))


def _plain_content(content: Json) -> Json:
    parts = as_objects(content)
    if parts and all(as_text(part.get("type")).endswith("text") for part in parts):
        return "".join(as_text(part.get("text")) for part in parts)
    return content


def _answered_audio(audio: JsonObject) -> list[JsonObject]:
    parts: list[JsonObject] = []
    if data := as_text(audio.get("data")):
        parts.append(blob_part("audio", data, ""))
    elif audio_id := as_text(audio.get("id")):
        parts.append({"type": "file", "modality": "audio", "file_id": audio_id})
    if transcript := as_text(audio.get("transcript")):
        parts.append(text_part(transcript))
    return parts
