"""How alike two templates are: cosine of hashed character n-grams, and whether they contradict each other."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sightline_semconv.error_words import CODE_NOUNS, SYSTEM_WORDS, is_known_word

Vector = NDArray[np.float32]

DIMENSIONS = 2048
_MAX_SWAP = 4
_SAME_START = 20
_SIZES = (3, 4, 5)
_PLACEHOLDER = re.compile(r"<(?:n|id|q|url|path|host|time|email|list|obj)>")
_TOKEN = re.compile(r"\x01|[^\W\d_][\w'*]*|\d+|[_\w]+")
_CODE = re.compile(
    rf"(?:\b(?:{'|'.join(sorted(CODE_NOUNS))}):? (?P<short>-?\d)|(?<![\w.])(?P<long>-?\d{{2,6}}))(?![\w.])"
)
_NAME = re.compile(r"'([^']{1,60})'")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def embed(template: str) -> Vector:
    """Return the unit vector of a template's character 3- to 5-grams, hashed into 2,048 buckets.

    Placeholders count as one character, so that the kind of what varies matters little. The hash depends on
    nothing but the text: the same on every machine.
    """
    vector: Vector = embed_all([template])[0]
    return vector


def embed_all(templates: Sequence[str]) -> Vector:
    """Return the vectors of several templates, row by row: much faster than one by one, 8 KiB each."""
    texts = [" " + _PLACEHOLDER.sub("\x01", template) + " " for template in templates]
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    places = []
    for size in _SIZES:
        count = max(0, len(codes) - size + 1)
        grams = np.full(count, size, dtype=np.uint64)
        for offset in range(size):
            grams = (grams * np.uint64(1_000_003)) ^ codes[offset : offset + count]
        buckets = ((grams * _MULTIPLIER) >> np.uint64(53)).astype(np.intp)
        first, last = owners[:count], owners[len(owners) - count :]
        places.append((first * DIMENSIONS + buckets)[first == last])
    counts = np.bincount(np.concatenate(places), minlength=len(texts) * DIMENSIONS)
    vectors = counts.reshape(len(texts), DIMENSIONS).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(norms > 0, norms, np.float32(1))
    return vectors


def contradict(one: str, other: str) -> bool:
    """Return whether two similar templates state different things: other codes, names or plain words.

    Rephrasing adds, drops and moves words. A different cause of the same system puts another word, code or
    parameter name at the same place.
    """
    return (
        _other_codes(one, other)
        or _other_names(one, other)
        or _swap_words(_tokens(one), _tokens(other))
        or _says_more_first(one, other)
    )


def _other_codes(one: str, other: str) -> bool:
    """A negative code is a protocol's own (JSON-RPC): a message without it comes from somewhere else."""
    left, right = _codes(one), _codes(other)
    if not left & right and any(code[0] == "-" for code in left | right):
        return True
    return bool(left and right) and not left & right


def _codes(template: str) -> set[str]:
    return {short or long for short, long in _CODE.findall(template)}


def _says_more_first(one: str, other: str) -> bool:
    """True when one begins with two known words more: `failed password for invalid user`, `invalid user`.

    A clause that ends with a colon in front of the same sentence is somebody's wrapper.
    """
    short, long = sorted((one, other), key=len)
    if ": " + short[:_SAME_START] in long:
        return False
    left, right = _tokens(one), _tokens(other)
    first = next(iter(SequenceMatcher(None, left, right, autojunk=False).get_opcodes()), None)
    if first is None or first[0] not in ("insert", "delete"):
        return False
    _, a, b, c, d = first
    return sum(len(word) >= 4 and is_known_word(word) for word in (*left[a:b], *right[c:d])) >= 2


def _other_names(one: str, other: str) -> bool:
    left, right = set(_NAME.findall(one)), set(_NAME.findall(other))
    return bool(left - right) and bool(right - left)


@lru_cache(maxsize=4096)
def _tokens(template: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(_PLACEHOLDER.sub("\x01", template)))


def _swap_words(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """True when known words stand against other known words at the same place, one to four at a time."""
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind != "replace" or b - a > _MAX_SWAP or d - c > _MAX_SWAP:
            continue
        left = [word for word in one[a:b] if _tells(word)]
        right = [word for word in other[c:d] if _tells(word)]
        only_left = [word for word in left if not any(_same_stem(word, x) for x in right)]
        only_right = [word for word in right if not any(_same_stem(word, x) for x in left)]
        if only_left and only_right:
            return True
    return False


def _tells(word: str) -> bool:
    return is_known_word(word) or word in SYSTEM_WORDS


def _same_stem(left: str, right: str) -> bool:
    short = min(len(left), len(right))
    return short >= 4 and left[: max(4, short - 3)] == right[: max(4, short - 3)]
