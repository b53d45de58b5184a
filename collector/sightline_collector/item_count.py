"""How many spans, attributes and other parts a request holds, found before messages are made of them.

An empty span takes two bytes as sent, next to nothing compressed, and some three hundred as a message; an
attribute takes four, and some six hundred once it is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor

from sightline_core.errors import PayloadTooLarge
from sightline_core.limits import MAX_REQUEST_PARTS

Shape = Mapping[int, "Shape"]
"""Fields of a message that hold messages → their shapes. What has none is counted as a whole."""

# Resources, scopes and items, of spans as of log records, and of metrics with their points.
ITEMS: Shape = {1: {2: {2: {}}}}
POINTS: Shape = {1: {2: {2: {data: {1: {}} for data in (5, 7, 9, 10, 11)}}}}
_PARTS = "attributes, events, links and values in lists"
_LEAST_SIZE = 2
DEEPEST = 100
"""How deep messages may lie in a request, as the journal's parser counts from the outside."""
_OBJECTS_A_PART = 4  # of JSON: an attribute is two, and texts may hold some
_VARINT_BITS = 64
_BESIDE = 6  # fields for each item; a link has five, and a span that is alone with its resource four
_LEAST_BESIDE = 10_000


def check_count(body: bytes, limit: int, called: str, shape: Shape = ITEMS) -> None:
    """Raise `PayloadTooLarge` when a protobuf request holds more items, and count no further than that.

    Whatever is on the way to them and holds none counts as one. What is not protobuf is left to the parser,
    which reads in the same order and so makes no more of it.
    """
    if len(body) <= limit * _LEAST_SIZE:
        return
    beside = iter(range(max(limit * _BESIDE, _LEAST_BESIDE)))
    try:
        count = _count(body, 0, len(body), shape, limit, DEEPEST, beside)
    except IndexError:
        return
    except StopIteration:
        # A few compressed kilobytes may hold millions, which take half a minute to be counted.
        raise PayloadTooLarge(f"the request has too many fields beside its {called}") from None
    refuse_over(limit, count, called)


def check_parts(body: bytes, request: Descriptor) -> None:
    """Raise `PayloadTooLarge` when a protobuf request consists of more parts than are read at once.

    They are counted, which takes longer than parsing, only where so many tags may be in the body.
    """
    if len(body) > MAX_REQUEST_PARTS * _LEAST_SIZE:
        shape, tags = _shape_of(request)
        if sum(map(body.count, tags)) > MAX_REQUEST_PARTS:
            check_count(body, MAX_REQUEST_PARTS, _PARTS, shape)


def check_json_parts(body: bytes) -> None:
    """As `check_parts`, of JSON, which is as large in memory before it can be counted exactly."""
    refuse_over(MAX_REQUEST_PARTS, body.count(b"{") // _OBJECTS_A_PART, _PARTS)


@cache
def _shape_of(request: Descriptor) -> tuple[Shape, frozenset[bytes]]:
    """Return all that a message consists of, and the bytes of which one is in the tag of each part.

    Numbers of fields are below 16 and take one byte; one that is written in more than that ends in a zero.
    """
    shapes: dict[str, dict[int, Shape]] = {}
    numbers: set[int] = set()

    def shape_of(message: Descriptor) -> Shape:
        if message.full_name not in shapes:
            shape = shapes[message.full_name] = {}
            for field in message.fields:
                if field.message_type is not None:
                    numbers.add(field.number)
                    shape[field.number] = shape_of(field.message_type)
        return shapes[message.full_name]

    shape = shape_of(request)
    return shape, frozenset({b"\0", *(bytes([number << 3 | 2]) for number in numbers)})


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


def _count(
    body: bytes, at: int, end: int, shape: Shape, limit: int, depth: int, beside: Iterator[int]
) -> int:
    """Count the items of one message; raises `IndexError` when it is none, or too deep to be parsed.

    Takes one of `beside` for each other field; raises `StopIteration` when none is left.
    """
    count = groups = 0
    if not depth:
        raise IndexError
    while at < end and count <= limit and groups >= 0:
        tag, at = _varint(body, at)
        kind = tag & 7
        if kind == 2:
            size, at = _varint(body, at)
            inner = shape.get(tag >> 3)
            if inner is not None and not groups:
                within = (at, at + size, inner, limit - count, depth - 1, beside)
                count += max(1, _count(body, *within)) if inner else 1
                at += size
                continue
            at += size
        elif kind == 0:
            _, at = _varint(body, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind in (3, 4):
            groups += 1 if kind == 3 else -1
        else:
            raise IndexError
        next(beside)
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
