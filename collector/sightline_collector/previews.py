"""Short plain text for lists: what was asked last, and what was answered."""

from typing import Any, cast

import orjson

from sightline_semconv.dialects.flattened import dump_json

LENGTH = 300
_SCAN = 1_000


def preview_input(content: str) -> str:
    """Return the last user message of a conversation, else its last message, else the start of the text."""
    messages = _messages(content)
    if messages is None:
        return plain(content)
    messages.reverse()
    return _first_text([message for message in messages if message.get("role") == "user"] + messages)


def preview_output(content: str) -> str:
    """Return the first answer of a conversation, a tool call in words when there is no text."""
    messages = _messages(content)
    return plain(content) if messages is None else _first_text(messages)


def _first_text(messages: list[dict[str, Any]]) -> str:
    for message in messages:
        text = _text_of(message["parts"])
        if text:
            return plain(text)
    return ""


def plain(text: str) -> str:
    """Return at most `LENGTH` characters with runs of white space folded into one space."""
    head = text[:LENGTH]
    # Printable: the only white space is the space itself. Most texts are, and need no folding.
    if head.isprintable() and "  " not in head:
        return head.strip(" ")
    return " ".join(text[:_SCAN].split())[:LENGTH]


def _messages(content: str) -> list[dict[str, Any]] | None:
    """Return the messages of a conversation, each with a list of parts, or None when it is something else."""
    if not content.startswith("["):
        return None
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("parts"), list):
            return None
    return cast(list[dict[str, Any]], value)


def _text_of(parts: list[Any]) -> str:
    texts = []
    for part in parts:
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("content"), str):
            texts.append(part["content"])
    return "\n".join(texts) if any(texts) else _other_of(parts)


def _other_of(parts: list[Any]) -> str:
    for part in parts:
        if not isinstance(part, dict):
            continue
        if part.get("type") == "tool_call":
            return f"{part.get('name', '')}({_short(part.get('arguments'))})"
        if part.get("type") == "tool_call_response":
            return _short(part.get("response"))
        if part.get("type") == "reasoning" and part.get("content"):
            return str(part["content"])
        if "modality" in part:
            return f"[{part['modality']}]"
    return ""


def _short(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dump_json(value)
