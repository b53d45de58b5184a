"""Spans are written as the SDK's own encoder writes them, value for value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans as encode_by_sdk
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from sightline.otlp_spans import encode_spans

_int64 = st.integers(-(2**63), 2**63 - 1)
_long = st.text(min_size=1, max_size=9).map(lambda text: text * 3000)
_plain = st.text(max_size=300) | _long | st.booleans() | _int64 | st.floats(allow_nan=False)
_values: Any = _plain | st.lists(st.text(max_size=9), max_size=4) | st.lists(_int64, max_size=4)
_attributes = st.dictionaries(st.text(min_size=1, max_size=200), _values, max_size=6)
_times = st.integers(0, 2**63 - 1)
_states = st.builds(lambda entries: TraceState(entries), st.sampled_from([[], [("a", "1"), ("b", "2")]]))
_contexts = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.just(TraceFlags(1)),
    _states,
)
_events = st.builds(
    lambda name, attributes, time: Event(name, attributes, time), st.text(), _attributes, _times
)
_statuses = st.builds(Status, st.just(StatusCode.ERROR), st.text()) | st.just(Status())
_spans = st.builds(
    ReadableSpan,
    name=st.text(),
    context=_contexts,
    parent=st.none() | _contexts,
    resource=st.sampled_from([Resource({"service.name": "a"}, "https://schema"), Resource({"n": 1})]),
    attributes=_attributes,
    events=st.lists(_events, max_size=2),
    links=st.lists(st.builds(Link, _contexts, _attributes), max_size=2),
    kind=st.sampled_from(list(SpanKind)),
    status=_statuses,
    start_time=_times,
    end_time=_times,
    instrumentation_scope=st.sampled_from(
        [InstrumentationScope("one", "1", "https://schema"), InstrumentationScope("two")]
    ),
)


@given(st.lists(_spans, max_size=4))
def test_any_spans_are_written_as_the_sdk_writes_them(spans: list[ReadableSpan]) -> None:
    written = ExportTraceServiceRequest.FromString(encode_spans(spans, []))
    expected = encode_by_sdk(spans)
    for group, wanted in zip(written.resource_spans, expected.resource_spans, strict=True):
        assert group.resource == wanted.resource
        assert group.schema_url == wanted.schema_url
        for scope, wanted_scope in zip(group.scope_spans, wanted.scope_spans, strict=True):
            assert scope.scope == wanted_scope.scope
            for span, wanted_span in zip(scope.spans, wanted_scope.spans, strict=True):
                # The SDK leaves the trace state of links out.
                for link, wanted_link in zip(span.links, wanted_span.links, strict=True):
                    wanted_link.trace_state = link.trace_state
                assert span == wanted_span


def test_what_cannot_be_utf8_is_replaced_and_loses_no_batch() -> None:
    context = SpanContext(1, 2, False)
    span = ReadableSpan("half \ud800", context, attributes={"a": "\ud800"}, resource=Resource({}))
    (written,) = ExportTraceServiceRequest.FromString(encode_spans([span], [])).resource_spans
    assert written.scope_spans[0].spans[0].name == "half ?"


def test_names_and_times_of_other_types_are_written_and_what_cannot_be_costs_no_neighbour() -> None:
    context, resource = SpanContext(1, 2, False), Resource({})
    odd: Any = (7, 1.5e18)
    written = ReadableSpan(odd[0], context, resource=resource, start_time=odd[1], events=[Event(odd[0])])
    broken: Any = {"kind": "client"}
    unwritten: list[str] = []
    payload = encode_spans([ReadableSpan("broken", context, resource=resource, **broken), written], unwritten)
    (group,) = ExportTraceServiceRequest.FromString(payload).resource_spans
    (span,) = group.scope_spans[0].spans
    assert (span.name, span.start_time_unix_nano, span.events[0].name) == ("7", 15 * 10**17, "7")
    assert unwritten == ["AttributeError: 'str' object has no attribute 'value'"]
