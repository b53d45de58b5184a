"""Reports and alert windows read the same money from rollups and from spans."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import MakeSpan, span_maker

from sightline_analysis.alerts.scope import rollup_scope
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.query_fields import FieldName
from sightline_core.query_parser import parse_query
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store
from sightline_storage.rollups.measure_queries import Shape
from sightline_storage.rollups.measure_reader import MeasureReader
from sightline_storage.rollups.rollup_table import SUMS
from sightline_storage.search.span_measures import SpanMeasures, SpanShape
from sightline_storage.spend.spend_reader import Outcomes, SpendReader
from sightline_storage.spend.team_rules import TeamRule

pytestmark = EMBEDDED_AND_CLUSTER

START = datetime(2026, 9, 21, tzinfo=UTC)
NOW = datetime(2026, 9, 23, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def at(hours: float) -> int:
    return int((START + timedelta(hours=hours)).timestamp()) * 1_000_000_000


def _spend(store: Store, project: ProjectId, span: MakeSpan) -> None:
    """A day of two apps: chat at 01:30 and 22:10 (unpriced), search at 05:00 (estimated)."""
    store.writer.write(
        [
            span(start_ns=at(1.5), app="chat", user="ana", cost_usd=Decimal("0.25"), tags=["b", "a"]),
            span(start_ns=at(1.5), app="chat", user="bo", cost_usd=Decimal("0.5"), counted=0),
            span(start_ns=at(22.17), app="chat", cost_usd=Decimal(0), cost_state="unpriced"),
            span(start_ns=at(5), app="search", cost_usd=Decimal("0.125"), cost_state="estimated"),
        ],
        token=project,
    )
    while store.refresh_rollups(NOW):
        pass


@pytest.fixture(scope="module")
def spent(store: Store) -> ProjectId:
    """A project of which tests only read what it spent."""
    project = ProjectId("spent")
    _spend(store, project, span_maker(project))
    return project


WHOLE_DAY = TimeRange(START, START + DAY)


def test_spend_is_cut_into_the_buckets_that_are_asked_for(store: Store, spent: ProjectId) -> None:
    reader = SpendReader(store.engine)
    bounds = [START - 2 * HOUR, START + 2 * HOUR]
    rows = {
        (row.key, row.bucket): (
            row.sums["cost_usd"],
            row.sums["estimated_cost_usd"],
            row.sums["unpriced_calls"],
        )
        for row in reader.read_spend(spent, WHOLE_DAY, ["app"], bounds, {})
    }
    assert rows == {
        (("chat",), bounds[0]): (Decimal("0.25"), 0, 0),
        (("chat",), bounds[1]): (0, 0, 1),
        (("search",), bounds[1]): (Decimal("0.125"), Decimal("0.125"), 0),
    }


def test_spans_and_both_rollups_tell_the_same(store: Store, spent: ProjectId) -> None:
    reader = SpendReader(store.engine)
    minutes = TimeRange(START + MINUTE, START + DAY)
    by_hour = reader.read_spend(spent, WHOLE_DAY, ["app"], [START], {})
    by_minute = reader.read_spend(spent, minutes, ["app"], [START], {})
    by_span = reader.read_spend(spent, WHOLE_DAY, ["app"], [START], {"session": [""]})
    assert sorted(by_hour, key=str) == sorted(by_minute, key=str) == sorted(by_span, key=str)


def test_spend_can_be_asked_by_user_and_by_tags(store: Store, spent: ProjectId) -> None:
    rows = SpendReader(store.engine).read_spend(
        spent, WHOLE_DAY, ["user", "tags"], [START], {"app": ["chat"]}
    )
    assert {row.key: row.sums["cost_usd"] for row in rows} == {
        ("ana", "a, b"): Decimal("0.25"),
        ("", ""): 0,
    }


def test_groups_that_are_not_listed_are_one(store: Store, spent: ProjectId) -> None:
    reader = SpendReader(store.engine)
    listed, count = reader.find_costliest(spent, WHOLE_DAY, ["user", "app"], {}, 1)
    assert (listed, count) == ([("ana", "chat")], 3)
    rows = reader.read_spend(spent, WHOLE_DAY, ["user", "app"], [START], {}, listed)
    assert {(row.is_rest, row.key): (row.sums["cost_usd"], row.sums["calls"]) for row in rows} == {
        (False, ("ana", "chat")): (Decimal("0.25"), 1),
        (True, ()): (Decimal("0.125"), 2),
    }


def test_a_call_with_two_tags_is_in_both_groups(store: Store, spent: ProjectId) -> None:
    reader = SpendReader(store.engine)
    rows = reader.read_spend(spent, WHOLE_DAY, ["tag"], [START], {"app": ["chat"]})
    assert {row.key: row.sums["calls"] for row in rows} == {("a",): 1, ("b",): 1, ("",): 1}
    rows = reader.read_spend(spent, WHOLE_DAY, ["tag"], [START], {"tag": ["b"]})
    assert {row.key for row in rows} == {("a",), ("b",)}
    (row,) = reader.read_spend(spent, WHOLE_DAY, [], [START], {"tag": ["a", "b"]})
    assert row.sums["cost_usd"] == Decimal("0.25")


def test_latency_of_calls_is_the_same_from_rollups_and_spans(store: Store, spent: ProjectId) -> None:
    reader = SpendReader(store.engine)
    rolled = reader.read_latency(spent, WHOLE_DAY, ["app"], {}, [])
    of_spans = reader.read_latency(spent, WHOLE_DAY, ["app"], {"user": ["ana", ""]}, [("chat",)])
    assert rolled[("chat",)].p95_ns == pytest.approx(1_000_000, rel=0.02)
    assert rolled[("chat",)].first_token_p95_ns is None
    assert of_spans[("chat",)].p50_ns == rolled[("chat",)].p50_ns
    assert of_spans[None].p50_ns == rolled[("search",)].p50_ns


def test_traces_sessions_users_and_successes_are_counted_once_in_a_group(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def call(trace: str, app: str, **values: object) -> SpanRecord:
        return span(trace_id=trace * 32, start_ns=at(3), app=app, session=f"s{trace}", user="ana", **values)

    root = "1" * 16
    store.writer.write(
        [
            call("a", "chat", span_id=root),
            call("a", "chat", parent_span_id=root),
            call("a", "search", parent_span_id=root),
            call("b", "search", status="error"),
            call("c", "rank", failure_category="refusal"),
            call("d", "rank", cost_state="none"),
        ],
        token=project,
    )
    reader = SpendReader(store.engine)
    found, every = reader.read_outcomes(project, WHOLE_DAY, ["app"], {}, [("chat",)])
    assert found == {("chat",): Outcomes(1, 1, 1, 1), None: Outcomes(3, 1, 3, 1)}
    assert every == Outcomes(3, 1, 3, 1)
    assert reader.read_outcomes(project, WHOLE_DAY, [], {}, [()]) == ({(): every}, every)
    ranked = Outcomes(1, 0, 1, 1)
    only = {"app": ["rank"]}
    assert reader.read_outcomes(project, WHOLE_DAY, ["app"], only, [("rank",)]) == (
        {("rank",): ranked},
        ranked,
    )


def test_no_two_keys_of_several_values_are_taken_for_one(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    keys = [("a", "b1:c"), ("a1:b", "c"), ("ü", ""), ("", "ü")]
    calls = [span(start_ns=at(3), user=user, session=session) for user, session in keys]
    store.writer.write(calls, token=project)
    reader = SpendReader(store.engine)
    rows = reader.read_spend(project, WHOLE_DAY, ["user", "session"], [START], {})
    assert {row.key: row.sums["calls"] for row in rows} == dict.fromkeys(keys, 1)


def test_an_unknown_dimension_is_refused(store: Store, spent: ProjectId) -> None:
    with pytest.raises(CallerError, match="not by 'planet'"):
        SpendReader(store.engine).read_spend(spent, WHOLE_DAY, ["planet"], [START], {})


def test_windows_are_measured_for_every_group_from_hours_and_minutes(store: Store, spent: ProjectId) -> None:
    reader = MeasureReader(store.engine)
    windows = [
        TimeRange(START + 30 * MINUTE, START + DAY - MINUTE),
        TimeRange(START + HOUR, START + 91 * MINUTE),
        TimeRange(START + 6 * HOUR, START + 7 * HOUR),
    ]
    measured = reader.measure(Shape(spent, ("app",), ()), windows, ["cost_usd", "calls"], groups=10)
    nothing = {"cost_usd": None, "calls": None}
    assert measured == {
        ("chat",): [{"cost_usd": 0.25, "calls": 2.0}, {"cost_usd": 0.25, "calls": 1.0}, nothing],
        ("search",): [{"cost_usd": 0.125, "calls": 1.0}, nothing, nothing],
    }
    only = reader.measure(Shape(spent, (), (("app", ("search",)),)), windows[:1], ["traces"], groups=1)
    assert only == {(): [{"traces": 1.0}]}


def test_shapes_that_are_measured_together_say_what_each_says_alone(store: Store, spent: ProjectId) -> None:
    reader, columns = MeasureReader(store.engine), ["cost_usd", "calls", "duration_p95"]
    values = [("chat", "gpt-4o"), ("chat", "no such"), ("search", "gpt-4o"), ("no such", "gpt-4o")]
    for group_by in ((), ("model",), ("model", "app")):
        shapes = [Shape(spent, group_by, (("app", (app,)), ("model", (model,)))) for app, model in values]
        together = reader.measure_each(shapes, [WHOLE_DAY], columns, groups=9)
        assert together == [reader.measure(shape, [WHOLE_DAY], columns, groups=9) for shape in shapes]
        assert [len(groups) for groups in together] == [1, 0, 1, 0]
    assert len({shape.kin for shape in shapes}) == 1
    alone = [Shape(spent, ("app",), ()), Shape(spent, (), (("app", ("chat", "search")),))]
    assert len({shape.kin for shape in alone}) == 2


def test_of_many_groups_the_largest_of_the_whole_window_are_measured(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    largest = [span(start_ns=at(2.5), app="nightly") for _ in range(3)]
    store.writer.write([*largest, span(start_ns=at(10.25), app="recent")], token=project)
    while store.refresh_rollups(NOW):
        pass
    window = TimeRange(START, START + 10 * HOUR + 30 * MINUTE)
    measured = MeasureReader(store.engine).measure(
        Shape(project, ("app",), ()), [window], ["calls"], groups=1
    )
    assert measured == {("nightly",): [{"calls": 3.0}]}
    minutes = [TimeRange(START + n * MINUTE, START + (n + 1) * MINUTE) for n in range(70)]  # of two queries
    store.writer.write(
        [span(start_ns=at(hours), user=user) for hours, user in ((0, "early"), (1.1, "busy"), (1.1, "busy"))],
        token=f"{project}-users",
    )
    shape = SpanShape(project, (FieldName("user"),), parse_query("user:*"))
    assert list(SpanMeasures(store.engine).measure(shape, minutes, ["calls"], groups=1)) == [("busy",)]


@pytest.mark.parametrize("group_by", [(), ("app",), ("app", "model")])
@pytest.mark.parametrize("query", ["", "app:chat", "app:chat,search model:gpt-4o"])
def test_spans_are_measured_as_their_rollups_are(
    query: str, group_by: tuple[FieldName, ...], store: Store, spent: ProjectId
) -> None:
    windows = [
        TimeRange(START, START + DAY),
        TimeRange(START + 30 * MINUTE, START + 6 * HOUR),
        TimeRange(START + 12 * HOUR, START + 13 * HOUR),
    ]
    node = parse_query(query)
    scope = rollup_scope(node)
    assert scope is not None
    columns = [*SUMS, "traces", "trace_errors"]
    of_spans = SpanMeasures(store.engine).measure(
        SpanShape(spent, group_by, node), windows, columns, groups=9
    )
    shape = Shape(spent, group_by, scope)
    assert of_spans == MeasureReader(store.engine).measure(shape, windows, columns, groups=9)
    assert of_spans
    latency = ["duration_p50", "duration_p95", "time_to_first_token_p95"]
    of_spans = SpanMeasures(store.engine).measure(
        SpanShape(spent, group_by, node), windows, latency, groups=9
    )
    assert of_spans == MeasureReader(store.engine).measure(shape, windows, latency, groups=9)


def test_latency_is_measured_as_a_quantile_of_the_window(store: Store, spent: ProjectId) -> None:
    shape = Shape(spent, ("model",), ())
    columns = ["duration_p95", "time_to_first_token_p95"]
    ((sums,),) = MeasureReader(store.engine).measure(shape, [WHOLE_DAY], columns, groups=1).values()
    assert sums["duration_p95"] == pytest.approx(1_000_000, rel=0.02)
    assert sums["time_to_first_token_p95"] is None


def test_minutes_that_change_late_are_noticed_once(store: Store, project: ProjectId, span: MakeSpan) -> None:
    _spend(store, project, span)
    reader = MeasureReader(store.engine)
    version = max(reader.changed_minutes({project: 0}, START, START + DAY)[project].values())
    assert reader.changed_minutes({project: version}, START, START + DAY)[project] == {}
    late = span(trace_id="f" * 32, start_ns=at(5), app="search")
    store.writer.write([late], token=f"{project}-late")
    store.refresh_rollups(NOW)
    ((minute, newer),) = reader.changed_minutes({project: version}, START, START + DAY)[project].items()
    assert minute == START + 5 * HOUR
    assert newer > version


def test_a_plan_of_two_hundred_rules_is_asked_at_once(store: Store, spent: ProjectId) -> None:
    rules = [TeamRule(f"no-{number}-*", f"team {number}", "prod", "tag?") for number in range(199)]
    reader = SpendReader(
        store.engine, lambda _: [*rules, TeamRule("c?a*", "chat", tag="[a]"), TeamRule("*", "rest")]
    )
    rows = reader.read_spend(spent, WHOLE_DAY, ["team", "cost_centre"], [START], {})
    assert {row.key: row.sums["calls"] for row in rows} == {("rest", ""): 3}
    reader = SpendReader(
        store.engine, lambda _: [*rules, TeamRule("c?a*", "chat", tag="a"), TeamRule("*", "rest")]
    )
    rows = reader.read_spend(spent, WHOLE_DAY, ["team"], [START], {"team": ["chat", "rest"]})
    assert {row.key: row.sums["calls"] for row in rows} == {("chat",): 1, ("rest",): 2}
