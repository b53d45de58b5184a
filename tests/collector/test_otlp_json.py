"""Attributes in JSON are what protobuf's own mapping makes of them, in whatever way they are read."""

import gc
import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_collector.otlp_json import parse_trace_json

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


def test_a_body_that_is_no_json_leaves_garbage_collection_on() -> None:
    with pytest.raises(Exception, match="not JSON"):
        parse_trace_json(b"{")
    assert gc.isenabled()
