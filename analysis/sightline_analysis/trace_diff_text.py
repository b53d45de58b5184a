"""What changed between two texts, by lines and inside changed lines by words, with bounded work."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zlib import crc32

import orjson

from sightline_analysis.trace_diff_sequence import match_sequences

MAX_CHARACTERS = 200_000
"""Of each side this much is compared."""

_MAX_WORD_EDITS = 200
_WORDS_IN_ALL = 10_000
_LEAST_COMMON = 0.3
_LONGEST_BLOB = 1_000
_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Op = Literal["equal", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that both sides have, or one of them."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Pieces in reading order: equal and deleted ones are the left text, equal and inserted ones the right.

    `cut` says that a text was longer than is compared.
    """

    pieces: list[Piece]
    cut: bool


def diff_texts(left: str, right: str) -> TextDiff:
    """Return the difference of two texts."""
    cut = len(left) > MAX_CHARACTERS or len(right) > MAX_CHARACTERS
    lefts = left[:MAX_CHARACTERS].splitlines(keepends=True)
    rights = right[:MAX_CHARACTERS].splitlines(keepends=True)
    pieces: list[Piece] = []
    words_left = _WORDS_IN_ALL
    i = j = 0
    for to_left, to_right in [*match_sequences(lefts, rights), (len(lefts), len(rights))]:
        before = _WORD.findall("".join(lefts[i:to_left]))
        after = _WORD.findall("".join(rights[j:to_right]))
        words_left -= len(before) + len(after)
        pieces += _diff_words(before, after) if words_left >= 0 else _replace(before, after)
        pieces += [Piece("equal", line) for line in lefts[to_left : to_left + 1]]
        i, j = to_left + 1, to_right + 1
    return TextDiff(_join(pieces), cut)


def content_text(content: str) -> str:
    """Return stored content as text to read: messages as paragraphs by role, other JSON indented.

    Anything that is not JSON is returned as it is.
    """
    try:
        value: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return content
    if isinstance(value, list) and value and all(_is_message(item) for item in value):
        return "\n\n".join(_message_text(message) for message in value)
    return _json_text(value) if isinstance(value, dict | list) else content


def _diff_words(left: Sequence[str], right: Sequence[str]) -> list[Piece]:
    if not left or not right:
        return _replace(left, right)
    pairs = match_sequences(left, right, _MAX_WORD_EDITS)
    # A space that both sides have between two changed words is no common ground.
    kept = [
        (i, j)
        for index, (i, j) in enumerate(pairs)
        if not left[i].isspace() or _touches(pairs, index, -1) or _touches(pairs, index, 1)
    ]
    common = sum(len(left[i]) for i, _ in kept)
    if common < _LEAST_COMMON * max(sum(map(len, left)), sum(map(len, right))):
        return _replace(left, right)
    pieces: list[Piece] = []
    i = j = 0
    for to_left, to_right in [*kept, (len(left), len(right))]:
        pieces += _replace(left[i:to_left], right[j:to_right])
        pieces += [Piece("equal", word) for word in left[to_left : to_left + 1]]
        i, j = to_left + 1, to_right + 1
    return pieces


def _touches(pairs: Sequence[tuple[int, int]], index: int, step: int) -> bool:
    """Say whether the pair before or after is of the very next words on both sides."""
    if not 0 <= index + step < len(pairs):
        return False
    (i, j), (k, m) = pairs[index], pairs[index + step]
    return k == i + step and m == j + step


def _replace(left: Sequence[str], right: Sequence[str]) -> list[Piece]:
    pieces = [Piece("delete", "".join(left)), Piece("insert", "".join(right))]
    return [piece for piece in pieces if piece.text]


def _join(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with runs of the same kind as one."""
    runs: list[tuple[Op, list[str]]] = []
    for piece in pieces:
        if runs and runs[-1][0] == piece.op:
            runs[-1][1].append(piece.text)
        else:
            runs.append((piece.op, [piece.text]))
    return [Piece(op, "".join(texts)) for op, texts in runs]


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("role"), str)
        and isinstance(value.get("parts"), list)
    )


def _message_text(message: dict[str, Any]) -> str:
    return "\n".join([f"[{message['role']}]", *(_part_text(part) for part in message["parts"])])


def _part_text(part: Any) -> str:
    if not isinstance(part, dict):
        return _json_text(part)
    match part:
        case {"type": "text" | "reasoning", "content": str(text)}:
            return text
        case {"type": "tool_call", "name": str(name), "arguments": arguments}:
            return f"→ {name} {_value_text(arguments)}"
        case {"type": "tool_call_response"}:
            return f"← {_value_text(part.get('response', part.get('result')))}"
        case {"type": "blob", "content": str(content)} if len(content) > _LONGEST_BLOB:
            return _json_text(
                {**part, "content": f"{len(content)} characters, crc {crc32(content.encode()):08x}"}
            )
    return _json_text(part)


def _value_text(value: Any) -> str:
    """Return a value as text; arguments and results often are JSON in a string."""
    return content_text(value) if isinstance(value, str) else _json_text(value)


def _json_text(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:  # nested deeper than it writes
        return repr(value)
