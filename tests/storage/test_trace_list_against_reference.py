"""Pages of the newest traces hold what a plain sort in Python holds, however their spans lie in time.

And a trace says the same of itself in a list as when it is opened.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from sightline_core.ids import ProjectId, TraceId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_parser import parse_query
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.contract import TracePage
from sightline_storage.search.trace_search import TraceSearch

END = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
END_NS = 1_790_000_000_000_000_000
SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
PROJECTS = {
    "dense": ProjectId("dense"),
    "sparse": ProjectId("sparse"),
    "one-moment": ProjectId("one-moment"),
    "long": ProjectId("long"),
}

Spans = dict[str, list[SpanRecord]]


def spans_of(project: str, random: Random) -> list[SpanRecord]:
    """Sixty traces: within minutes, over months, all in one nanosecond, or running for hours at once."""
    ago_ns = {"dense": 600, "sparse": 90 * 86_400, "one-moment": 0, "long": 20 * 3600}[project] * SECOND_NS
    length_ns = 8 * 3600 * SECOND_NS if project == "long" else 30 * SECOND_NS
    spans: list[SpanRecord] = []
    for trace in range(60):
        start_ns = END_NS - SECOND_NS - random.randint(0, ago_ns)
        for number in range(random.randint(1, 40)):
            spans.append(
                SpanRecord(
                    project=project,
                    trace_id=f"{trace + 1:032x}",
                    span_id=f"{len(spans) + 1:016x}",
                    parent_span_id="f" * 16 if number or trace % 5 == 0 else "",
                    name=random.choice(["step", "Schritt", "歩"]),
                    kind=random.choice(["tool", "llm"]),
                    status=random.choice(["ok", "error"]),
                    failure_category=random.choice(["", "", "timeout", "Ärger"]),
                    failure_propagated=random.randint(0, 1),
                    model=random.choice(["", "b", "a", "é"]),
                    session=random.choice(["", "", "s1", "s2"]),
                    user=random.choice(["", "", "u1", "u2"]),
                    counted=random.choice([0, 1, 1]),
                    input_tokens=random.randint(0, 9),
                    cached_input_tokens=random.randint(0, 9),
                    cache_write_tokens=random.randint(0, 9),
                    output_tokens=random.randint(0, 9),
                    reasoning_tokens=random.randint(0, 9),
                    usage_estimated=random.choice([0, 0, 0, 1]),
                    cost_state=random.choice(["none", "priced", "estimated", "unpriced"]),
                    cost_usd=Decimal(random.randint(0, 99)).scaleb(-3),
                    input_preview=f"in {trace} {number}",
                    output_preview=f"out {trace} {number}",
                    app=random.choice(["shop", "mail", "mail", "mail"]),
                    start_ns=start_ns if project == "one-moment" else start_ns + random.randint(0, length_ns),
                    duration_ns=random.randint(0, 9) * SECOND_NS,
                    ingested_ns=END_NS,
                )
            )
    return spans


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Spans]]:
    """One store with a project of each density."""
    store = open_store(StoreConfig(data_dir=tmp_path_factory.mktemp("store")))
    spans = {project: spans_of(project, Random(project)) for project in PROJECTS}
    for project, its in spans.items():
        store.writer.write(its, token=project)
    yield store, spans
    store.close()


@pytest.mark.parametrize("app", [None, "shop"])
@pytest.mark.parametrize("project", PROJECTS)
def test_pages_follow_the_first_span_that_fits(
    stored: tuple[Store, Spans], project: str, app: str | None
) -> None:
    store, spans = stored
    within = range_of(project)
    places = places_of(spans[project], lambda span: app in (None, span["app"]))
    expected = newest_first({trace: place for trace, place in places.items() if is_in(within, place)})
    search, node = TraceSearch(store.engine), EVERYTHING if app is None else parse_query(f"app:{app}")

    def page(cursor: str | None) -> TracePage:
        return search.find_traces(PROJECTS[project], within, node, limit=7, cursor=cursor)

    found = pages(page)
    assert found == expected
    assert 10 < len(found) <= 60


@pytest.mark.parametrize("project", PROJECTS)
def test_pages_of_a_search_judge_whole_traces(stored: tuple[Store, Spans], project: str) -> None:
    """Also those that run across many looks back: by all spans in the range and an hour more."""
    store, spans = stored
    within = range_of(project)
    judged = [
        span
        for span in spans[project]
        if to_ns(within.start) - HOUR_NS <= span["start_ns"] < to_ns(within.end) + HOUR_NS
    ]
    places = places_of(judged, lambda span: span["app"] == "shop")
    fitting = {span["trace_id"] for span in judged if span["failure_category"] == "timeout"}
    expected = newest_first(
        {trace: place for trace, place in places.items() if trace in fitting and is_in(within, place)}
    )
    search, node = TraceSearch(store.engine), parse_query("app:shop failure:timeout")

    def page(cursor: str | None) -> TracePage:
        return search.find_traces(PROJECTS[project], within, node, limit=7, cursor=cursor)

    found = pages(page)
    assert found == expected
    assert 10 < len(found) < 60


@pytest.mark.parametrize("query", ["", "app:shop", "app:shop failure:timeout"])
@pytest.mark.parametrize("project", PROJECTS)
def test_how_far_the_last_list_looked_changes_nothing(
    stored: tuple[Store, Spans], project: str, query: str
) -> None:
    store, _ = stored
    lasting, node, random = TraceSearch(store.engine), parse_query(query), Random(query)
    found = set()
    for _ in range(12):
        end = END - random.choice([timedelta(0), timedelta(minutes=random.randint(0, 9)), timedelta(days=40)])
        within, limit = TimeRange(END - timedelta(days=200), end), random.choice([1, 7, 50])
        page = lasting.find_traces(PROJECTS[project], within, node, limit=limit)
        fresh = TraceSearch(store.engine).find_traces(PROJECTS[project], within, node, limit=limit)
        assert page == fresh
        found.add(len(page.traces))
    assert len(found) > 1


def range_of(project: str) -> TimeRange:
    """Return a range that cuts through traces: those belong to it by their first span that fits."""
    start = END - timedelta(days=40 if project == "sparse" else 200)
    return TimeRange(start, END + timedelta(hours=-1 if project == "long" else 9))


def places_of(spans: list[SpanRecord], fits: Callable[[SpanRecord], bool]) -> dict[str, int]:
    places: dict[str, int] = {}
    for span in filter(fits, spans):
        places[span["trace_id"]] = min(places.get(span["trace_id"], span["start_ns"]), span["start_ns"])
    return places


def is_in(within: TimeRange, moment_ns: int) -> bool:
    return to_ns(within.start) <= moment_ns < to_ns(within.end)


def newest_first(places: dict[str, int]) -> list[str]:
    return sorted(places, key=lambda trace: (places[trace], trace), reverse=True)


def pages(read: Callable[[str | None], TracePage]) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = read(cursor)
        found += [row.trace_id for row in page.traces]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("project", PROJECTS)
def test_an_opened_trace_says_what_its_row_in_a_list_says(stored: tuple[Store, Spans], project: str) -> None:
    store, spans = stored
    ids = sorted({TraceId(span["trace_id"]) for span in spans[project]})
    opened = [store.traces.read_trace(PROJECTS[project], trace_id)[0] for trace_id in ids]
    assert opened == store.traces.read_rows(PROJECTS[project], ids)
    assert {row.has_root for row in opened} == {True, False}
