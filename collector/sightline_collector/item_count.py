"""How many spans, log records or data points a request holds, found before messages are made of them.

An empty span takes two bytes as sent, next to nothing compressed, and some three hundred as a message.
"""

from collections.abc import Sequence
from typing import Any

from sightline_core.errors import PayloadTooLarge

# Fields of resources, scopes and items, of spans as of log records, and of metrics with their points.
ITEMS = ((1,), (2,), (2,))
POINTS = (*ITEMS, (5, 7, 9, 10, 11), (1,))
_LEAST_SIZE = 2
_VARINT_BITS = 64


def check_count(body: bytes, limit: int, called: str, path: Sequence[tuple[int, ...]] = ITEMS) -> None:
    """Raise `PayloadTooLarge` when a protobuf request holds more items, and count no further than that.

    Whatever is on the path and holds none counts as one. What is not protobuf is left to the parser, which
    reads in the same order and so makes no more of it.
    """
    if len(body) <= limit * _LEAST_SIZE:
        return
    try:
        count = _count(body, 0, len(body), path, limit)
    except IndexError:
        return
    refuse_over(limit, count, called)


def count_json(holder: Any, lists: Sequence[tuple[str, str]], limit: int) -> int:
    """Return as many items as `check_count` would count, but not many more than the limit, of parsed JSON.

    `lists` are the names, in both spellings, of the lists of resources, scopes and items.
    """
    (name, other), *inner = lists
    items = (holder.get(name, holder.get(other)) if isinstance(holder, dict) else None) or []
    if not isinstance(items, list):
        return 0
    if not inner:
        return len(items)
    count = 0
    for item in items:
        count += max(1, count_json(item, inner, limit))
        if count > limit:
            break
    return count


def refuse_over(limit: int, count: int, called: str) -> None:
    """Raise `PayloadTooLarge` when there are more items than the limit."""
    if count > limit:
        raise PayloadTooLarge(f"the request is over the limit of {limit} {called}; send it in parts")


def _count(body: bytes, at: int, end: int, path: Sequence[tuple[int, ...]], limit: int) -> int:
    """Count the items of one message; raises `IndexError` when it is none."""
    count = groups = 0
    wanted, *inner = path
    while at < end and count <= limit and groups >= 0:
        tag, at = _varint(body, at)
        kind = tag & 7
        if kind == 2:
            size, at = _varint(body, at)
            if tag >> 3 in wanted and not groups:
                count += max(1, _count(body, at, at + size, inner, limit - count)) if inner else 1
            at += size
        elif kind == 0:
            _, at = _varint(body, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind in (3, 4):
            groups += 1 if kind == 3 else -1
        else:
            raise IndexError
    return count


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """Return the number and where it ends."""
    number = body[at]
    if number < 0x80:
        return number, at + 1
    number &= 0x7F
    for shift in range(7, _VARINT_BITS, 7):
        at += 1
        byte = body[at]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at + 1
    raise IndexError
