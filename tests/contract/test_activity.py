"""Sessions, users, prompts and apps on every engine."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_parser import parse_query
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store
from sightline_storage.activity.activity_queries import ActivitySort
from sightline_storage.activity.activity_reader import Activity, ActivityReader
from sightline_storage.activity.app_reader import AppReader
from sightline_storage.activity.prompt_reader import PromptReader
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter

pytestmark = EMBEDDED_AND_CLUSTER

MINUTE_NS = 60_000_000_000
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(hours=1), NOON + timedelta(hours=1))
HOSTILE = "../s?1&x=%2F#'\\ \x00𝒳"


def _find(
    store: Store, project: ProjectId, q: str = "", holder: Literal["session", "user"] = "session"
) -> dict[str, Activity]:
    page = ActivityReader(store.engine).find(holder, project, AROUND, parse_query(q), limit=100, cursor=None)
    assert page.next_cursor is None
    return {row.id: row for row in page.rows}


def test_sessions_sum_up_whole_traces_and_the_last_active_comes_first(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    child = span(trace_id="1" * 32, parent_span_id="1" * 16, start_ns=BASE_NS + MINUTE_NS, cost_state="none")
    store.writer.write(
        [
            span(trace_id="1" * 32, session="s1", user="ann", app="web"),
            child,
            span(trace_id="2" * 32, session="s1", user="bob", status="error", start_ns=BASE_NS + 9),
            span(trace_id="3" * 32, session=HOSTILE, cost_state="unpriced", cost_usd=Decimal(0)),
            span(trace_id="4" * 32),
            span(trace_id="5" * 32, session="old", start_ns=BASE_NS - 7200 * 10**9),
        ],
        token="t",
    )
    store.writer.write([child], token="again")
    found = _find(store, project)
    assert list(found) == ["s1", HOSTILE]
    first = found["s1"]
    assert (first.traces, first.errors, first.apps) == (2, 1, ["shop", "web"])
    assert (first.others, first.other_count) == (["ann", "bob"], 2)
    assert first.tokens.input == 30
    assert first.cost.priced_calls == 2
    assert first.last_ns == BASE_NS + MINUTE_NS + 1_000_000
    assert found[HOSTILE].cost.unpriced_calls == 1


def test_one_session_or_user_has_the_figures_of_the_list_also_where_one_span_of_hours_names_it(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    root = span(session="s", user="u", cost_state="none", counted=0, start_ns=BASE_NS - 180 * MINUTE_NS)
    below = {"trace_id": root["trace_id"], "parent_span_id": root["span_id"]}
    call = span(**below, start_ns=BASE_NS)
    store.writer.write([root, call, span(**below, session="t", user="v", start_ns=BASE_NS + 9)], token="t")
    reader, within = ActivityReader(store.engine), TimeRange(NOON - timedelta(hours=4), AROUND.end)
    holders: tuple[Literal["session", "user"], ...] = ("session", "user")
    for holder in holders:
        listed = reader.find(holder, project, within, EVERYTHING, limit=9, cursor=None).rows
        assert {row.first_ns for row in listed} == {root["start_ns"]}
        assert [reader.read(holder, project, within, row.id) for row in listed] == listed


def test_of_many_apps_and_users_of_a_session_ten_are_named_and_all_counted(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span(session="s", app=f"app-{n:02}", user=f"user-{n % 11:02}") for n in range(12)]
    store.writer.write(spans, token=project)
    found = _find(store, project)["s"]
    assert (found.apps, found.app_count) == ([f"app-{n:02}" for n in range(10)], 12)
    assert (found.others, found.other_count) == ([f"user-{n:02}" for n in range(10)], 11)


def test_a_query_chooses_sessions_but_their_figures_are_about_all_their_traces(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write(
        [span(session="a", status="error"), span(session="a"), span(session="b", user="u1")], token="t"
    )
    assert [(row.id, row.traces) for row in _find(store, project, "status:error").values()] == [("a", 2)]
    assert set(_find(store, project, "user:u1")) == {"b"}
    assert set(_find(store, project, "session:a OR user:u1")) == {"a", "b"}


def test_users_have_their_sessions_and_pages_neither_repeat_nor_skip(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write(
        [span(user=f"u{n % 5}", session=f"s{n}", start_ns=BASE_NS) for n in range(10)], token="t"
    )
    reader, seen, cursor = ActivityReader(store.engine), list[str](), None
    for _ in range(3):
        page = reader.find("user", project, AROUND, parse_query(""), limit=2, cursor=cursor)
        assert all(row.other_count == 2 for row in page.rows)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
    assert (sorted(seen), cursor) == ([f"u{n}" for n in range(5)], None)
    by_time = reader.find("user", project, AROUND, parse_query(""), limit=2, cursor=None).next_cursor
    for wrong in ("no cursor", by_time):
        with pytest.raises(CallerError, match="cursor"):
            reader.find("user", project, AROUND, parse_query(""), sort="cost", limit=2, cursor=wrong)
    with pytest.raises(CallerError, match="cursor"):
        reader.find("session", project, AROUND, parse_query(""), limit=2, cursor=by_time)


@pytest.mark.parametrize("sort", ["last", "cost"])
def test_what_moves_up_between_two_pages_is_on_the_page_where_it_was(
    sort: ActivitySort, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    now = datetime.now(UTC)
    recent, now_ns = TimeRange(now - timedelta(hours=1), now + timedelta(hours=1)), to_ns(now)
    made = [
        span(
            session=name,
            start_ns=now_ns - age * 15 * MINUTE_NS,
            ingested_ns=now_ns,
            cost_usd=Decimal(5 - age),
        )
        for age, name in enumerate("abc", 1)
    ]
    store.writer.write(made, token="t")
    reader, cursor, pages = ActivityReader(store.engine), None, list[list[tuple[str, int]]]()
    for page_number in range(3):
        since = timedelta(seconds=page_number)  # a range that ends now moves on
        moved = TimeRange(recent.start + 1800 * since, recent.end + since)
        page = reader.find("session", project, moved, parse_query(""), sort=sort, limit=1, cursor=cursor)
        pages.append([(row.id, row.traces) for row in page.rows])
        cursor = page.next_cursor
        arrived = time.time_ns() + 1
        later = span(session="c", start_ns=arrived, ingested_ns=arrived, cost_usd=Decimal(100))
        again = SpanRecord(**{**made[2], "ingested_ns": arrived})  # as repricing and findings do
        store.writer.write([later, again], token=str(page_number))
    assert (pages, cursor) == ([[("a", 1)], [("b", 1)], [("c", 1)]], None)


def test_users_are_sorted_by_what_they_cost_used_or_failed_page_after_page(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write(
        [
            span(user="dear", cost_usd=Decimal("0.02"), input_tokens=1),
            span(user="wordy", cost_usd=Decimal("0.01"), input_tokens=900),
            span(user="unlucky", cost_usd=Decimal("0.015"), status="error"),
            span(user="unlucky", cost_usd=Decimal(0)),
        ],
        token="t",
    )
    reader = ActivityReader(store.engine)

    def order(sort: ActivitySort) -> list[str]:
        seen, cursor = list[str](), None
        for _ in range(3):
            page = reader.find("user", project, AROUND, parse_query(""), sort=sort, limit=1, cursor=cursor)
            seen += [row.id for row in page.rows]
            cursor = page.next_cursor
        assert cursor is None
        return seen

    assert order("cost") == ["dear", "unlucky", "wordy"]
    assert order("tokens")[0] == "wordy"
    assert order("errors")[0] == order("traces")[0] == "unlucky"


def test_one_session_or_user_is_read_by_its_id_whatever_is_in_it(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(session=HOSTILE, user=HOSTILE), span(session="x*", user="x*")], token="t")
    reader = ActivityReader(store.engine)
    assert reader.read("session", project, AROUND, HOSTILE).others == [HOSTILE]
    assert reader.read("user", project, AROUND, HOSTILE).traces == 1
    for unknown in ("", "x", "*"):
        with pytest.raises(NotFound):
            reader.read("session", project, AROUND, unknown)
    with pytest.raises(NotFound):
        reader.read("user", project, TimeRange(NOON - timedelta(days=3), NOON - timedelta(days=2)), HOSTILE)


def test_turns_come_in_order_with_the_texts_of_the_root_or_of_the_model_below_it(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def at(second: int) -> int:
        return BASE_NS + second * 10**9

    workflow = span(trace_id="1" * 32, session="s", kind="workflow", start_ns=at(0), input_preview="asked")
    calls = [
        span(
            trace_id="1" * 32,
            parent_span_id=workflow["span_id"],
            session="s",
            start_ns=at(n),
            input_preview=f"in {n}",
            output_preview=f"out {n}",
        )
        for n in (1, 2)
    ]
    own = span(trace_id="2" * 32, session="s", start_ns=at(-5), input_preview="hi", output_preview="hello")
    silent = span(trace_id="3" * 32, session="s", start_ns=at(7))
    store.writer.write([workflow, *calls, own, silent], token="t")
    reader = ActivityReader(store.engine)
    first = reader.turns(project, AROUND, "s", limit=2, cursor=None)
    rest = reader.turns(project, AROUND, "s", limit=2, cursor=first.next_cursor)
    turns = [*first.turns, *rest.turns]
    assert [(turn.input.text, turn.output.text) for turn in turns] == [
        ("hi", "hello"),
        ("asked", "out 2"),
        ("", ""),
    ]
    assert (turns[1].input.span_id, turns[1].output.span_id) == (workflow["span_id"], calls[1]["span_id"])
    assert rest.next_cursor is None
    assert reader.turns(project, AROUND, "none", limit=2, cursor=None).turns == []
    later = TimeRange(NOON + timedelta(seconds=1), AROUND.end)  # after the workflow began, before its calls
    assert reader.read("session", project, later, "s").traces == 1
    (turn,) = reader.turns(project, later, "s", limit=2, cursor=None).turns
    assert turn.trace.trace_id == silent["trace_id"]


def test_a_trace_that_was_stored_with_another_session_before_is_a_turn_of_the_newest_alone(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    before = span(session="before", ingested_ns=BASE_NS)
    after = span(
        trace_id=before["trace_id"], span_id=before["span_id"], start_ns=before["start_ns"], session="s"
    )
    for number, each in enumerate((before, after)):
        store.writer.write([each], token=str(number))
    reader = ActivityReader(store.engine)
    turns = [len(reader.turns(project, AROUND, id_, limit=9, cursor=None).turns) for id_ in ("before", "s")]
    assert turns == [0, 1]


def test_prompt_versions_have_calls_latency_cost_and_the_means_of_their_scores(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def call(trace: int, version: str, **given: object) -> SpanRecord:
        return span(trace_id=f"{trace:032x}", prompt_name="greet", prompt_version=version, **given)

    calls = [
        call(1, "1", duration_ns=1_000),
        call(2, "1", duration_ns=3_000, status="error"),
        call(3, "2", model="m2", app="web"),
        call(3, "1", kind="tool"),
        call(4, "1"),
        call(4, "2"),
    ]
    store.writer.write([*calls, span()], token="t")
    good = Score(f"{1:032x}", "", "", "good", "human", "ann", "boolean", True, "", NOON)
    on_call = replace(good, trace_id=f"{4:032x}", span_id=calls[5]["span_id"], value=False)
    ScoreWriter(store.engine).write(
        project,
        [
            replace(good, value=False, scored_at=NOON - timedelta(minutes=1)),
            good,
            replace(good, trace_id=f"{2:032x}", value=False),
            replace(good, trace_id=f"{4:032x}", span_id="f" * 16, name="depth", value_type="number", value=4),
            replace(good, name="tone", value_type="category", value="kind"),
            on_call,
        ],
    )
    versions = PromptReader(store.engine).find(project, AROUND, parse_query(""), limit=9)
    by_version = {row.version: row for row in versions}
    one, two = by_version["1"], by_version["2"]
    assert (one.prompt, one.calls, one.errors, one.cost.priced_calls) == ("greet", 3, 1, 3)
    assert one.p50_ns == 3_000
    assert (two.calls, two.apps, two.models) == (2, ["shop", "web"], ["gpt-4o", "m2"])
    assert [(s.name, s.mean, s.count) for s in one.scores] == [("depth", 4.0, 1), ("good", 0.5, 2)]
    assert [(s.name, s.mean, s.count) for s in two.scores] == [("depth", 4.0, 1), ("good", 0.0, 1)]
    assert [
        row.version
        for row in PromptReader(store.engine).find(project, AROUND, parse_query("app:web"), limit=9)
    ] == ["2"]
    # One query leaves the judged call of the same trace out: what was said of it is still of its own version.
    (alone,) = PromptReader(store.engine).find(project, AROUND, parse_query("prompt_version:1"), limit=9)
    assert alone == one


def test_the_overview_of_apps_counts_each_trace_for_every_app_in_it_and_by_bucket(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write(
        [
            span(trace_id="1" * 32, app="web", duration_ns=5 * MINUTE_NS),
            span(trace_id="1" * 32, app="search", parent_span_id="1" * 16),
            span(trace_id="2" * 32, app="web", status="error", start_ns=BASE_NS + 30 * MINUTE_NS),
        ],
        token="t",
    )
    overview = AppReader(store.engine).overview(project, AROUND, parse_query(""), buckets=4, limit=9).apps
    assert [(row.app, row.traces, row.errors) for row in overview] == [("web", 2, 1), ("search", 1, 0)]
    assert overview[0].series == [(0, 0), (0, 0), (1, 0), (1, 1)]
    assert overview[0].p95_ns == 5 * MINUTE_NS
    assert overview[0].tokens.input == 30
    errors = AppReader(store.engine).overview(
        project, AROUND, parse_query("status:error"), buckets=1, limit=9
    )
    assert [(row.app, row.traces) for row in errors.apps] == [("web", 1)]


def test_an_overview_of_all_time_begins_with_the_first_span(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(start_ns=BASE_NS - n * 86_400 * 10**9) for n in range(3)], token="t")
    ages = TimeRange(datetime(1970, 1, 1, tzinfo=UTC), NOON + timedelta(days=1))
    overview = AppReader(store.engine).overview(project, ages, parse_query(""), buckets=3, limit=9)
    assert overview.start_ns == (BASE_NS - 2 * 86_400 * 10**9) // MINUTE_NS * MINUTE_NS
    assert overview.apps[0].series == [(1, 0), (1, 0), (1, 0)]
    nobody = ProjectId(f"{project}-nobody")
    assert AppReader(store.engine).overview(nobody, ages, parse_query(""), buckets=3, limit=9).apps == []
