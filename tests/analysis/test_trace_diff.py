"""Two traces, aligned: every step once, in the order of both, and texts that can be put together again."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.test_chains import make_span

from sightline_analysis.chains import Chain, build_chain
from sightline_analysis.trace_diff import Step, align_trees, diff_chains
from sightline_analysis.trace_diff_sequence import match_sequences
from sightline_analysis.trace_diff_text import content_text, diff_texts
from sightline_storage.contract import SpanRow
from sightline_storage.traces.trace_inspector import ContentDigest

KEYS = st.lists(st.sampled_from("abcd"), max_size=24)


def longest_common(left: list[str], right: list[str]) -> int:
    """The length of the longest common subsequence, by the textbook table."""
    row = [0] * (len(right) + 1)
    for a in left:
        previous = row
        row = [0]
        for j, b in enumerate(right):
            row.append(previous[j] + 1 if a == b else max(row[j], previous[j + 1]))
    return row[-1]


@given(KEYS, KEYS, st.sampled_from([2, 1000]))
def test_matched_pairs_have_equal_keys_and_rise_on_both_sides(
    left: list[str], right: list[str], max_edits: int
) -> None:
    pairs = match_sequences(left, right, max_edits)
    assert all(left[i] == right[j] for i, j in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(pairs))


@given(KEYS, KEYS)
def test_as_many_pairs_are_matched_as_can_be(left: list[str], right: list[str]) -> None:
    assert len(match_sequences(left, right)) == longest_common(left, right)


def test_sequences_with_nothing_in_common_are_given_up_in_time() -> None:
    assert match_sequences(range(0, 40_000, 2), range(1, 40_000, 2)) == []


def spans_of(parents: list[int], names: list[str]) -> list[SpanRow]:
    return [
        replace(
            make_span(str(index), str(parent % index) if index else "", start_ms=index, duration_ms=1),
            name=names[index],
        )
        for index, parent in enumerate(parents)
    ]


@st.composite
def traces(draw: st.DrawFn) -> list[SpanRow]:
    parents = draw(st.lists(st.integers(0, 30), min_size=1, max_size=16))
    names = draw(st.lists(st.sampled_from(["plan", "search", "answer"]), min_size=16, max_size=16))
    return spans_of(parents, names)


@given(traces(), traces())
def test_alignment_holds_every_span_of_both_sides_once_and_in_their_order(
    left: list[SpanRow], right: list[SpanRow]
) -> None:
    one, other = build_chain(left).tree, build_chain(right).tree
    lines = align_trees(one, other)
    assert [i for _, i, _ in lines if i is not None] == list(range(len(left)))
    assert [j for _, _, j in lines if j is not None] == list(range(len(right)))
    for depth, i, j in lines:
        if i is not None:
            assert one.depth[i] == depth
        if j is not None:
            assert other.depth[j] == depth


@given(traces())
def test_a_trace_beside_itself_is_the_same_in_every_step(trace: list[SpanRow]) -> None:
    steps = diff_chains(build_chain(trace), build_chain(trace), {}, {})
    assert {step.outcome for step in steps} == {"same"}
    assert all(step.left == step.right for step in steps)
    assert all(step.delta.tokens == 0 and step.delta.duration_ns == 0 for step in steps)


def test_added_and_dropped_steps_are_found_at_their_place() -> None:
    left = spans_of([0, 0, 0, 0], ["run", "plan", "search", "answer"])
    right = spans_of([0, 0, 0, 0], ["run", "plan", "answer", "check"])
    steps = diff_chains(build_chain(left), build_chain(right), {}, {})
    assert [(step.outcome, step.left, step.right) for step in steps] == [
        ("same", 0, 0),
        ("same", 1, 1),
        ("left", 2, None),
        ("same", 3, 2),
        ("right", None, 3),
    ]


def llm(name: str, model: str, tokens: int, cost: str) -> Step:
    spans = [
        replace(make_span("a", tokens=tokens, cost=cost, duration_ms=5), name=name, model=model, kind="llm")
    ]
    before = [replace(make_span("b", tokens=10, cost="0.5"), name="chat gpt-4o", model="gpt-4o", kind="llm")]
    (step,) = diff_chains(
        build_chain(before),
        build_chain(spans),
        {"b": ContentDigest(1, 2, 3, 4)},
        {"a": ContentDigest(1, 2, 3, 5)},
    )
    return step


def test_a_call_of_another_model_is_the_same_step_with_its_differences_named() -> None:
    step = llm("chat gpt-4.1", "gpt-4.1", 25, "0.75")
    assert step.changes == ("name", "model", "tokens", "cost", "output")
    assert (step.delta.tokens, step.delta.cost_usd, step.delta.duration_ns) == (
        15,
        Decimal("0.25"),
        5_000_000,
    )


def test_tokens_of_both_sides_that_grow_alike_are_a_difference() -> None:
    before, after = (replace(make_span("a", tokens=10 + more), output_tokens=5 + more) for more in (0, 1))
    (step,) = diff_chains(build_chain([before]), build_chain([after]), {}, {})
    assert (step.changes, step.delta.tokens) == (("tokens",), 2)


def test_what_made_no_calls_cost_nothing() -> None:
    calling = build_chain([make_span("a"), make_span("b", "a", cost="1")])
    silent = build_chain([make_span("a"), make_span("c", "a")])
    assert diff_chains(calling, silent, {}, {})[0].delta.cost_usd == -1
    assert diff_chains(silent, calling, {}, {})[0].delta.cost_usd == 1
    assert diff_chains(silent, silent, {}, {})[0].delta.cost_usd == 0


def test_a_change_of_cost_is_not_known_above_a_call_without_a_price() -> None:
    def side(state: str) -> Chain:
        below = [make_span("b", "a", cost="1"), replace(make_span("c", "a"), cost_state=state)]
        return build_chain([make_span("a"), *below])

    known, unknown = side("priced"), side("unpriced")
    for left, right in ((known, unknown), (unknown, known)):
        assert diff_chains(left, right, {}, {})[0].delta.cost_usd is None
    assert diff_chains(known, known, {}, {})[0].delta.cost_usd == 0


def test_chains_deeper_than_the_python_stack_are_compared() -> None:
    deep = [make_span(str(i), str(i - 1) if i else "", duration_ms=1) for i in range(3000)]
    assert len(diff_chains(build_chain(deep), build_chain(deep[:2500]), {}, {})) == 3000


@given(st.text("ab \n", max_size=60), st.text("ab \n", max_size=60))
def test_the_pieces_of_a_text_diff_are_both_texts(left: str, right: str) -> None:
    pieces = diff_texts(left, right).pieces
    assert "".join(piece.text for piece in pieces if piece.op != "insert") == left
    assert "".join(piece.text for piece in pieces if piece.op != "delete") == right
    assert all(a.op != b.op for a, b in itertools.pairwise(pieces))


def test_a_changed_word_is_shown_and_not_its_whole_line() -> None:
    pieces = diff_texts("one\nRefund the order 12 now.\n", "one\nRefund the order 99 now.\n").pieces
    assert [(piece.op, piece.text) for piece in pieces] == [
        ("equal", "one\nRefund the order "),
        ("delete", "12"),
        ("insert", "99"),
        ("equal", " now.\n"),
    ]


def test_lines_with_little_in_common_are_replaced_whole() -> None:
    pieces = diff_texts("the cat sat on a mat", "we sell no shoes a week").pieces
    assert [piece.op for piece in pieces] == ["delete", "insert"]


@pytest.mark.parametrize("line", ["word ", "a\n", "x"])
def test_texts_of_a_megabyte_are_compared_up_to_the_limit(line: str) -> None:
    diff = diff_texts(line * 1_000_000, "other " + line * 1_000_000)
    assert diff.cut
    assert diff.pieces[0].op != "equal"


def test_messages_are_compared_as_readable_text() -> None:
    stored = (
        '[{"role":"user","parts":[{"type":"text","content":"hi\\nthere"}]},'
        '{"role":"assistant","parts":[{"type":"tool_call","name":"find","arguments":"{\\"q\\":1}"}]},'
        '{"role":"tool","parts":[{"type":"tool_call_response","response":"none"}]}]'
    )
    assert content_text(stored) == (
        '[user]\nhi\nthere\n\n[assistant]\n→ find {\n  "q": 1\n}\n\n[tool]\n← none'
    )


@pytest.mark.parametrize("content", ["plain", "12", '{"broken', "[" * 5000, ""])
def test_what_is_no_json_document_is_compared_as_it_is(content: str) -> None:
    assert content_text(content) == content


def test_deeply_nested_json_is_compared_too() -> None:
    assert content_text("[" * 900 + "]" * 900)
