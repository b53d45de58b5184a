"""Only the deepest span of a cause counts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures import propagate
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
    found = propagate(spans)
    assert found.roots == {"call"}
    assert found.carried == {"root": "call", "step": "call"}


def test_an_ancestor_with_another_cause_is_a_root_too() -> None:
    found = propagate([_span("root", "", "no budget left"), _span("call", "root", "the index is gone")])
    assert found.roots == {"root", "call"}


@pytest.mark.parametrize("of_the_answer", ["invalid_json", "truncation", "empty_output", "refusal"])
def test_whoever_cannot_parse_an_answer_at_fault_carries_it(of_the_answer: str) -> None:
    parser = _span("root", "", "Expecting ',' delimiter: line 1 column 61") | {
        "failure_category": "invalid_json"
    }
    answer = _span("call", "root", "what the check of the answer says") | {"failure_category": of_the_answer}
    assert propagate([parser, answer]).carried == {"root": "call"}
    timeout = answer | {"failure_category": "timeout"}
    assert propagate([parser, timeout]).roots == {"root", "call"}


def test_an_ok_span_between_does_not_hide_the_carrier() -> None:
    found = propagate([_span("a", "", "it broke"), _span("b", "a"), _span("c", "b", "it broke")])
    assert found.roots == {"c"}


def test_two_independent_failures_are_two_roots() -> None:
    found = propagate([_span("a", ""), _span("b", "a", "it broke"), _span("c", "a", "it tore")])
    assert found.roots == {"b", "c"}


def test_parents_that_form_a_cycle_do_not_hang() -> None:
    found = propagate([_span("a", "b", "it broke"), _span("b", "a", "it broke")])
    assert len(found.roots) + len(found.carried) == 2
    assert found.roots


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
    assert propagate(spans).roots == propagate(shuffled).roots
