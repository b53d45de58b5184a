"""Spans are counted in the bytes of a request as the parser would find them."""

import json
from typing import SupportsIndex

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_collector import item_count
from sightline_collector.item_count import check_count, check_parts, count_json
from sightline_collector.trace_request import read_trace_request
from sightline_core.errors import PayloadTooLarge

_NAMES = (("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans"), ("spans", "spans"))
# A number, two fixed sizes, bytes, and a group with a span's field in it, of fields that no message has.
_UNKNOWN = st.sampled_from(
    [
        b"",
        b"\xf8\x07\xff\x01",
        b"\xf9\x07" + bytes(8),
        b"\xfd\x07abcd",
        b"\xfa\x07\x02\x12\x00",
        b"\xfb\x07\x12\x00\x0a\x00\xfc\x07",
    ]
)
_TREES = st.lists(st.lists(st.lists(st.text(max_size=300), max_size=4), max_size=4), max_size=4)


def _field(number: int, payload: bytes) -> bytes:
    size = len(payload)
    return bytes([number << 3 | 2, size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + payload


def _leaves(tree: list[list[list[str]]]) -> int:
    return sum(max(1, sum(max(1, len(spans)) for spans in scopes)) for scopes in tree)


def _is_over(body: bytes, limit: int) -> bool:
    try:
        check_count(body, limit, "spans")
    except PayloadTooLarge:
        return True
    return False


@given(_TREES, _UNKNOWN)
def test_what_is_counted_is_what_is_parsed(tree: list[list[list[str]]], unknown: bytes) -> None:
    body = b"".join(
        unknown
        + _field(
            1,
            b"".join(
                unknown + _field(2, b"".join(unknown + _field(2, _field(5, name.encode())) for name in spans))
                for spans in scopes
            ),
        )
        for scopes in tree
    )
    parsed = ExportTraceServiceRequest.FromString(body)
    assert [
        [[span.name for span in scope.spans] for scope in resource.scope_spans]
        for resource in parsed.resource_spans
    ] == tree
    # Beyond the limit in bytes, too, so that they are looked at.
    padded, count = body + b"\xfa\x07\x80\x08" + bytes(1024), _leaves(tree)
    assert not _is_over(padded, count)
    assert _is_over(padded, count - 1)
    document = {
        "resourceSpans": [
            {"scopeSpans": [{"spans": [{"name": name} for name in spans]} for spans in scopes]}
            for scopes in tree
        ]
    }
    assert count_json(document, _NAMES, 1_000) == count


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(b"xx", id="numbers that no message has"),
        pytest.param(b"\xfa\x07\x00", id="texts that no message has"),
        # Each claims to hold all that follows, which would be gone through once for each.
        pytest.param(_field(1, b"\x12\xff\xff\x7f"), id="lengths beyond the end of what they are in"),
    ],
)
def test_fields_beside_the_items_are_not_counted_without_end(flood: bytes) -> None:
    read = 0

    class Watched(bytes):
        def __getitem__(self, at: SupportsIndex) -> int:  # type: ignore[override]
            nonlocal read
            read += 1
            return super().__getitem__(at)

    with pytest.raises(PayloadTooLarge):
        check_count(Watched(flood * 100_000), 1_000, "spans")
    assert read < 100_000


@given(st.binary(max_size=200))
def test_what_is_no_request_is_left_to_the_parser_and_never_breaks(body: bytes) -> None:
    _is_over(body, 3)
    _is_over(b"\x0a" + b"\x80" * 200 + body, 3)


_VALUES = st.recursive(
    st.builds(AnyValue, string_value=st.text(max_size=5)) | st.builds(AnyValue, int_value=st.integers(0, 9)),
    lambda inner: (
        st.builds(lambda items: AnyValue(array_value=ArrayValue(values=items)), st.lists(inner, max_size=4))
        | st.builds(
            lambda items: AnyValue(
                kvlist_value=KeyValueList(values=[KeyValue(value=item) for item in items])
            ),
            st.lists(inner, max_size=4),
        )
    ),
    max_leaves=20,
)
_ATTRIBUTES = st.lists(st.builds(KeyValue, key=st.text(max_size=3), value=_VALUES), max_size=5)
_SPANS = st.builds(
    Span,
    name=st.text(max_size=5),
    attributes=_ATTRIBUTES,
    events=st.lists(st.builds(Span.Event, attributes=_ATTRIBUTES), max_size=3),
    links=st.lists(st.builds(Span.Link, attributes=_ATTRIBUTES), max_size=3),
)


def _parts(message: Message) -> int:
    values = [value for field, value in message.ListFields() if field.message_type is not None]
    inner = [each for value in values for each in ([value] if isinstance(value, Message) else value)]
    return max(1, sum(map(_parts, inner)))


@given(st.lists(_SPANS, min_size=1, max_size=4))
def test_all_that_a_request_consists_of_is_counted_before_it_is_parsed(spans: list[Span]) -> None:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend(spans)
    body, count = request.SerializeToString() + b"\xfa\x07\x80\x08" + bytes(1024), _parts(request)
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(item_count, "MAX_REQUEST_PARTS", count)
        check_parts(body, request.DESCRIPTOR)
        limits.setattr(item_count, "MAX_REQUEST_PARTS", count - 1)
        with pytest.raises(PayloadTooLarge, match="attributes, events, links and values in lists"):
            check_parts(body, request.DESCRIPTOR)


@pytest.mark.parametrize("part", [b"\x4a\x00", b"\x5a\x00", b"\x6a\x00", b"\xca\x80\x00\x00"])
def test_a_span_of_a_million_empty_parts_is_refused(part: bytes) -> None:
    sizes = [len(part) * 1_000_001]
    for _ in range(2):
        sizes.append(sizes[-1] + 5)
    headers = [bytes([tag]) + _size(size) for tag, size in zip((0x12, 0x12, 0x0A), sizes, strict=True)]
    body = b"".join(reversed(headers)) + part * 1_000_001
    assert len(ExportTraceServiceRequest.FromString(body).resource_spans[0].scope_spans[0].spans) == 1
    with pytest.raises(PayloadTooLarge):
        read_trace_request(body, is_json=False)


def _size(size: int) -> bytes:
    """As a varint of four bytes."""
    return bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14 & 0x7F | 0x80, size >> 21])


def test_json_of_millions_of_objects_is_refused() -> None:
    span: dict[str, list[object]] = {"attributes": [{}] * 4_000_001}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    with pytest.raises(PayloadTooLarge):
        read_trace_request(body, is_json=True)
