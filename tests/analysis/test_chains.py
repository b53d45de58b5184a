"""A chain holds every span once, in tree order, with figures that add up, whatever the parents say."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.chains import build_chain
from sightline_core.ids import SpanId
from sightline_storage.contract import SpanRow

MS = 1_000_000


def make_span(
    span_id: str,
    parent: str = "",
    *,
    start_ms: float = 0,
    duration_ms: float = 0,
    tokens: int = 0,
    cost: str | None = None,
    counted: bool = True,
) -> SpanRow:
    return SpanRow(
        span_id=SpanId(span_id),
        parent_span_id=parent,
        name=f"step {span_id}",
        kind="internal",
        status="ok",
        start_ns=int(start_ms * MS),
        duration_ns=int(duration_ms * MS),
        time_to_first_token_ns=0,
        model="",
        provider="",
        input_tokens=tokens,
        output_tokens=0,
        cost_usd=Decimal(cost or 0),
        cost_state="priced" if cost is not None else "none",
        counted=counted,
        failure_category="",
        failure_propagated=False,
        guardrail_outcome="",
        cache_hit=-1,
        marks=[],
    )


def order_of(*spans: SpanRow) -> list[str]:
    return [span.span_id for span in build_chain(spans).tree.spans]


def test_parents_come_before_children_and_siblings_by_start() -> None:
    spans = [
        make_span("c", "a", start_ms=5),
        make_span("b", "a", start_ms=2),
        make_span("a"),
        make_span("d", "b"),
    ]
    chain = build_chain(spans)
    assert [span.span_id for span in chain.tree.spans] == ["a", "b", "d", "c"]
    assert chain.tree.depth == [0, 1, 2, 1]
    assert chain.tree.parent == [-1, 0, 1, 0]


def test_a_span_whose_parent_is_not_stored_is_an_orphan_root() -> None:
    chain = build_chain([make_span("a"), make_span("b", "missing", start_ms=1)])
    assert chain.tree.orphan == [False, True]
    assert chain.tree.depth == [0, 0]


@pytest.mark.parametrize("parents", [("a", ""), ("b", "a"), ("b", "b")])
def test_circles_of_parents_are_cut_and_no_span_is_lost(parents: tuple[str, str]) -> None:
    chain = build_chain([make_span("a", parents[0]), make_span("b", parents[1], start_ms=1)])
    assert sorted(span.span_id for span in chain.tree.spans) == ["a", "b"]
    assert any(chain.tree.orphan)


def test_chains_deeper_than_the_python_stack_are_ordered() -> None:
    spans = [make_span(str(depth), str(depth - 1) if depth else "", duration_ms=1) for depth in range(5000)]
    chain = build_chain(spans)
    assert chain.tree.depth[-1] == 4999
    assert chain.subtree_spans[0] == 5000


def test_self_time_is_what_overlapping_children_leave() -> None:
    chain = build_chain(
        [
            make_span("a", start_ms=0, duration_ms=100),
            make_span("b", "a", start_ms=10, duration_ms=30),
            make_span("c", "a", start_ms=20, duration_ms=40),
            make_span("d", "a", start_ms=90, duration_ms=50),
        ]
    )
    # Covered: 10–60 by b and c together, and 90–100 of d, which outlives its parent.
    assert chain.self_time_ns == [40 * MS, 30 * MS, 40 * MS, 50 * MS]


def test_the_critical_path_follows_the_child_that_was_waited_for() -> None:
    chain = build_chain(
        [
            make_span("root", start_ms=0, duration_ms=100),
            make_span("slow", "root", start_ms=10, duration_ms=60),
            make_span("fast", "root", start_ms=10, duration_ms=20),
            make_span("last", "root", start_ms=75, duration_ms=20),
            make_span("inner", "slow", start_ms=20, duration_ms=40),
        ]
    )
    on_path = {
        span.span_id for span, critical in zip(chain.tree.spans, chain.critical, strict=True) if critical
    }
    assert on_path == {"root", "slow", "inner", "last"}


def test_a_child_on_a_clock_that_is_behind_moves_with_its_subtree_to_its_parent() -> None:
    chain = build_chain(
        [
            make_span("a", start_ms=1000, duration_ms=100),
            make_span("b", "a", start_ms=400, duration_ms=50),
            make_span("c", "b", start_ms=410, duration_ms=10),
        ]
    )
    assert chain.skew_ns == [0, 600 * MS, 600 * MS]
    assert chain.start_ns == [1000 * MS, 1000 * MS, 1010 * MS]
    assert chain.first_start_ns == 1000 * MS


def test_a_rounding_of_a_millisecond_is_not_clock_skew() -> None:
    chain = build_chain([make_span("a", start_ms=10, duration_ms=9), make_span("b", "a", start_ms=9.2)])
    assert chain.skew_ns == [0, 0]


def test_totals_roll_up_counted_spans_and_keep_unpriced_apart_from_zero() -> None:
    chain = build_chain(
        [
            make_span("a"),
            make_span("b", "a", start_ms=1, tokens=10, cost="0.25"),
            make_span("c", "b", start_ms=2, tokens=10, cost="0.25", counted=False),
            make_span("d", "a", start_ms=3, tokens=5),
        ]
    )
    assert chain.subtree_tokens == [15, 10, 0, 5]
    assert chain.subtree_cost_usd == [Decimal("0.25"), Decimal("0.25"), None, None]


@st.composite
def traces(draw: st.DrawFn) -> list[SpanRow]:
    ids = [f"s{number}" for number in range(draw(st.integers(0, 12)))]
    return [
        make_span(
            span_id,
            draw(st.sampled_from(["", "missing", *ids])),
            start_ms=draw(st.integers(0, 50)),
            duration_ms=draw(st.integers(0, 50)),
            tokens=draw(st.integers(0, 9)),
        )
        for span_id in ids
    ]


@settings(max_examples=150, deadline=None)
@given(traces())
def test_every_trace_becomes_one_tree_that_adds_up(spans: list[SpanRow]) -> None:
    chain = build_chain(spans)
    tree = chain.tree
    assert sorted(span.span_id for span in tree.spans) == sorted(span.span_id for span in spans)
    assert order_of(*reversed(spans)) == [span.span_id for span in tree.spans]
    for position, parent in enumerate(tree.parent):
        assert parent < position
        assert tree.depth[position] == (tree.depth[parent] + 1 if parent >= 0 else 0)
        if parent >= 0:
            assert tree.spans[position].parent_span_id == tree.spans[parent].span_id
            assert chain.start_ns[position] >= chain.start_ns[parent] - MS
            assert not chain.critical[position] or chain.critical[parent]
        assert 0 <= chain.self_time_ns[position] <= tree.spans[position].duration_ns
        assert chain.skew_ns[position] >= 0
    roots = [position for position, parent in enumerate(tree.parent) if parent < 0]
    assert sum(chain.subtree_spans[root] for root in roots) == len(spans)
    assert sum(chain.subtree_tokens[root] for root in roots) == sum(span.input_tokens for span in spans)
