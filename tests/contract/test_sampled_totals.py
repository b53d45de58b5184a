"""Every view shows the same totals of sampled traffic, each trace counted for those that it stands for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_core.query_parser import parse_query
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store
from sightline_storage.activity.activity_reader import ActivityReader
from sightline_storage.activity.app_reader import AppReader
from sightline_storage.activity.prompt_reader import PromptReader
from sightline_storage.contract import CostTotals
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_trace_reader import FailureTraceReader, Usual
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter
from sightline_storage.search.span_measures import SpanMeasures, SpanShape
from sightline_storage.search.trace_search import TraceFigures, TraceSearch
from sightline_storage.spend.spend_reader import SpendReader

pytestmark = EMBEDDED_AND_CLUSTER

SECOND_NS = 1_000_000_000
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(hours=1), NOON + timedelta(hours=1))
USD = Decimal("0.000001000001")
SAMPLED, WITH_LATE, FAILED = (f"{number:032x}" for number in (1, 2, 3))


@pytest.fixture
def traffic(store: Store, project: ProjectId, span: MakeSpan) -> None:
    """Two traces that stand for ten each, one of them with a late error, and one that stands for itself."""

    def call(trace_id: str, **given: object) -> SpanRecord:
        mine: dict[str, Any] = {"session": "s", "user": "u", "prompt_name": "greet", "prompt_version": "1"}
        return span(trace_id=trace_id, **{**mine, **given})

    store.writer.write(
        [
            call(SAMPLED, sample_weight=10.0, duration_ns=SECOND_NS),
            call(WITH_LATE, sample_weight=10.0, duration_ns=2 * SECOND_NS),
            call(
                WITH_LATE,
                parent_span_id="f" * 16,
                kind="tool",
                cost_state="none",
                counted=0,
                status="error",
                error_type="Late",
            ),
            call(FAILED, status="error", duration_ns=30 * SECOND_NS),
            span(app="other", duration_ns=5 * SECOND_NS),
        ],
        token=project,
    )


@pytest.mark.usefixtures("traffic")
def test_every_view_counts_sampled_traces_for_those_they_stand_for(store: Store, project: ProjectId) -> None:
    search, shop = TraceSearch(store.engine), parse_query("app:shop")
    figures = TraceFigures(
        21, 1, 2 * SECOND_NS, 2 * SECOND_NS, 21 * 13, CostTotals(21 * USD, 21, 0, 0), sampled=True
    )
    day_ns = 86_400 * SECOND_NS
    assert list(search.histogram(project, AROUND, shop, bucket_ns=day_ns).values()) == [figures]
    plain = TraceFigures(1, 0, 5 * SECOND_NS, 5 * SECOND_NS, 13, CostTotals(USD, 1, 0, 0), sampled=False)
    for node in (EVERYTHING, parse_query("model:gpt-4o")):
        groups = search.groups(project, AROUND, node, by="app", limit=10)
        assert groups == [("shop", figures), ("other", plain)]
        facet = search.facet(project, AROUND, node, field="app", limit=10)
        assert [(each.value, each.traces, each.sampled) for each in facet] == [
            ("shop", 21, True),
            ("other", 1, False),
        ]
    cost = CostTotals(21 * USD, 21, 0, 0)
    for holder in ("session", "user"):
        found = ActivityReader(store.engine).find(holder, project, AROUND, EVERYTHING, limit=9, cursor=None)
        (row,) = found.rows
        assert (row.traces, row.errors, row.tokens.input, row.cost, row.sampled) == (21, 1, 210, cost, True)
    health, other = AppReader(store.engine).overview(project, AROUND, EVERYTHING, buckets=1, limit=9).apps
    assert (health.traces, health.errors, health.tokens.input, health.cost) == (21, 1, 210, cost)
    assert (health.p50_ns, health.p95_ns, health.series) == (2 * SECOND_NS, 2 * SECOND_NS, [(21, 1)])
    assert (health.sampled, other.sampled, other.traces) == (True, False, 1)
    app, other_app = store.traces.list_apps(project, AROUND, limit=9)
    # An app's errors are the traces in which a span of it failed: the late one stands for itself.
    assert (app.traces, app.errors, app.tokens.input, app.cost, app.sampled) == (21, 2, 210, cost, True)
    assert (other_app.traces, other_app.sampled) == (1, False)
    spend = SpendReader(store.engine)
    by_app = {name: spend.is_sampled(project, AROUND, {"app": [name]}) for name in ("shop", "other")}
    assert by_app == {"shop": True, "other": False}


@pytest.mark.usefixtures("traffic")
def test_a_late_span_stands_for_itself_wherever_it_is_what_was_found(
    store: Store, project: ProjectId
) -> None:
    search = TraceSearch(store.engine)
    query = parse_query("error:Late")
    (found,) = search.histogram(project, AROUND, query, bucket_ns=86_400 * SECOND_NS).values()
    assert (found.traces, found.sampled) == (1, True)
    ((_, group),) = (
        group for group in search.groups(project, AROUND, EVERYTHING, by="error", limit=9) if group[0]
    )
    assert group.traces == 1
    assert [
        (each.value, each.traces)
        for each in search.facet(project, AROUND, EVERYTHING, field="error", limit=9)
    ] == [("Late", 1)]


@pytest.mark.usefixtures("traffic")
def test_calls_and_scores_of_prompts_are_weighted(store: Store, project: ProjectId) -> None:
    good = Score(SAMPLED, "", "", "good", "human", "ann", "boolean", True, "", NOON)
    ScoreWriter(store.engine).write(project, [good, replace(good, trace_id=FAILED, value=False)])
    (version,) = PromptReader(store.engine).find(project, AROUND, EVERYTHING, limit=9)
    assert (version.calls, version.errors, version.tokens.input) == (21, 1, 210)
    assert (version.cost, version.sampled) == (CostTotals(21 * USD, 21, 0, 0), True)
    assert (version.p50_ns, version.p95_ns) == (2 * SECOND_NS, 2 * SECOND_NS)
    (score,) = version.scores
    assert score.mean == pytest.approx(10 / 11)
    assert score.count == 2
    shape = SpanShape(project, (), EVERYTHING, "good")
    (sums,) = SpanMeasures(store.engine).measure(shape, [AROUND], ["score"], groups=1).values()
    assert sums == [{"score": pytest.approx(10 / 11)}]


def test_failures_count_sampled_spans_and_traces_for_those_they_stand_for(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def failing(trace_id: str, **given: object) -> SpanRecord:
        return span(
            trace_id=trace_id,
            failure_category="loop",
            failure_fingerprint="f",
            app_version="1",
            user="u",
            **given,
        )

    late = failing(WITH_LATE, sample_weight=10.0)
    store.writer.write(
        [
            failing(SAMPLED, sample_weight=10.0),
            failing(SAMPLED, sample_weight=10.0, start_ns=late["start_ns"]),
            failing(FAILED),
            late,
            span(app_version="1", sample_weight=10.0),
        ],
        token=project,
    )
    reader = FailureReader(store.engine)
    hour = NOON.replace(minute=0, second=0)
    FailureHours(store.engine).refresh([(project, hour)], NOON)
    short, long = (TimeRange(hour, hour + timedelta(hours=hours)) for hours in (1, 24))
    for period in (short, long):
        (impact,) = reader.impact(project, period, {"f": "c"}).values()
        assert (impact.spans, impact.traces, impact.users) == (31, 21, 1)
        assert (impact.cost_usd, impact.sampled) == (31 * USD, True)
    assert reader.hours(project, long, {"f": "c"}) == {"c": {int(hour.timestamp()) // 3600: 31}}
    assert sum(reader.timeline(project, short, ["f"], 60).values()) == 31
    (version,) = reader.versions(project, short, ["f"], ["shop"], limit=9)
    assert (version.spans, version.failures) == (41, 31)


def test_what_is_usual_of_traces_is_not_that_of_those_that_are_always_kept(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    usual = span(sample_weight=20.0, input_tokens=100, output_tokens=0)
    store.writer.write([usual, span(input_tokens=9_000, output_tokens=0)], token=project)
    norms = FailureTraceReader(store.engine).norms(project, AROUND)["shop"]
    assert (norms.traces, norms.tokens) == (2, Usual(100.0, 100.0))
