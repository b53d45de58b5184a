"""Structures that emitters flatten into attribute names, such as `llm.input_messages.0.message.role`."""

import json
from typing import Any

from sightline_semconv.dialects.dialect import Attributes, Value

_MAX_DEPTH = 24


def take_tree(attributes: Attributes, prefix: str) -> Any:
    """Remove every attribute below `prefix.` and return them nested in dicts and lists; None when none is.

    Digits become list positions in numeric order; gaps close, so that a hostile index costs nothing.
    """
    start = prefix + "."
    names = [name for name in attributes if name.startswith(start)]
    if not names:
        return None
    root: dict[str, Any] = {}
    for name in names:
        _plant(root, name[len(start) :].split(".", _MAX_DEPTH), attributes.pop(name))
    return _with_lists(root)


def _plant(root: dict[str, Any], path: list[str], value: Value) -> None:
    node = root
    for step in path[:-1]:
        child = node.get(step)
        if not isinstance(child, dict):
            # A leaf and a branch of the same name: the branch wins, the leaf stays readable below "".
            child = node[step] = {} if child is None else {"": child}
        node = child
    leaf = path[-1]
    existing = node.get(leaf)
    if isinstance(existing, dict):
        existing[""] = value
    else:
        node[leaf] = value


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(_is_position(key) for key in node):
        return [_with_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _with_lists(value) for key, value in node.items()}


def _is_position(text: str) -> bool:
    return len(text) <= 9 and text.isascii() and text.isdigit()


def parse_json(value: Value) -> Any:
    """Return the parsed value of a text that is a JSON object or array; anything else as it is."""
    if isinstance(value, str) and value[:64].lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def dump_json(value: Any) -> str:
    """Return compact JSON that is valid UTF-8: lone surrogates, which JSON can smuggle in, are replaced."""
    return _valid(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def unquote(value: Value) -> Value:
    """Return the text inside a JSON string literal, as some emitters encode every value; else the value."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return _valid(json.loads(value))
        except ValueError:
            return value
    return value


def _valid(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def as_text(value: Value) -> str:
    """Return a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else dump_json(value)


def set_missing(attributes: Attributes, name: str, value: Value) -> None:
    """Set a canonical attribute unless the emitter set it, or there is nothing to say."""
    if value not in (None, "", [], {}) and attributes.get(name) in (None, ""):
        attributes[name] = value


def move_missing(attributes: Attributes, name: str, target: str) -> None:
    """Give an attribute its canonical name unless the emitter set that one, too."""
    if name in attributes and attributes.get(target) in (None, ""):
        attributes[target] = attributes.pop(name)
