"""Only the deepest span of a cause counts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures import find_carriers
from sightline_storage.spans.span_record import SpanRecord


def _span(span_id: str, parent: str, message: str = "", fingerprint: str = "") -> SpanRecord:
    record: SpanRecord = {"span_id": span_id, "parent_span_id": parent}
    if message or fingerprint:
        record |= {
            "failure_category": "exception",
            "failure_message": message,
            "failure_fingerprint": fingerprint or message,
        }
    return record


def test_ancestors_that_repeat_the_cause_are_carriers() -> None:
    spans = [
        _span("root", "", "the index is gone"),
        _span("step", "root", "step 3 gave up: the index is gone"),
        _span("call", "step", "the index is gone"),
    ]
    assert find_carriers(spans) == {"root": "call", "step": "call"}


def test_an_ancestor_with_another_cause_is_a_root_too() -> None:
    spans = [_span("root", "", "no budget left"), _span("call", "root", "the index is gone")]
    assert find_carriers(spans) == {}


@pytest.mark.parametrize("of_the_answer", ["invalid_json", "truncation", "empty_output", "refusal"])
def test_whoever_cannot_parse_an_answer_at_fault_carries_it(of_the_answer: str) -> None:
    parser = _span("root", "", "Expecting ',' delimiter: line 1 column 61") | {
        "failure_category": "invalid_json"
    }
    answer = _span("call", "root", "what the check of the answer says") | {"failure_category": of_the_answer}
    assert find_carriers([parser, answer]) == {"root": "call"}
    timeout = answer | {"failure_category": "timeout"}
    assert find_carriers([parser, timeout]) == {}


def test_an_ok_span_between_does_not_hide_the_carrier() -> None:
    spans = [_span("a", "", "it broke"), _span("b", "a"), _span("c", "b", "it broke")]
    assert find_carriers(spans) == {"a": "c"}


def test_two_independent_failures_are_two_roots() -> None:
    spans = [_span("a", ""), _span("b", "a", "it broke"), _span("c", "a", "it tore")]
    assert find_carriers(spans) == {}


def test_parents_that_form_a_cycle_do_not_hang() -> None:
    assert len(find_carriers([_span("a", "b", "it broke"), _span("b", "a", "it broke")])) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["", "it broke", "it tore"])), max_size=20),
    st.randoms(),
)
def test_order_of_arrival_does_not_matter(shape: list[tuple[int, str]], chance: random.Random) -> None:
    spans = [
        _span(str(i), str(parent) if parent < i else "", message) for i, (parent, message) in enumerate(shape)
    ]
    shuffled = spans.copy()
    chance.shuffle(shuffled)
    assert find_carriers(spans).keys() == find_carriers(shuffled).keys()
