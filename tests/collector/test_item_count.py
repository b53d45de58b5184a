"""Spans are counted in the bytes of a request as the parser would find them."""

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_collector.item_count import check_count, count_json
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


@given(st.binary(max_size=200))
def test_what_is_no_request_is_left_to_the_parser_and_never_breaks(body: bytes) -> None:
    _is_over(body, 3)
    _is_over(b"\x0a" + b"\x80" * 200 + body, 3)
