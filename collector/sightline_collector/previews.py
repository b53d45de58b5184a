"""Short plain text for lists: what was asked last, and what was answered."""

from typing import Any

import orjson

from sightline_semconv.dialects.flattened import dump_json

LENGTH = 300
_SCAN = 1_000


def preview_input(content: str) -> str:
    """Return the last user message of a conversation, else its last message, else the start of the text."""
    messages = _messages(content)
    if messages is None:
        return plain(content)
    users = [message for message in messages if message.get("role") == "user"]
    for message in [*reversed(users), *reversed(messages)]:
        text = _text_of(message)
        if text:
            return plain(text)
    return ""


def preview_output(content: str) -> str:
    """Return the first answer of a conversation, a tool call in words when there is no text."""
    messages = _messages(content)
    if messages is None:
        return plain(content)
    for message in messages:
        text = _text_of(message)
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
    if not content.startswith("["):
        return None
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, list) or not all(isinstance(item, dict) and "parts" in item for item in value):
        return None
    return value


def _text_of(message: dict[str, Any]) -> str:
    parts = [part for part in message["parts"] if isinstance(part, dict)] if message.get("parts") else []
    texts = [
        part["content"]
        for part in parts
        if part.get("type") == "text" and isinstance(part.get("content"), str)
    ]
    if any(texts):
        return "\n".join(texts)
    for part in parts:
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
