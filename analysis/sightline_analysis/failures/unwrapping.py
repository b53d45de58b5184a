"""From what a span carries to the innermost message: wrappers off, one layer at a time.

`wrapper_layers` are tried until none applies; what they knew (exception type, status, provider code) is kept
beside the message. The text is bounded first.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sightline_analysis.failures.log_header import strip_header
from sightline_analysis.failures.wrapper_layers import LAYERS, Clues, has_words

MAX_CHARS = 8192
_MAX_LAYERS = 12
_CACHED_CHARS = 2_000

_NOISE = re.compile("\x1b\\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " "})
_DECORATION = " \t\r\n⎿✕✖✗❌⚠️•·►▶→>|!#*-–—"

_STATUS = re.compile(r"[45]\d\d")
_STATUS_ANYWHERE = re.compile(
    r"(?i)(?:status(?:\s?code)?|error\s?code|http(?:\s?error)?|code|error|api\serror)\W{0,6}(?:is\s)?([45]\d\d)\b"
)


@dataclass(slots=True)
class Root:
    """The innermost message and what its wrappers knew; the lists run from the outermost to the innermost."""

    message: str
    types: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def bound(text: str) -> str:
    """Return at most `MAX_CHARS` of `text`: head and tail, as a traceback ends with what matters.

    The tail begins with a line, if it has one: half a frame would be taken for the exception.
    """
    if len(text) <= MAX_CHARS:
        return text
    tail = text[-MAX_CHARS // 4 + 1 :]
    return text[: MAX_CHARS * 3 // 4] + "\n" + (tail.partition("\n")[2] or tail)


def unwrap(text: str) -> Root:
    """Return the innermost message of `text`, never empty unless the text holds nothing but decoration."""
    message, types, codes, statuses = _unwrap_once(text) if len(text) <= _CACHED_CHARS else _unwrap(text)
    return Root(message, list(types), list(codes), list(statuses))


_Unwrapped = tuple[str, tuple[str, ...], tuple[str, ...], tuple[int, ...]]


@lru_cache(maxsize=4096)
def _unwrap_once(text: str) -> _Unwrapped:
    return _unwrap(text)


def _unwrap(text: str) -> _Unwrapped:
    text = _NOISE.sub("", bound(text))
    message = (text if text.isascii() else text.translate(_QUOTES)).strip(_DECORATION)
    clues = Clues()
    if _STATUS.search(message, 0, 600):
        clues.statuses += [int(status[1]) for status in _STATUS_ANYWHERE.finditer(message[:600])]
    without_header = strip_header(message)
    if has_words(without_header, 1):
        message = without_header.strip(_DECORATION)
    for _ in range(_MAX_LAYERS):
        inner = _without_a_layer(message, clues)
        if inner is None:
            break
        message = inner
    return message, tuple(clues.types), tuple(clues.codes), tuple(clues.statuses)


def _without_a_layer(message: str, clues: Clues) -> str | None:
    """Return the message inside the first layer that applies; `None` when none does."""
    for layer in LAYERS:
        inner = layer(message, clues)
        if inner is message:
            continue
        inner = inner.strip(_DECORATION)
        if inner and inner != message:
            return inner
    return None
