"""What `SpanWriter` and `TraceReader` promise, on every kind of store."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_core.query_parser import parse_query
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store, TraceRow
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.traces.span_lookup import SpanLookup

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(days=40), NOON + timedelta(days=2))


def _pages(store: Store, project: ProjectId, *, limit: int, app: str | None = None) -> list[list[TraceRow]]:
    pages, cursor, search = [], None, TraceSearch(store.engine)
    node = EVERYTHING if app is None else parse_query(f"app:{app}")
    while True:
        page = search.find_traces(project, AROUND, node, limit=limit, cursor=cursor)
        pages.append(page.traces)
        cursor = page.next_cursor
        if cursor is None:
            return pages


def test_a_span_comes_back_with_every_column_as_it_was_written(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    hostile = "it's {x:String} \\ %s \n\t\x00 '; DROP TABLE spans; -- \u202e\u200b𝒳"
    given = span(
        name=hostile,
        parent_span_id="00000000000000ff",
        start_ns=BASE_NS + 123_456_789,
        tags=["a", hostile],
        finish_reasons=["stop"],
        attributes={"k": hostile, hostile: "v"},
        attributes_num={"temperature": 0.25},
        cost_usd=Decimal("123456.123456789012"),
        emitter_cost_usd=Decimal("0.5"),
        input=hostile * 100,
        cache_hit=1,
        cache_similarity=0.93,
        guardrail_score=0.12345679,
        sample_weight=2.5,
    )
    store.writer.write([given], token="t")
    read = store.traces.read_span(project, TraceId(given["trace_id"]), SpanId(given["span_id"]))
    assert {key: read[key] for key in given} == given  # type: ignore[literal-required]
    assert (read["output_valid"], read["counted"], read["retrieved_count"], read["session"]) == (
        -1,
        1,
        -1,
        "",
    )


def test_traces_are_listed_newest_first_in_pages_that_neither_repeat_nor_skip(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span(start_ns=BASE_NS + (n // 3) * 7 * HOUR_NS // 2) for n in range(23)]
    store.writer.write(spans, token="t")
    expected = [
        s["trace_id"] for s in sorted(spans, key=lambda s: (s["start_ns"], s["trace_id"]), reverse=True)
    ]
    pages = _pages(store, project, limit=4)
    assert [len(page) for page in pages] == [4, 4, 4, 4, 4, 3]
    assert [row.trace_id for page in pages for row in page] == expected


def test_a_trace_is_summed_over_its_spans_and_named_by_its_root(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    trace_id = "a" * 32
    root = span(
        trace_id=trace_id, name="answer", kind="agent", status="error", session="s1",
        model="", cost_state="none", cost_usd=Decimal(0), input_tokens=0, output_tokens=0,
    )  # fmt: skip
    child = {"trace_id": trace_id, "parent_span_id": root["span_id"]}
    first = span(**child, start_ns=root["start_ns"] - 1, name="clock skew", duration_ns=5_000_000)
    second = span(**child, cost_state="estimated", model="gpt-4o-mini", usage_estimated=1, user="u1")
    unpriced = span(
        **child, cost_state="unpriced", cost_usd=Decimal(0), status="error", failure_category="timeout"
    )
    nested = span(**child, counted=0)
    store.writer.write([nested, unpriced, second, first, root], token="t")
    row, spans = store.traces.read_trace(project, TraceId(trace_id))
    assert (row.name, row.kind, row.status, row.has_root) == ("answer", "agent", "error", True)
    assert (row.start_ns, row.duration_ns) == (first["start_ns"], 5_000_001)
    assert (row.span_count, row.error_count, row.llm_calls) == (5, 2, 3)
    assert row.models == ["gpt-4o", "gpt-4o-mini"]
    assert (row.tokens.input, row.tokens.output, row.tokens.estimated) == (30, 9, True)
    assert row.cost.usd == Decimal("0.000002000002")
    assert (row.cost.priced_calls, row.cost.estimated_calls, row.cost.unpriced_calls) == (1, 1, 1)
    assert (row.session, row.user, row.failure_categories) == ("s1", "u1", ["timeout"])
    assert [s.span_id for s in spans] == [s["span_id"] for s in (first, root, second, unpriced, nested)]
    assert [s.counted for s in spans] == [True, True, True, True, False]


def test_where_a_root_says_nothing_a_trace_shows_what_was_asked_and_answered_below(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    request = span(name="POST /chat", kind="internal")
    at = {"trace_id": request["trace_id"], "parent_span_id": request["span_id"]}
    calls = [
        span(**at, start_ns=request["start_ns"] + n, input_preview=f"in {n}", output_preview=f"out {n}")
        for n in (1, 2)
    ]
    asked = span(start_ns=request["start_ns"] - 1, input_preview="asked")
    below = span(trace_id=asked["trace_id"], parent_span_id=asked["span_id"], output_preview="answered")
    store.writer.write([request, *calls, asked, below], token=f"{project}-silent")
    [rows] = _pages(store, project, limit=10)
    assert [(row.name, row.input_preview, row.output_preview) for row in rows] == [
        ("POST /chat", "in 1", "out 2"),
        (asked["name"], "asked", ""),
    ]
    whole, _ = store.traces.read_trace(project, TraceId(request["trace_id"]))
    assert whole == rows[0]


def test_a_trace_without_its_root_is_listed_as_running(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(parent_span_id="00000000000000ff", name="early")], token="t")
    [[row]] = _pages(store, project, limit=10)
    assert (row.has_root, row.name) == (False, "early")


def test_of_spans_that_start_at_once_the_longest_names_a_trace_without_its_root(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    """Instrumentations for JavaScript tell starts in whole milliseconds."""
    trace_id = TraceId("c" * 32)
    there = {"trace_id": trace_id, "parent_span_id": "00000000000000ff", "start_ns": BASE_NS}
    inner = span(**there, span_id="1" * 16, name="call", duration_ns=5)
    outer = span(**there, span_id="2" * 16, name="chain", duration_ns=9, status="error")
    store.writer.write([inner, outer], token="t")
    [[listed]] = _pages(store, project, limit=10)
    row, _ = store.traces.read_trace(project, trace_id)
    assert (listed.name, listed.status) == (row.name, row.status) == ("chain", "error")


def test_a_span_delivered_twice_counts_once_everywhere(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span(trace_id="b" * 32) for _ in range(5)]
    for block, token in ((spans, "t1"), (spans, "t1"), (spans[1:], "t2"), (spans[::-1] + spans, "t3")):
        store.writer.write(block, token=f"{project}-{token}")
    [[row]] = _pages(store, project, limit=10)
    assert (row.span_count, row.tokens.input, row.cost.usd) == (5, 50, Decimal("0.000005000005"))
    _, stored = store.traces.read_trace(project, row.trace_id)
    assert len(stored) == 5
    [app] = store.traces.list_apps(project, AROUND, limit=9)
    assert (app.traces, app.tokens.input, app.cost.priced_calls) == (1, 50, 5)


def test_a_span_twice_in_one_block_counts_once_everywhere(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    twice, newer = span(), span()
    later: SpanRecord = {**newer, "name": "newer", "ingested_ns": newer["ingested_ns"] + 1}
    store.writer.write([later, twice, newer, twice], token=f"{project}-t")
    (page,) = _pages(store, project, limit=10)
    assert [(row.name, row.span_count) for row in page] == [("newer", 1), (twice["name"], 1)]
    while store.refresh_rollups(NOON):
        pass
    ((spans, usd),) = store.engine.query(
        "SELECT sum(spans), sum(cost_usd) FROM rollup_hour FINAL WHERE project = {p:String}", {"p": project}
    )
    assert (spans, usd) == (2, twice["cost_usd"] + newer["cost_usd"])


def test_spans_are_found_by_their_ids_many_at_a_time(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    wanted = [span(input="whole"), span(start_ns=BASE_NS - 3 * DAY_NS)]
    store.writer.write([*wanted, span()], token=f"{project}-t")
    keys = [(made["trace_id"], made["span_id"]) for made in wanted]
    found = SpanLookup(store.engine).find(project, [*keys, ("f" * 32, keys[0][1]), (keys[0][0], "f" * 16)])
    assert {(record["trace_id"], record["span_id"]) for record in found} == set(keys)
    assert {record["input"] for record in found} == {"whole", ""}
    again: SpanRecord = {**wanted[0], "ingested_ns": wanted[0]["ingested_ns"] + 1}
    store.writer.write([again], token=f"{project}-again")
    assert SpanLookup(store.engine).find_versions(project, [*keys, ("f" * 32, keys[0][1])]) == {
        keys[0]: again["ingested_ns"],
        keys[1]: wanted[1]["ingested_ns"],
    }


def test_a_later_version_of_a_span_replaces_the_earlier(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    old = span()
    new: SpanRecord = {**old, "ingested_ns": old["ingested_ns"] + 1, "name": "new"}
    store.writer.write([new], token=f"{project}-1")
    store.writer.write([old], token=f"{project}-2")
    [[row]] = _pages(store, project, limit=10)
    assert row.name == "new"


def test_a_long_trace_is_listed_once_at_its_first_span(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    long = [span(trace_id="c" * 32, start_ns=BASE_NS - n * 5 * HOUR_NS) for n in range(12)]
    others = [span(start_ns=BASE_NS - n * HOUR_NS) for n in range(60)]
    store.writer.write(long + others, token="t")
    rows = [row for page in _pages(store, project, limit=7) for row in page]
    assert len(rows) == len({row.trace_id for row in rows}) == 61
    assert [row.start_ns for row in rows] == sorted((row.start_ns for row in rows), reverse=True)
    assert next(row for row in rows if row.trace_id == "c" * 32).span_count == 12


def test_the_time_range_is_half_open(store: Store, project: ProjectId, span: MakeSpan) -> None:
    inside, at_end, before = (span(start_ns=BASE_NS + offset) for offset in (0, 1000, -1000))
    store.writer.write([inside, at_end, before], token="t")
    narrow = TimeRange(NOON, NOON + timedelta(microseconds=1))
    page = TraceSearch(store.engine).find_traces(project, narrow, EVERYTHING, limit=10)
    assert [row.trace_id for row in page.traces] == [inside["trace_id"]]


def test_a_list_can_be_narrowed_to_one_app(store: Store, project: ProjectId, span: MakeSpan) -> None:
    mixed = "d" * 32
    spans = [span(trace_id=mixed, app="shop"), span(trace_id=mixed, app="search"), span(app="shop")]
    store.writer.write(spans, token="t")
    assert [row.trace_id for page in _pages(store, project, limit=1, app="search") for row in page] == [mixed]
    assert sum(len(page) for page in _pages(store, project, limit=1, app="shop")) == 2
    assert _pages(store, project, limit=1, app="none") == [[]]


def test_apps_are_listed_by_their_traces(store: Store, project: ProjectId, span: MakeSpan) -> None:
    spans = [
        span(app="a"),
        span(app="b", environment="prod"),
        span(app="b", environment="dev", status="error"),
    ]
    store.writer.write(spans, token="t")
    apps = store.traces.list_apps(project, AROUND, limit=9)
    assert [(a.app, a.environments, a.traces, a.errors) for a in apps] == [
        ("b", ["dev", "prod"], 2, 1),
        ("a", [], 1, 0),
    ]
    assert apps[1].last_seen == NOON + timedelta(milliseconds=1)
    assert store.traces.list_apps(ProjectId("nobody"), AROUND, limit=9) == []


def test_nobody_sees_the_spans_of_another_project(store: Store, project: ProjectId, span: MakeSpan) -> None:
    mine = span()
    store.writer.write([mine], token="t")
    other = ProjectId("other")
    assert _pages(store, other, limit=10) == [[]]
    with pytest.raises(NotFound):
        store.traces.read_trace(other, TraceId(mine["trace_id"]))
    with pytest.raises(NotFound):
        store.traces.read_span(other, TraceId(mine["trace_id"]), SpanId(mine["span_id"]))


def test_what_is_not_stored_is_not_found(store: Store, project: ProjectId, span: MakeSpan) -> None:
    stored = span()
    store.writer.write([stored], token="t")
    with pytest.raises(NotFound, match="no trace"):
        store.traces.read_trace(project, TraceId("e" * 32))
    with pytest.raises(NotFound, match="no span"):
        store.traces.read_span(project, TraceId(stored["trace_id"]), SpanId("e" * 16))


@pytest.mark.parametrize(
    "cursor", ["x", "é", "MTox", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5Og", "'; DROP TABLE spans"]
)
def test_a_cursor_that_is_not_ours_is_the_callers_fault(
    store: Store, project: ProjectId, cursor: str
) -> None:
    with pytest.raises(CallerError, match="cursor"):
        TraceSearch(store.engine).find_traces(project, AROUND, EVERYTHING, cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_bounds_is_the_callers_fault(store: Store, project: ProjectId, limit: int) -> None:
    with pytest.raises(CallerError, match="limit"):
        TraceSearch(store.engine).find_traces(project, AROUND, EVERYTHING, limit=limit)


def test_a_project_has_traces_once_a_span_of_its_own_is_stored(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(project=f"{project}-other", start_ns=10**18)], token="t")
    assert not store.traces.has_traces(project)
    store.writer.write([span(start_ns=10**18)], token="u")
    assert store.traces.has_traces(project)
