"""Random queries over random traces find what a plain evaluation in Python finds."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_spans import BASE_NS

from sightline_core.ids import ProjectId
from sightline_core.query_fields import FACTS, FIELDS, FieldName
from sightline_core.query_tree import (
    And,
    FullText,
    Has,
    Node,
    Not,
    NumberRange,
    Or,
    Pattern,
    SpanPath,
    TextMatch,
    all_of,
    any_of,
    negate,
)
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.search import newest_fitting
from sightline_storage.search.needed_span import is_about_one_span
from sightline_storage.search.trace_conditions import TRACE_NUMBERS
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spans.span_conditions import LIST_COLUMN, NUMBER_COLUMN, TEXT_COLUMN, has_fact

PROJECT = ProjectId("random")
START = datetime.fromtimestamp(BASE_NS / 1e9, UTC)
RANGE = TimeRange(START - timedelta(hours=1), START + timedelta(hours=1))

Traces = dict[str, list[SpanRecord]]
Nodes = st.SearchStrategy[Node]


def random_traces(random: Random) -> Traces:
    """Sixty traces of one to six spans, in random trees, of a few values each."""
    found: Traces = {}
    numbers = itertools.count(1)
    for trace in range(1, 61):
        spans: list[SpanRecord] = []
        for _ in range(random.randint(1, 6)):
            number = next(numbers)
            is_call = random.random() < 0.6
            spans.append(
                SpanRecord(
                    project=PROJECT,
                    trace_id=f"{trace:032x}",
                    span_id=f"{number:016x}",
                    parent_span_id=random.choice(spans)["span_id"] if spans else "",
                    start_ns=BASE_NS + number * 1_000_000,
                    duration_ns=random.choice([1, 5, 50]) * 1_000_000,
                    ingested_ns=BASE_NS,
                    name=random.choice(["a", "ab", "B"]),
                    kind="llm" if is_call else random.choice(["tool", "agent"]),
                    status=random.choice(["ok", "error", "unset"]),
                    app=random.choice(["x", "y"]),
                    tags=random.sample(["t1", "t2"], random.randint(0, 2)),
                    input=random.choice(["", "red house", "Red", "house red"]),
                    input_tokens=random.choice([0, 5, 10]) if is_call else 0,
                    cost_usd=random.choice([Decimal(0), Decimal("0.25")]) if is_call else Decimal(0),
                    cost_state=random.choice(["priced", "unpriced"]) if is_call else "none",
                    attributes=random.choice([{}, {"k": "v"}, {"k": "w"}]),
                )
            )
        found[f"{trace:032x}"] = spans
    return found


def older_copies(spans: list[SpanRecord], random: Random) -> list[SpanRecord]:
    """Return what was stored before of half of the spans: the same ones, with the content of others."""
    same = ("project", "trace_id", "span_id", "parent_span_id", "start_ns")
    others = random.sample(spans, len(spans))
    return [
        cast(
            SpanRecord,
            {
                **other,
                **{key: value for key, value in span.items() if key in same},
                "ingested_ns": BASE_NS - 1,
            },
        )
        for span, other in list(zip(spans, others, strict=True))[::2]
    ]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TraceSearch, Traces]]:
    """A store of random traces, some of whose spans were stored otherwise before, and the traces."""
    store: Store = open_store(StoreConfig(data_dir=tmp_path_factory.mktemp("store")))
    traces = random_traces(Random(7))
    spans = list(itertools.chain.from_iterable(traces.values()))
    store.writer.write(older_copies(spans, Random(8)), token="o")
    store.writer.write(spans, token="t")
    yield TraceSearch(store.engine), traces
    store.close()


def trace_fits(node: Node, spans: list[SpanRecord]) -> bool:
    """Evaluate a tree as docs/query-language.md says, without SQL."""
    match node:
        case And(items):
            return all(trace_fits(item, spans) for item in items)
        case Or(items):
            return any(trace_fits(item, spans) for item in items)
        case Not(item):
            return not trace_fits(item, spans)
        case TextMatch("status", patterns):
            return any(
                pattern_fits(pattern, value) for value in texts("status", spans[0]) for pattern in patterns
            )
        case NumberRange(field) if field in ("cost", "input_tokens", "spans", "errors", "latency"):
            return in_range(trace_number(field, spans), node)
        case SpanPath(conditions, relations):
            return path_exists(conditions, relations, spans)
    return any(span_fits(node, span) for span in spans)


def trace_number(field: str, spans: list[SpanRecord]) -> Decimal | None:
    priced = [span["cost_usd"] for span in spans if span["cost_state"] == "priced"]
    end_ns = max(span["start_ns"] + span["duration_ns"] for span in spans)
    numbers = {
        "cost": sum(priced, Decimal(0)) if priced else None,
        "input_tokens": Decimal(sum(span["input_tokens"] for span in spans)),
        "spans": Decimal(len(spans)),
        "errors": Decimal(sum(span["status"] == "error" for span in spans)),
        "latency": Decimal(end_ns - spans[0]["start_ns"]),
    }
    return numbers[field]


def path_exists(conditions: tuple[Node, ...], relations: tuple[str, ...], spans: list[SpanRecord]) -> bool:
    parent_of = {span["span_id"]: span["parent_span_id"] for span in spans}

    def above(span_id: str, relation: str) -> list[str]:
        parent = parent_of.get(span_id, "")
        if not parent or relation == ">":
            return [parent]
        return [parent, *above(parent, relation)]

    ends = {span["span_id"] for span in spans if span_fits(conditions[0], span)}
    for relation, condition in zip(relations, conditions[1:], strict=True):
        fitting = [span["span_id"] for span in spans if span_fits(condition, span)]
        ends = {span_id for span_id in fitting if not ends.isdisjoint(above(span_id, relation))}
    return bool(ends)


def span_fits(node: Node, span: SpanRecord) -> bool:
    match node:
        case And(items):
            return all(span_fits(item, span) for item in items)
        case Or(items):
            return any(span_fits(item, span) for item in items)
        case Not(item):
            return not span_fits(item, span)
        case TextMatch(field, patterns):
            return any(pattern_fits(pattern, value) for pattern in patterns for value in texts(field, span))
        case NumberRange("cost"):
            return in_range(span["cost_usd"] if span["cost_state"] == "priced" else None, node)
        case NumberRange("input_tokens"):
            return in_range(Decimal(span["input_tokens"]), node)
        case NumberRange("latency"):
            return in_range(Decimal(span["duration_ns"]), node)
        case Has("error"):
            return span["status"] == "error"
        case Has("unpriced"):
            return span["cost_state"] == "unpriced"
        case Has("attr.k"):
            return "k" in span["attributes"]
        case FullText(phrase):
            phrase = phrase.lower()
            words = span["input"].lower().split()
            in_content = set(phrase.split()) <= set(words) and phrase in span["input"].lower()
            return in_content or phrase in span["name"].lower()
    raise AssertionError(node)


def texts(field: str, span: SpanRecord) -> list[str]:
    if field == "attr.k":
        return [span["attributes"]["k"]] if "k" in span["attributes"] else []
    if field == "status" and span["status"] == "unset":
        return ["unset", "ok"]
    value: Any = span["tags"] if field == "tag" else span[field]  # type: ignore[literal-required]
    return value if isinstance(value, list) else [value]


def pattern_fits(pattern: Pattern, value: str) -> bool:
    return value.startswith(pattern.text.rstrip("*")) if pattern.wildcard else value == pattern.text


def in_range(value: Decimal | None, wanted: NumberRange) -> bool:
    if value is None:
        return False
    low, high = wanted.low, wanted.high
    above = low is None or value > low or (wanted.low_inclusive and value == low)
    below = high is None or value < high or (wanted.high_inclusive and value == high)
    return above and below


VALUES = {
    "status": ["ok", "error", "unset"],
    "kind": ["llm", "tool"],
    "app": ["x", "y"],
    "name": ["a", "B"],
    "tag": ["t1", "t2"],
    "attr.k": ["v", "w"],
}
text_matches: Nodes = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.lists(st.sampled_from(VALUES[field]).map(Pattern), min_size=1, max_size=2).map(
        lambda patterns: TextMatch(FieldName(field), tuple(patterns))
    )
)
wildcards: Nodes = st.just(TextMatch(FieldName("name"), (Pattern("a*", wildcard=True),)))
others: Nodes = st.sampled_from(
    [Has("error"), Has("unpriced"), Has("attr.k"), FullText("red"), FullText("Red House"), FullText("b")]
)


def ranges(fields: list[str]) -> Nodes:
    bounds = {
        "cost": ["0", "0.25", "0.5"],
        "input_tokens": ["0", "5", "15"],
        "spans": ["1", "3"],
        "errors": ["0", "1", "2"],
        "latency": ["1000000", "5000000", "51000000"],
    }
    return st.sampled_from(fields).flatmap(
        lambda field: st.builds(
            NumberRange,
            st.just(FieldName(field)),
            st.none() | st.sampled_from(bounds[field]).map(Decimal),
            st.none() | st.sampled_from(bounds[field]).map(Decimal),
            st.booleans(),
            st.booleans(),
        )
    )


def trees(leaves: Nodes) -> Nodes:
    def grow(inner: Nodes) -> Nodes:
        several = st.lists(inner, min_size=2, max_size=3)
        return several.map(lambda i: all_of(*i)) | several.map(lambda i: any_of(*i)) | inner.map(negate)

    return st.recursive(leaves, grow, max_leaves=5)


about_spans = trees(text_matches | wildcards | others | ranges(["cost", "input_tokens", "latency"]))
paths: Nodes = st.lists(about_spans, min_size=1, max_size=3).flatmap(
    lambda conditions: st.lists(
        st.sampled_from([">", ">>"]), min_size=len(conditions) - 1, max_size=len(conditions) - 1
    ).map(lambda relations: SpanPath(tuple(conditions), tuple(relations)))  # type: ignore[arg-type]
)
about_traces = trees(
    text_matches | wildcards | others | paths | ranges(["cost", "input_tokens", "latency", "spans", "errors"])
)


@pytest.mark.timeout(300)
@settings(max_examples=100, deadline=None)
@given(about_traces)
def test_a_query_finds_what_its_meaning_says(stored: tuple[TraceSearch, Traces], node: Node) -> None:
    search, traces = stored
    found = search.find_traces(PROJECT, RANGE, node, limit=100).traces
    assert {row.trace_id for row in found} == {
        trace_id for trace_id, spans in traces.items() if trace_fits(node, spans)
    }


@pytest.mark.parametrize("candidates", [2_000, 0])
def test_pages_are_the_list_whichever_way_they_are_found(
    stored: tuple[TraceSearch, Traces], monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    search, traces = stored
    monkeypatch.setattr(newest_fitting, "_MOST_CANDIDATES", candidates)

    @settings(max_examples=15, deadline=None)
    @given(about_traces.filter(lambda node: not is_about_one_span(node)))
    def check(node: Node) -> None:
        whole = [row.trace_id for row in search.find_traces(PROJECT, RANGE, node, limit=100).traces]
        page = search.find_traces(PROJECT, RANGE, node, limit=9)
        paged = [row.trace_id for row in page.traces]
        while page.next_cursor is not None:
            page = search.find_traces(PROJECT, RANGE, node, limit=9, cursor=page.next_cursor)
            paged += [row.trace_id for row in page.traces]
        assert paged == whole
        assert set(whole) == {trace_id for trace_id, spans in traces.items() if trace_fits(node, spans)}

    check()


def test_every_field_and_every_fact_can_be_asked_about() -> None:
    known = TEXT_COLUMN.keys() | LIST_COLUMN.keys() | NUMBER_COLUMN.keys() | TRACE_NUMBERS.keys()
    assert {field.name for field in FIELDS} == known
    assert all(has_fact(fact) is not None for fact in FACTS)
