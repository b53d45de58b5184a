"""Tolerant reading of error bodies inside text: JSON, Python `repr`, Ruby hashes, Node's `inspect`, cut
short.

A strict parser fails on most of what reaches a span: a body is printed by another language, escaped once or
twice, wrapped at 80 columns or truncated. The scanner here goes forward only, so its time is linear in the
text.
"""

import re
from dataclasses import dataclass, field

Value = dict[str, "Value"] | list["Value"] | str

_MAX_DEPTH = 12
_MAX_BODIES = 3

_QUOTED = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*+", re.DOTALL),
    "`": re.compile(r"(?:[^`\\]|\\.)*+", re.DOTALL),
}
_BARE = re.compile(r"[^,:={}\[\]\n\"']++")
_GAP = re.compile(r"[\s,;]*+")
_SEPARATOR = re.compile(r"\s*+(?:=>|[:=])\s*+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "", "b": "", "f": "", "0": ""}
_OPENING = re.compile(r"[{\[]")

_NESTED_KEYS = (
    "cause",
    "innererror",
    "inner_error",
    "error",
    "errors",
    "err",
    "exception",
    "response",
    "body",
)
_RAW_KEYS = ("raw", "originalerror", "upstream_error")
_MESSAGE_KEYS = (
    "message", "msg", "error_message", "errormessage", "error_msg", "errmsg", "error_description", "detail",
    "details", "description", "error", "exception", "err", "reason", "title", "stderr", "cause",
)  # fmt: skip
_CODE_KEYS = frozenset({
    "code", "type", "status", "reason", "error_code", "errorcode", "__type", "statuscode", "status_code",
    "error_type", "errortype", "name", "kind",
})  # fmt: skip


@dataclass(slots=True)
class BodyFacts:
    """What a body says: its innermost message, the codes met on the way there (outermost first)."""

    message: str = ""
    codes: list[str] = field(default_factory=list)


def unescape(text: str) -> str:
    """Return `text` with one level of backslash escapes removed; an unknown escape yields its character.

    An emoji is escaped as two halves of a surrogate pair, which are joined; a half alone becomes U+FFFD.
    """

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 1:
            return chr(int(code[1:], 16))
        return _ESCAPED.get(code, code)

    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(replace, text)
    return plain if plain.isascii() else plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _parse_string(text: str, at: int) -> tuple[str, int]:
    match = _QUOTED[text[at]].match(text, at + 1)
    assert match is not None
    return unescape(match[0]), match.end() + 1


def _parse_value(text: str, at: int, depth: int) -> tuple[Value, int]:
    if at >= len(text):
        return "", at
    opening = text[at]
    if opening == "{" and depth < _MAX_DEPTH:
        return _parse_object(text, at + 1, depth + 1)
    if opening in "[(" and depth < _MAX_DEPTH:
        return _parse_list(text, at + 1, depth + 1)
    if opening in _QUOTED:
        return _parse_string(text, at)
    bare = _BARE.match(text, at)
    return (bare[0].strip(), bare.end()) if bare else ("", at + 1)


def _parse_object(text: str, at: int, depth: int) -> tuple[dict[str, Value], int]:
    found: dict[str, Value] = {}
    while at < len(text):
        at = _end_of(_GAP, text, at)
        if at >= len(text):
            break
        if text[at] == "}":
            return found, at + 1
        key, at = _parse_value(text, at, _MAX_DEPTH)
        separator = _SEPARATOR.match(text, at)
        if separator:
            value, at = _parse_value(text, separator.end(), depth)
            if isinstance(key, str):
                found.setdefault(key.lower(), value)
    return found, at


def _parse_list(text: str, at: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    while at < len(text):
        at = _end_of(_GAP, text, at)
        if at >= len(text):
            break
        if text[at] in "])":
            return found, at + 1
        value, at = _parse_value(text, at, depth)
        found.append(value)
    return found, at


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _text_of(value: Value | None) -> str:
    """Return a message from a leaf or from FastAPI's list of `{"loc", "msg"}`; "" when there is none."""
    if isinstance(value, str):
        return "" if value.lower() in ("", "null", "none", "true", "false", "undefined") else value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        first = value[0]
        message = _text_of(first.get("msg") or first.get("message"))
        place = first.get("loc")
        if message and isinstance(place, list):
            return ".".join(part for part in place if isinstance(part, str)) + ": " + message
        return message
    return ""


def _descend(value: Value, facts: BodyFacts, depth: int = 0) -> str:
    """Return the innermost message of a parsed body, collecting codes; "" when it carries none."""
    if isinstance(value, list):
        return next((found for item in value[:3] if (found := _descend(item, facts, depth + 1))), "")
    if isinstance(value, str) or depth > _MAX_DEPTH:
        return ""
    for key, child in value.items():
        if key in _CODE_KEYS and isinstance(child, str) and 0 < len(child) <= 80:
            facts.codes.append(child)
    for key in _NESTED_KEYS:
        child_value = value.get(key)
        if isinstance(child_value, dict | list):
            found = _descend(child_value, facts, depth + 1)
            if found:
                return found
    metadata = value.get("metadata")
    raw_holder = metadata if isinstance(metadata, dict) else value
    for key in _RAW_KEYS:
        raw = _text_of(raw_holder.get(key))
        if raw:
            return raw
    return _own_message(value)


def _own_message(value: dict[str, Value]) -> str:
    error = _text_of(value.get("error"))
    if len(error.split()) >= 3:
        # A log record holds its own sentence in `msg` and the cause in `error`; a title such as
        # "Bad Request" in `error` says less than `message` does.
        return error
    for key in _MESSAGE_KEYS:
        found = _text_of(value.get(key))
        if found:
            return found
    return ""


def read_body(text: str) -> BodyFacts | None:
    """Return message and codes of the first error body inside `text`; `None` when none carries a message."""
    at = 0
    for _ in range(_MAX_BODIES):
        opening = _OPENING.search(text, at)
        if opening is None:
            return None
        if text[opening.end() : opening.end() + 1] == "\\":
            # Escaped JSON that stands outside any string: `{\\"error\\": …` or `{\\n  \\"error\\"…`.
            text = unescape(text[opening.start() :])
            opening = _OPENING.match(text) or opening
            at = 0
        value, at = _parse_value(text, opening.start(), 0)
        facts = BodyFacts()
        facts.message = _descend(value, facts)
        if facts.message:
            return facts
    return None
