"""One part of a message of any provider or framework → the GenAI shape `{"type", …}`.

Source of the target as for `messages`: text, reasoning, calls of tools and their answers, and media.
"""

from base64 import b64encode
from typing import Any
from urllib.parse import unquote_to_bytes

from sightline_semconv.dialects.flattened import parse_json, unquote


def to_part(part: Any) -> dict[str, Any]:
    """Return one part in the GenAI shape; what is not understood is `generic`."""
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
            return tool_response(identity, response)
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
            return tool_response(block.get("toolUseId"), block.get("content"))
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
        return tool_response(answer.get("id"), answer.get("response"))
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
    call["arguments"] = _arguments(arguments)
    return call


def _arguments(said: Any) -> Any:
    """OpenInference's processor for Vercel's SDK writes as JSON once more what is JSON already."""
    arguments = parse_json(said)
    if isinstance(arguments, str) and arguments.startswith(('"{', '"[')):
        opened = parse_json(unquote(arguments))
        return arguments if isinstance(opened, str) else opened
    return arguments


def tool_response(identity: Any, response: Any) -> dict[str, Any]:
    """Return the part that answers the call of that id, if it has one."""
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
    mime = mime or part.get("mediaType")
    if binary := _binary(holder):
        data = binary
    elif holder is part.get("image") and isinstance(uri, str) and ":" not in uri:
        uri, data = None, uri  # Vercel's SDK takes an image in base64, too
    elif uri is None and str(data).startswith(("https://", "http://", "data:")):
        uri = data  # and hands on an address where others have data
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


def _binary(holder: Any) -> str:
    """Bytes that JavaScript wrote as JSON (`Buffer`, `Uint8Array`) in base64; "" of anything else."""
    data = holder.get("data", holder) if isinstance(holder, dict) else None
    if isinstance(data, dict):
        data = (
            data.get("data") if data.get("type") == "Buffer" else list(data.values()) if "0" in data else None
        )
    try:
        return b64encode(bytes(data)).decode() if isinstance(data, list) else ""
    except (TypeError, ValueError):
        return ""


def _generic(part: dict[str, Any], kind: str) -> dict[str, Any]:
    return {**part, "type": "generic", "generic_type": kind}
