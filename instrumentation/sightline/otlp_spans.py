"""Ended spans → the bytes of an OTLP ExportTraceServiceRequest, written directly.

The SDK's encoder makes a protobuf object of every value first, which costs as much as the rest of exporting a
span. Field numbers are those of opentelemetry-proto 1.9, `trace/v1/trace.proto` and `common/v1/common.proto`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import Link, SpanContext, Status

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types
_SMALL = [bytes([number]) for number in range(128)]
_int64 = Struct("<Q").pack
_int32 = Struct("<I").pack
_double = Struct("<d").pack
_SHORT = 24  # characters of a value that is likely to come again
_LONG = 2048  # characters from which on a value is not copied
Chunks = list[bytes]
_HAS_IS_REMOTE, _IS_REMOTE = 0x100, 0x200  # of a span's flags


def encode_spans(spans: Iterable[ReadableSpan], unwritten: list[str]) -> bytes:
    """One request for all spans, grouped by resource and scope (by identity, which one provider shares).

    A span that cannot be written takes no other with it: `unwritten` gets the reason.
    """
    groups: dict[int, tuple[Resource, dict[int, tuple[InstrumentationScope | None, Chunks]]]] = {}
    for span in spans:
        try:
            chunks = _nested(2, _span(span))
        except Exception as error:
            unwritten.append(f"{type(error).__name__}: {error}")
            continue
        resource, scope = span.resource, span.instrumentation_scope
        by_scope = groups.setdefault(id(resource), (resource, {}))[1]
        by_scope.setdefault(id(scope), (scope, []))[1].extend(chunks)
    return b"".join(chunk for group in groups.values() for chunk in _nested(1, _resource_spans(*group)))


def _nested(number: int, chunks: Chunks) -> Chunks:
    """Chunks as one field. They are joined once, at the end: contents are long and copies of them cost."""
    return [_tag(number, _BYTES), _varint(sum(map(len, chunks))), *chunks]


def _resource_spans(
    resource: Resource, scopes: Mapping[int, tuple[InstrumentationScope | None, Chunks]]
) -> Chunks:
    chunks = _nested(1, _attributes(1, resource.attributes))
    for scope, spans in scopes.values():
        head = _field(1, _scope(scope)) if scope is not None else b""
        url = (scope.schema_url or "") if scope is not None else ""
        chunks += _nested(2, [head, *spans, _text(3, url)])
    return [*chunks, _text(3, resource.schema_url)]


def _scope(scope: InstrumentationScope) -> bytes:
    return b"".join((_text(1, scope.name), _text(2, scope.version or ""), *_attributes(3, scope.attributes)))


def _span(span: ReadableSpan) -> Chunks:
    context, parent = span.context, span.parent
    if context is None:
        return []
    head = (
        _ids(context),
        _trace_state(context),
        _field(4, parent.span_id.to_bytes(8, "big")) if parent is not None else b"",
        _text(5, span.name),
        _number(6, span.kind.value + 1),  # OpenTelemetry's API counts kinds from 0, OTLP from 1
        _time(7, span.start_time),
        _time(8, span.end_time),
    )
    tail = (
        _number(10, span.dropped_attributes),
        *(_field(11, _event(event)) for event in span.events),
        _number(12, span.dropped_events),
        *(_field(13, _link(link)) for link in span.links),
        _number(14, span.dropped_links),
        _field(15, _status(span.status)),
        _flags(16, parent),
    )
    return [b"".join(head), *_attributes(9, span.attributes), b"".join(tail)]


def _event(event: Event) -> bytes:
    head = (_time(1, event.timestamp), _text(2, event.name))
    return b"".join((*head, *_attributes(3, event.attributes), _number(4, event.dropped_attributes)))


def _link(link: Link) -> bytes:
    tail = (_number(5, link.dropped_attributes), _flags(6, link.context))
    return b"".join((_ids(link.context), _trace_state(link.context), *_attributes(4, link.attributes), *tail))


def _status(status: Status) -> bytes:
    return _text(2, status.description or "") + _number(3, status.status_code.value)


def _ids(context: SpanContext) -> bytes:
    return (
        b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big")
    )


def _trace_state(context: SpanContext) -> bytes:
    state = context.trace_state
    return _text(3, ",".join(f"{key}={value}" for key, value in state.items())) if state else b""


def _flags(number: int, parent: SpanContext | None) -> bytes:
    remote = _IS_REMOTE if parent is not None and parent.is_remote else 0
    return _tag(number, _FIXED32) + _int32(_HAS_IS_REMOTE | remote)


def _attributes(number: int, attributes: Mapping[str, Any] | None) -> Chunks:
    """In one piece, but for long texts, which are pieces of their own."""
    tag = _tag(number, _BYTES)
    chunks: Chunks = []
    parts: list[bytes] = []
    for key, value in (attributes or {}).items():
        is_text = type(value) is str
        if is_text and len(value) > _LONG:
            data = value.encode("utf-8", "replace")
            inner = b"\x0a" + _varint(len(data))
            head = _key(key) + _varint(len(inner) + len(data)) + inner
            chunks += (b"".join((*parts, tag, _varint(len(head) + len(data)), head)), data)
            parts = []
        else:
            short = len(value) <= _SHORT if is_text else type(value) is int
            parts += (tag, _pair(key, value) if short else _key_value(key, value))
    chunks.append(b"".join(parts))
    return chunks


def _key_value(key: str, value: Any) -> bytes:
    """A KeyValue with its length before it."""
    head, body = _key(key), _value(value)
    return b"%b%b%b" % (_varint(len(head) + len(body)), head, body)


# Names of models, hosts and apps come back on every span; ids and hashes are longer.
_pair = lru_cache(maxsize=4096, typed=True)(_key_value)


@lru_cache(maxsize=2048)
def _key(key: str) -> bytes:
    """A key with the tag of the value that follows it."""
    return _text(1, key) + _tag(2, _BYTES)


def _value(value: Any) -> bytes:
    """An AnyValue with its length before it."""
    if type(value) is str:  # by far the most
        data = value.encode("utf-8", "replace")
        size = len(data)
        if size < 126:
            return b"%c\x0a%c%b" % (size + 2, size, data)
        inner = b"\x0a" + _varint(size)
        return _varint(len(inner) + size) + inner + data
    inner = _any_value(value)
    return _SMALL[len(inner)] + inner if len(inner) < 128 else _varint(len(inner)) + inner


def _any_value(value: Any) -> bytes:
    """The body of an AnyValue. What OTLP has no word for becomes its text."""
    if type(value) is int and 0 <= value < 128:
        return b"\x18%c" % value
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"\x10\x01" if value else b"\x10\x00"
    if isinstance(value, int):
        return _tag(3, _VARINT) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)
    if isinstance(value, float):
        return _tag(4, _FIXED64) + _double(value)
    if isinstance(value, bytes):
        return _tag(7, _BYTES) + _varint(len(value)) + value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _field(5, b"".join(_tag(1, _BYTES) + _value(item) for item in value))
    if isinstance(value, Mapping):
        return _field(6, b"".join(_attributes(1, {str(key): item for key, item in value.items()})))
    data = str(value).encode("utf-8", "replace")
    return _tag(1, _BYTES) + _varint(len(data)) + data


@lru_cache(maxsize=128)
def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(number: int) -> bytes:
    if number < 128:
        return _SMALL[number]
    out = bytearray()
    while number > 127:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, data: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(data)) + data


def _text(number: int, text: object) -> bytes:
    """What an app gives as a name need not be a text: the API takes anything."""
    return _field(number, str(text).encode("utf-8", "replace")) if text else b""


def _number(number: int, value: int) -> bytes:
    return _tag(number, _VARINT) + _varint(value) if value else b""


def _time(number: int, time_ns: float | None) -> bytes:
    """Nor a time a whole number."""
    return _tag(number, _FIXED64) + _int64(int(time_ns)) if time_ns else b""
