"""What is remembered for a set of attribute names gives the same records as working it out anew."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_collector import CollectorConfig, attribute_plan
from sightline_collector.columns import COLUMN_OF_ATTRIBUTE, FALLBACK_CONTENT
from sightline_collector.span_decoder import SpanDecoder
from sightline_core.limits import IngestLimits
from sightline_semconv.dialects import DIALECTS, normalise
from sightline_storage.spans.span_record import SpanRecord

NORMALISE = importlib.import_module("sightline_semconv.dialects.normalise")  # its function hides the module
NOW_NS = 1_790_000_000_000_000_000

NAMES = sorted(
    {name for dialect in DIALECTS for name in (*dialect.renames, *dialect.renames.values())}
    | {dialect.kind_attribute for dialect in DIALECTS if dialect.kind_attribute}
    | {prefix + "0.message.content" for dialect in DIALECTS for prefix in dialect.prefixes}
    | {name for name, _ in FALLBACK_CONTENT}
    | {*COLUMN_OF_ATTRIBUTE, "mine", "mine.too", "input.value", "nul\0name"}
)
TEXTS = st.sampled_from(
    [*(kind for dialect in DIALECTS for kind in dialect.kinds), "chat", "gpt-4o", "12", "", "a\0b", "x" * 90,
     '["stop"]', '{"total": 3}', '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]',
     '[{"role": "user", "content": "hi"}]', "input_truncated"]
)  # fmt: skip
VALUES = TEXTS | st.integers(-3, 2**40) | st.booleans() | st.floats(0, 1e6) | st.lists(TEXTS, max_size=2)
ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=12)


def request_of(attributes: Mapping[str, Any]) -> ExportTraceServiceRequest:
    """A request of one span."""
    request = ExportTraceServiceRequest()
    span: Span = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(trace_id=b"\1" * 16, span_id=b"\2" * 8, name="s", start_time_unix_nano=NOW_NS)
    )
    for name, value in attributes.items():
        slot = span.attributes.add(key=name).value
        if isinstance(value, list):
            slot.array_value.SetInParent()
            for item in value:
                slot.array_value.values.add(string_value=item)
        else:
            kind = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value"}
            setattr(slot, kind[type(value)], value)
    return request


def decoded(attributes: Mapping[str, Any]) -> SpanRecord:
    """The record of a span with these attributes, under limits that are easily met."""
    limits = IngestLimits(max_attributes=6, max_attribute_size=80, max_content_size=200)
    decoder = SpanDecoder(CollectorConfig(Path("unused"), limits=limits), lambda _record: None)
    (record,) = decoder.decode(request_of(attributes), "p", NOW_NS)
    assert isinstance(record, dict)
    return record


@settings(max_examples=150, deadline=None)
@given(ATTRIBUTES)
def test_a_set_of_names_seen_before_gives_the_same_record(attributes: dict[str, Any]) -> None:
    forget()
    first = decoded(attributes)
    again = decoded(attributes)
    assert again == first
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sightline_collector.span_decoder.plan_of", attribute_plan.make_plan)
        forget()
        assert decoded(attributes) == first


def forget() -> None:
    """Start as a fresh process does."""
    attribute_plan._plans.clear()
    NORMALISE._spoken_of_names.clear()


@settings(max_examples=150, deadline=None)
@given(ATTRIBUTES, ATTRIBUTES)
def test_what_other_spans_carried_changes_nothing(before: dict[str, Any], attributes: dict[str, Any]) -> None:
    forget()
    alone = decoded(attributes)
    forget()
    decoded(before)
    # The same names with other values: only names may be remembered.
    decoded(dict.fromkeys(attributes, "other"))
    assert decoded(attributes) == alone


def test_names_of_strangers_are_not_remembered_without_end() -> None:
    forget()
    for number in range(2_500):
        normalised = normalise({f"name-{number}": 1})
        attribute_plan.plan_of(tuple(normalised.attributes))
    attribute_plan.plan_of(("long" * 10_000,))
    assert len(attribute_plan._plans) <= 1_000
    assert len(NORMALISE._spoken_of_names) <= 1_000
    assert ("long" * 10_000,) not in attribute_plan._plans


@pytest.mark.parametrize("turned", [False, True], ids=["last", "first"])
def test_the_session_that_an_app_names_wins_over_the_provider_s_conversation(turned: bool) -> None:
    said = {"gen_ai.conversation.id": "conv_1", "session.id": "s-1"}
    record = decoded(dict(reversed(said.items())) if turned else said)
    assert (record["session"], record["attributes"]) == ("s-1", {"gen_ai.conversation.id": "conv_1"})


def test_an_empty_text_says_nothing() -> None:
    record = decoded({"gen_ai.conversation.id": "conv_1", "session.id": "", "gen_ai.prompt.name": ""})
    assert record["session"] == "conv_1"
    assert "prompt_name" not in record
