"""Short plain text for lists: what was asked last, and what was answered."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import orjson

from sightline_semconv.dialects.flattened import dump_json
from sightline_semconv.dialects.messages import to_messages

LENGTH = 300
_SCAN = 1_000
_NEWEST = 20
_LARGEST_STATE = 256 * 1024

_Message = dict[str, Any]


def preview_input(content: str) -> str:
    """Return the last user message of a conversation, else its last message, else the start of the text."""
    messages = _messages(content)
    state = _newest_of_state(content) if messages is None else None
    newest = (messages or state or [])[::-1]
    users = [message for message in newest if message.get("role") == "user" and not _is_results(message)]
    said = _first_said(users + newest, _text_or_other)
    return said if said or messages is not None else plain(content)


def preview_output(content: str) -> str:
    """Return the first answer of a conversation, a tool call in words when there is no text.

    Of the state that a step ends with it is the newest answer.
    """
    messages = _messages(content)
    if messages is None:
        newest = (_newest_of_state(content) or [])[::-1]
        answers = [message for message in newest if message.get("role") == "assistant"] or newest
        return _answer(answers) or plain(content)
    return _answer(messages)


def _is_results(message: _Message) -> bool:
    """Anthropic's API and pydantic-ai hand results of tools to the model as the user's messages."""
    parts = message["parts"]
    return bool(parts) and all(
        isinstance(part, dict) and part.get("type") == "tool_call_response" for part in parts
    )


def _answer(messages: Sequence[_Message]) -> str:
    # What a model thought can be a message of its own, before the answer.
    return (
        _first_said(messages, _text_of)
        or _first_said(messages, _other_of)
        or _first_said(messages, _thought_of)
    )


def _first_said(messages: Sequence[_Message], say: Callable[[list[Any]], str]) -> str:
    for message in messages:
        text = say(message["parts"])
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


def _messages(content: str) -> list[_Message] | None:
    """Return the messages of a conversation, each with a list of parts, or None when it is something else."""
    if not content.startswith("["):
        return None
    value = _parsed(content)
    for item in value if isinstance(value, list) else (None,):
        if not isinstance(item, dict) or not isinstance(item.get("parts"), list):
            return None
    return cast(list[_Message], value)


def _newest_of_state(content: str) -> list[_Message] | None:
    """Return the newest messages of a step's input or output, in the order and shape of a conversation.

    Frameworks (LangGraph) hand messages from step to step, alone or in an object. None of anything else.
    """
    head = content[:_SCAN]
    is_state = head[:1] in ("{", "[") and ('"role"' in head or '"messages"' in head or '"lc"' in head)
    if not is_state or len(content) > _LARGEST_STATE:
        return None
    value = _parsed(content)
    said = value.get("messages", value) if isinstance(value, dict) else value
    try:
        return to_messages(said[-_NEWEST:] if isinstance(said, list) else said, role="user")
    except RecursionError:
        return None


def _parsed(content: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _text_or_other(parts: list[Any]) -> str:
    return _text_of(parts) or _other_of(parts) or _thought_of(parts)


def _text_of(parts: list[Any]) -> str:
    texts = []
    for part in parts:
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("content"), str):
            texts.append(part["content"])
    return "\n".join(texts) if any(texts) else ""


def _other_of(parts: list[Any]) -> str:
    for part in parts:
        if not isinstance(part, dict):
            continue
        if part.get("type") == "tool_call":
            return f"{part.get('name', '')}({_short(part.get('arguments'))})"
        if part.get("type") == "tool_call_response":
            return _short(part.get("response"))
        if "modality" in part:
            return f"[{part['modality']}]"
    return ""


def _thought_of(parts: list[Any]) -> str:
    for part in parts:
        if isinstance(part, dict) and part.get("type") == "reasoning" and part.get("content"):
            return str(part["content"])
    return ""


def _short(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dump_json(value)
