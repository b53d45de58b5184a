"""Attributes in JSON are what protobuf's own mapping makes of them, in whatever way they are read."""

import gc
import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_collector.logs_request import read_logs_request
from sightline_collector.otlp_json import count_points_json, parse_logs_json, parse_trace_json
from sightline_collector.trace_request import read_trace_request
from sightline_core.errors import CallerError

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text()
)
_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.fixed_dictionaries({"stringValue": st.text()}, optional={"new": _SCALARS}),
        st.fixed_dictionaries({"string_value": st.text()}),
        st.fixed_dictionaries({"stringValue": _SCALARS}),
        st.fixed_dictionaries({"intValue": st.integers(-(2**63), 2**63 - 1).map(str)}),
        st.fixed_dictionaries({"boolValue": st.booleans(), "stringValue": st.text()}),
        st.just({}),
    ),
    lambda values: st.fixed_dictionaries({"arrayValue": st.fixed_dictionaries({"values": st.lists(values)})}),
    max_leaves=4,
)
_ATTRIBUTES = st.lists(
    st.fixed_dictionaries({}, optional={"key": _SCALARS, "value": _VALUES, "new": _SCALARS}), max_size=4
)


def _body(**fields: Any) -> bytes:
    span = {"traceId": "1" * 32, "spanId": "1" * 16, "name": "x", **fields}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


@given(_ATTRIBUTES)
def test_attributes_are_read_as_protobuf_reads_them(attributes: list[dict[str, Any]]) -> None:
    expected = Span()
    try:
        json_format.ParseDict({"attributes": attributes}, expected, ignore_unknown_fields=True)
        is_readable = True
    except (json_format.ParseError, ValueError, TypeError):
        is_readable = False
    request, reasons = parse_trace_json(_body(attributes=attributes))
    spans = request.resource_spans[0].scope_spans[0].spans
    assert (len(spans), len(reasons)) == ((1, 0) if is_readable else (0, 1))
    if is_readable:
        assert list(spans[0].attributes) == list(expected.attributes)


def test_a_long_text_is_not_looked_through_while_no_other_thread_can_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_through: list[int] = []

    class Pattern:
        def search(self, text: str) -> None:
            looked_through.append(len(text))

    monkeypatch.setattr(json_format, "_UNPAIRED_SURROGATE_PATTERN", Pattern())
    text = "a prompt " * 100_000
    request, _ = parse_trace_json(_body(attributes=[{"key": "input", "value": {"stringValue": text}}]))
    (span,) = request.resource_spans[0].scope_spans[0].spans
    assert span.attributes[0].value.string_value == text
    assert max(looked_through) < 100


_DEPTHS = range(28, 52)


def _in_lists(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"stringValue": "core"}
    for _ in range(levels):
        value = {"arrayValue": {"values": [value]}}
    return value


def _in_objects(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"stringValue": "core"}
    for _ in range(levels):
        value = {"kvlistValue": {"values": [{"key": "k", "value": value}]}}
    return value


@pytest.mark.parametrize("nested", [_in_lists, _in_objects])
@pytest.mark.parametrize("place", ["attributes", "events", "links"])
def test_a_span_nested_deeper_than_the_journal_can_be_read_is_refused_alone_and_by_name(
    place: str, nested: Callable[[int], dict[str, Any]]
) -> None:
    refused = []
    for levels in _DEPTHS:
        deep = [{"key": "deep", "value": nested(levels)}]
        span = {"name": "bad", place: deep if place == "attributes" else [{"attributes": deep}]}
        spans = [{"traceId": "1" * 32, "spanId": f"{number:016x}", **span} for number in (1, 2)]
        spans[0].pop(place)
        body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
        request = read_trace_request(body, is_json=True)
        kept = ExportTraceServiceRequest.FromString(request.payload).resource_spans[0].scope_spans[0].spans
        assert len(kept) == 2 - request.rejected.count
        assert all("span 1 ('bad')" in reason for reason in request.rejected.reasons)
        assert not any(reason.endswith(".") for reason in request.rejected.reasons)
        refused.append(request.rejected.count)
    assert (sorted(refused), set(refused)) == (refused, {0, 1})


@pytest.mark.parametrize("nested", [_in_lists, _in_objects])
@pytest.mark.parametrize("place", ["resource", "scope"])
def test_a_request_whose_resource_or_scope_is_nested_too_deeply_is_refused(
    place: str, nested: Callable[[int], dict[str, Any]]
) -> None:
    refused = []
    for levels in _DEPTHS:
        holder: dict[str, Any] = {"attributes": [{"key": "deep", "value": nested(levels)}]}
        resource, scope = (holder, {}) if place == "resource" else ({}, holder)
        spans = {"scope": scope, "spans": [{"traceId": "1" * 32, "spanId": "1" * 16}]}
        body = json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [spans]}]}).encode()
        try:
            request = read_trace_request(body, is_json=True)
        except CallerError:
            refused.append(1)
        else:
            ExportTraceServiceRequest.FromString(request.payload)
            refused.append(0)
    assert (sorted(refused), set(refused)) == (refused, {0, 1})


@pytest.mark.parametrize("nested", [_in_lists, _in_objects])
def test_an_event_nested_too_deeply_is_refused_alone(nested: Callable[[int], dict[str, Any]]) -> None:
    refused = []
    for levels in _DEPTHS:
        event = {"traceId": "1" * 32, "spanId": "1" * 16, "eventName": "gen_ai.user.message"}
        records = [{**event, "body": {"stringValue": "hi"}}, {**event, "body": nested(levels)}]
        body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
        request = read_logs_request(body, 1, is_json=True)
        ExportLogsServiceRequest.FromString(request.payload)
        assert request.event_count == 2 - request.rejected.count
        refused.append(request.rejected.count)
    assert (sorted(refused), set(refused)) == (refused, {0, 1})


def test_a_body_that_is_no_json_leaves_garbage_collection_on() -> None:
    with pytest.raises(Exception, match="not JSON"):
        parse_trace_json(b"{")
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("read", "own"),
    [
        (parse_trace_json, "resourceSpans"),
        (parse_logs_json, "resourceLogs"),
        (count_points_json, "resourceMetrics"),
    ],
)
def test_another_signal_or_format_is_refused_by_name_and_nothing_is_taken_for_nothing(
    read: Callable[[bytes], Any], own: str
) -> None:
    other = "resourceLogs" if own == "resourceSpans" else "resourceSpans"
    for sent in (other, "data", "x" * 1_000):
        with pytest.raises(CallerError, match=own) as refused:
            read(json.dumps({sent: []}).encode())
        assert sent[:40] in str(refused.value)
        assert len(str(refused.value)) < 200
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in own)
    for sent in (own, snake):
        read(json.dumps({sent: [], "new": 1}).encode())
    read(b"{}")


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"status": "ERROR"}, "status: 'ERROR'"),
        ({"attributes": [{"key": "a", "value": "b"}]}, "attributes.value: 'b'"),
    ],
)
def test_a_text_in_place_of_an_object_is_refused_by_name(more: dict[str, Any], where: str) -> None:
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "name": "s"}
    spans = [{**span, **more}, {**span, "status": {"code": 2}}]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    read = read_trace_request(json.dumps(body).encode(), is_json=True)
    assert read.span_count == 1
    assert f"{where} is no object" in str(read.rejected)


@pytest.mark.parametrize("holder", [{"resource": "shop"}, {"scopeSpans": [{"scope": "lib", "spans": []}]}])
def test_a_text_in_place_of_a_resource_or_scope_is_refused(holder: dict[str, Any]) -> None:
    with pytest.raises(CallerError, match="is no object"):
        read_trace_request(json.dumps({"resourceSpans": [holder]}).encode(), is_json=True)


@pytest.mark.parametrize(
    ("code", "read"),
    [(2, 2), ("2", 2), ("STATUS_CODE_ERROR", 2), ("ERROR", 2), ("Ok", 1), ("unset", 0), (None, 0)],
)
def test_a_status_is_read_by_number_and_by_name(code: Any, read: int) -> None:
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "status": {"code": code, "message": "m"}}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    request, refused = parse_trace_json(json.dumps(body).encode())
    assert refused == []
    status = request.resource_spans[0].scope_spans[0].spans[0].status
    assert (status.code, status.message) == (read, "m")


def test_a_status_that_is_none_is_refused_by_name() -> None:
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "name": "s", "status": {"code": "failed"}}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    _, refused = parse_trace_json(json.dumps(body).encode())
    assert refused == ["span 0 ('s') is not readable: status: 'failed' is no code"]
