"""The SQL text of every builder: a change of a query is seen in review, and no value is ever in the text."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select

from sightline_core.query_fields import FieldName
from sightline_core.query_parser import parse_query
from sightline_core.query_printer import quote_value
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage.activity import activity_queries as activity
from sightline_storage.activity import app_queries as apps
from sightline_storage.activity import prompt_queries as prompts
from sightline_storage.engines.sql import compile_query
from sightline_storage.failures import app_failure_queries as app_failures
from sightline_storage.failures import failing_span_queries as failing_spans
from sightline_storage.failures import failure_contrast_queries as failure_contrast
from sightline_storage.failures import failure_hours
from sightline_storage.failures import failure_queries as failures
from sightline_storage.failures import failure_trace_queries as failing_traces
from sightline_storage.lifecycle import deletion
from sightline_storage.rollups import rollup_queries as rollups
from sightline_storage.rollups.rollup_table import ROLLUP_MINUTE
from sightline_storage.rollups.written_minutes import build_written_minutes
from sightline_storage.scores import score_queries as scores
from sightline_storage.search import span_measures as measures
from sightline_storage.search import tail_queries as tail
from sightline_storage.search import trace_figure_queries as figures
from sightline_storage.search import trace_search_queries as search
from sightline_storage.search.search_scope import MARGIN_NS, SearchScope
from sightline_storage.search.span_search import build_span_hits
from sightline_storage.spans.page_cursor import RowKey, SortKey
from sightline_storage.spans.span_filters import is_app, of_project
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spend import repricing
from sightline_storage.spend import spend_potential as potential
from sightline_storage.spend import spend_queries as spend
from sightline_storage.spend import team_rules as teams
from sightline_storage.spend.price_uses import build_price_uses
from sightline_storage.spend.spend_latency import build_rollup_latency, build_span_latency
from sightline_storage.spend.spend_outcomes import build_outcomes
from sightline_storage.spend.spend_savings import build_savings
from sightline_storage.traces import download_queries
from sightline_storage.traces import trace_queries as traces
from sightline_storage.traces import trace_relations as relations
from sightline_storage.traces.repeated_call_reader import build_lines, build_repeated, build_silent
from sightline_storage.traces.span_lookup import (
    build_calls_by_response,
    build_span_versions,
    build_spans_by_id,
    build_starts,
    build_weights,
)
from sightline_storage.traces.texts_below import build_texts_below
from sightline_storage.traces.trace_finder import TraceWindow

HOSTILE = "it's {x:String} \\ ; DROP TABLE spans --"
START, END = 1_790_000_000_000_000_123, 1_790_000_060_000_000_456
IDS = ["a" * 32, HOSTILE]
RANGE = TimeRange(datetime(2026, 9, 21, tzinfo=UTC), datetime(2026, 9, 22, tzinfo=UTC))
SCORED = scores.ScoreFilter(tuple(IDS), HOSTILE, HOSTILE, HOSTILE, HOSTILE, (START, END))
FITTING = parse_query("status:error")
HOUR = [(HOSTILE, datetime(2026, 9, 21, 14, tzinfo=UTC))]
FILTERS = [of_project(HOSTILE), is_app(HOSTILE)]

SPAN_SHAPE = measures.SpanShape(
    HOSTILE, (FieldName("user"),), parse_query(f"app:{quote_value(HOSTILE)}"), HOSTILE
)
SCOPE = SearchScope(HOSTILE, START, END)
TRACES = SearchScope(HOSTILE, START - MARGIN_NS, END, prefix="trace_")
EVERY_NODE = parse_query(
    f"app:a*,{quote_value(HOSTILE)} -tag:b attr.x:c*,5 attr.x>0.5 latency>2s ttft<1s cost>0.01 spans>3"
    f" (has:error OR has:attr.x) {quote_value(HOSTILE)} 日本"
    " {kind:agent} > {kind:tool} >> {status:error}"
)


def ask(
    dimensions: list[str], filters: spend.Filters, tags: tuple[str, ...] | None = None
) -> spend.SpendQuestion:
    """A question about costs with a hostile team rule."""
    payers = teams.Payers({HOSTILE: teams.TeamRule(HOSTILE, HOSTILE, cost_centre=HOSTILE)}, tags)
    return spend.SpendQuestion(HOSTILE, RANGE, tuple(dimensions), filters, payers)


BUILDERS: dict[str, Callable[[], Select[Any]]] = {
    "window_floor": lambda: traces.build_window_floor(FILTERS, START, END, 20_000),
    "newest_spans": lambda: traces.build_newest_spans(FILTERS, START, END, 408),
    "matched_before": lambda: traces.build_matched_before(FILTERS, IDS, START, END),
    "still_matching": lambda: traces.build_still_matching(
        HOSTILE, FILTERS[1:], IDS, START, END, hashes=[1, 2], minutes=[60]
    ),
    "any_trace": lambda: traces.build_any_trace(HOSTILE),
    "trace_windows": lambda: traces.build_trace_windows(HOSTILE, IDS),
    "trace_windows_by_hash": lambda: traces.build_trace_windows(HOSTILE, hashes=[1, 2]),
    "trace_rows": lambda: traces.build_trace_rows(HOSTILE, IDS, START, END, hashes=[1, 2], minutes=[60]),
    "texts_below": lambda: build_texts_below(HOSTILE, {IDS[0]: TraceWindow(1, START, END)}),
    "trace_spans": lambda: traces.build_trace_spans(HOSTILE, HOSTILE, START, END),
    "spans_with_text": lambda: relations.build_spans_with_text(HOSTILE, HOSTILE, START, END, IDS, 100),
    "content_digests": lambda: relations.build_content_digests(HOSTILE, HOSTILE, START, END),
    "runs_of_kind": lambda: relations.build_runs_of_kind(HOSTILE, HOSTILE, HOSTILE, START, END, 200),
    "session_before": lambda: relations.build_session_neighbour(
        HOSTILE, HOSTILE, HOSTILE, START, END, newest=True
    ),
    "session_after": lambda: relations.build_session_neighbour(
        HOSTILE, HOSTILE, HOSTILE, START, END, newest=False
    ),
    "repeated_calls": lambda: build_repeated(START, END, HOUR, 100),
    "silent_calls": lambda: build_silent(START, END, HOUR, 100),
    "repeated_call_lines": lambda: build_lines(HOSTILE, IDS, START, END, 100),
    "spans_by_id": lambda: build_spans_by_id(HOSTILE, [("a" * 32, HOSTILE)], START, END),
    "starts_by_id": lambda: build_starts(HOSTILE, [("a" * 32, HOSTILE)], START, END),
    "stored_weights": lambda: build_weights(HOSTILE, IDS, START, END),
    "span_versions": lambda: build_span_versions(HOSTILE, [("a" * 32, HOSTILE)], START, END),
    "calls_by_response": lambda: build_calls_by_response(HOSTILE, IDS, START, END),
    "span": lambda: traces.build_span(HOSTILE, HOSTILE, HOSTILE, START, END),
    "apps": lambda: traces.build_apps(HOSTILE, START, END, 100),
    "pending_marks": lambda: rollups.build_pending_marks(100),
    "closed_days": lambda: rollups.build_closed_days(HOUR, 2),
    "newest_version": lambda: rollups.build_newest_version(ROLLUP_MINUTE, HOUR),
    "minutes": lambda: rollups.build_minutes(HOUR, 7),
    "hours": lambda: rollups.build_hours(HOUR, 7),
    "stale": lambda: rollups.build_stale(rollups.HOURS, HOUR, 7),
    "minutes_written": lambda: tail.build_minutes_written(HOSTILE, 15, 100),
    "tail_fitting": lambda: tail.build_fitting(FITTING, SCOPE, IDS),
    "records_of": lambda: download_queries.build_records_of(HOSTILE, IDS, START, END, 50),
    "records_after": lambda: download_queries.build_records_after(
        HOSTILE, HOSTILE, (START, HOSTILE), END, 50
    ),
    "arrivals": lambda: tail.build_arrivals(HOSTILE, [HOUR[0][1]], START, 100),
    "deleted_starts": lambda: deletion.build_starts(HOSTILE, IDS, START, END),
    "stored_traces": lambda: deletion.build_stored_traces(HOSTILE, IDS, START, END),
    "deleted_since": lambda: deletion.build_deleted_since(HOSTILE, HOSTILE, START, END, START),
    "replays_of": lambda: deletion.build_replays_of(HOSTILE, IDS, 100),
    "traces_where": lambda: deletion.build_traces_where(HOSTILE, SPANS.c.user == HOSTILE, 100),
    "calls": lambda: repricing.build_calls(HOSTILE, START, END, (HOSTILE, HOSTILE), 100),
    "new_failures": lambda: failing_spans.build_new_failures(START, END, [(HOSTILE, RANGE.start)]),
    "failing_traces": lambda: failing_spans.build_failing_traces(START, END, [(HOSTILE, RANGE.start)], 100),
    "written_minutes": lambda: build_written_minutes(1_790_000_000, 100),
    "written_minutes_after": lambda: build_written_minutes(1_790_000_000, 100, (1_790_000_001, *HOUR[0])),
    "failure_causes": lambda: failing_spans.build_causes(HOSTILE, IDS, START, END),
    "failure_first_run": lambda: failing_spans.build_first_run(HOSTILE, START, END, HOSTILE, HOSTILE),
    "ended_traces": lambda: failing_traces.build_ended_traces(
        START, END, [(HOSTILE, RANGE.start)], START, END, 100
    ),
    "trace_steps": lambda: failing_traces.build_steps(HOSTILE, IDS, [7], START, END, contents=True),
    "trace_steps_without_contents": lambda: failing_traces.build_steps(
        HOSTILE, IDS, [7], START, END, contents=False
    ),
    "trace_norms": lambda: failing_traces.build_norms(HOSTILE, START, END),
    "judged_traces": lambda: failing_traces.build_judged_traces(START, END, 100),
    "judgements": lambda: failing_traces.build_judgements(HOSTILE, IDS, END),
    "judged_spans": lambda: failing_traces.build_judged_spans(HOSTILE, IDS, START, END),
    "trace_failures": lambda: failing_spans.build_trace_failures(HOSTILE, IDS, START, END),
    "failure_records": lambda: failing_spans.build_records(HOSTILE, IDS, IDS, START, END),
    "failure_impact": lambda: failures.build_impact(HOSTILE, START, END, {HOSTILE: HOSTILE}),
    "failure_hours": lambda: failures.build_hours(HOSTILE, RANGE.start, RANGE.end, {HOSTILE: HOSTILE}),
    "failure_app_impact": lambda: app_failures.build_app_impact(
        HOSTILE, RANGE.start, RANGE.end, {HOSTILE: HOSTILE}, HOSTILE, [HOSTILE]
    ),
    "failure_app_hours": lambda: app_failures.build_app_hours(
        HOSTILE, RANGE.start, RANGE.end, {HOSTILE: HOSTILE}, HOSTILE, []
    ),
    "failure_shared_fingerprints": lambda: app_failures.build_shared_fingerprints(
        HOSTILE, RANGE.start, RANGE.end, HOSTILE
    ),
    "failure_app_seen": lambda: app_failures.build_app_seen(
        HOSTILE, RANGE.start, RANGE.end, {HOSTILE: HOSTILE}, HOSTILE
    ),
    "failure_hourly_impact": lambda: failures.build_hourly_impact(
        HOSTILE, RANGE.start, RANGE.end, {HOSTILE: HOSTILE}
    ),
    "failure_hours_sums": lambda: failure_hours.build_failure_hours([(HOSTILE, RANGE.start)], START),
    "failure_hours_stale": lambda: rollups.build_stale(failure_hours.SUMMED, [(HOSTILE, RANGE.start)], START),
    "failing_hours": lambda: failure_hours.build_failing_hours(START, END),
    "failure_examples": lambda: failures.build_examples(HOSTILE, START, END, IDS, 5),
    "failure_healthy": lambda: failures.build_healthy(HOSTILE, START, END, HOSTILE, HOSTILE, HOSTILE),
    "failure_timeline": lambda: failures.build_timeline(HOSTILE, START, END, IDS, 3600),
    "failure_versions": lambda: failures.build_versions(HOSTILE, START, END, IDS, IDS, 201),
    "failure_span_count": lambda: failure_contrast.build_span_count(HOSTILE, START, END, IDS, (IDS, IDS)),
    "failure_contrast": lambda: failure_contrast.build_contrast(HOSTILE, START, END, IDS, (IDS, IDS), 7, 3),
    "repeats": lambda: potential.build_repeats(ask([], {"app": [HOSTILE]}), 20),
    "distinct_requests": lambda: potential.build_distinct_requests(ask([], {}), 2_000),
    "cacheable_prompts": lambda: potential.build_cacheable_prompts(ask([], {}), 1_024, 30),
    "prompt_texts": lambda: potential.build_prompt_texts(ask([], {}), IDS, [HOSTILE]),
    "token_profile": lambda: potential.build_token_profile(
        ask([], {"model": [HOSTILE]}), most_input=100, most_output=10, only_unattended=True
    ),
    "rollup_spend": lambda: spend.build_rollup_spend(
        ask(["app", "team"], {"model": [HOSTILE], "cost_centre": [HOSTILE]}), [RANGE.start], hourly=True
    ),
    "span_spend": lambda: spend.build_span_spend(
        ask(["user", "tag"], {"tag": [HOSTILE]}), [RANGE.start], [(HOSTILE, HOSTILE)]
    ),
    "team_spend": lambda: spend.build_span_spend(ask(["team"], {}, (HOSTILE,)), [RANGE.start], [(HOSTILE,)]),
    "payers": lambda: teams.build_kinds(HOSTILE, RANGE, None),
    "payers_by_tag": lambda: teams.build_kinds(HOSTILE, RANGE, (HOSTILE,)),
    "payer_tags": lambda: teams.build_tags(HOSTILE, RANGE),
    "any_sampled": lambda: spend.build_any_sampled(ask([], {"app": [HOSTILE]})),
    "first_hour": lambda: spend.build_first_hour(HOSTILE),
    "costliest_groups": lambda: spend.build_costliest_groups(
        ask(["session", "tags"], {"user": [HOSTILE]}), 10
    ),
    "rollup_latency": lambda: build_rollup_latency(ask(["app"], {"app": [HOSTILE]}), hourly=False),
    "span_latency": lambda: build_span_latency(ask(["user"], {}), [(HOSTILE,)]),
    "outcomes": lambda: build_outcomes(ask(["app"], {"model": [HOSTILE]}), [(HOSTILE,)]),
    "sessions_where": lambda: deletion.build_sessions_where(HOSTILE, SPANS.c.user == HOSTILE, 100),
    "sessions": lambda: activity.build_activity(
        "session", FITTING, SCOPE, sort="cost", before=RowKey(END, HOSTILE), limit=51
    ),
    "user": lambda: activity.build_activity(
        "user", EVERYTHING, SCOPE, only=HOSTILE, before=RowKey(END, HOSTILE), limit=1
    ),
    "sessions_as_of": lambda: activity.build_activity(
        "session", FITTING, replace(SCOPE, as_of_ns=END), before=RowKey(END, HOSTILE), limit=51
    ),
    "activity_window": lambda: activity.build_window("session", HOSTILE, HOSTILE, START, END),
    "session_traces": lambda: activity.build_session_traces(
        HOSTILE, HOSTILE, START, END, RowKey(START, IDS[0]), 51
    ),
    "turn_texts": lambda: activity.build_turn_texts(HOSTILE, HOSTILE, IDS, START, END),
    "prompts": lambda: prompts.build_prompts(FITTING, SCOPE, 100),
    "prompt_scores": lambda: prompts.build_prompt_scores(FITTING, SCOPE, 100),
    "first_span": lambda: apps.build_first_span(HOSTILE, START, END),
    "app_overview": lambda: apps.build_app_overview(FITTING, SCOPE, 60_000_000_000, 100),
    "app_overview_of": lambda: apps.build_app_overview(FITTING, SCOPE, 60_000_000_000, 100, [HOSTILE]),
    "scores": lambda: scores.build_scores(HOSTILE, SCORED, RowKey(END, HOSTILE), 101),
    "score_versions": lambda: scores.build_score_versions(HOSTILE, HOSTILE),
    "sorted_traces": lambda: search.build_sorted_traces(
        EVERY_NODE, SCOPE, "cost", descending=True, after=SortKey("cost", START, HOSTILE), limit=51
    ),
    "fitting_of_traces": lambda: search.build_judged_traces(EVERY_NODE, SCOPE, [1, 2], [60]),
    "extent": lambda: search.build_extent(FITTING, SCOPE),
    "histogram": lambda: figures.build_histogram(EVERYTHING, SCOPE, 60, 100),
    "groups_of_everything": lambda: figures.build_groups(EVERYTHING, SCOPE, "tag", 21),
    "groups": lambda: figures.build_groups(parse_query("has:error"), SCOPE, "model", 20),
    "facet_of_everything": lambda: figures.build_facet(None, SCOPE, "model", 11),
    "facet_of_status": lambda: figures.build_facet(parse_query("app:shop"), SCOPE, "status", 11),
    "groups_of_status": lambda: figures.build_groups(parse_query("app:shop"), SCOPE, "status", 21),
    "facet": lambda: figures.build_facet(parse_query('"two words"'), SCOPE, "attr.x y", 11, prefix=HOSTILE),
    "span_hits": lambda: build_span_hits(EVERY_NODE, SCOPE, TRACES, SortKey("span", START, HOSTILE), 51),
    "span_measures": lambda: measures.build_span_measures(
        SPAN_SHAPE, [RANGE], ["cost_usd", "traces", "duration_p95"], 100
    ),
    "scores_between": lambda: measures.build_scores_between(SPAN_SHAPE, RANGE),
    "groups_of_scored": lambda: measures.build_groups_of_scored(SPAN_SHAPE, RANGE),
    "first_fingerprints": lambda: measures.build_first_fingerprints(SPAN_SHAPE, RANGE),
    "savings": lambda: build_savings(ask([], {"app": [HOSTILE]})),
    "price_uses": lambda: build_price_uses(HOSTILE, START, END),
    "call_hours": lambda: repricing.build_call_hours(HOSTILE, START, END),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_a_builders_sql_is_the_golden_one(
    name: str, golden_folder: Path, pytestconfig: pytest.Config
) -> None:
    query = compile_query(BUILDERS[name]())
    golden = golden_folder / f"{name}.sql"
    text = query.sql.replace(" \n", "\n").strip() + "\n"
    if pytestconfig.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BUILDERS)
def test_a_builder_binds_every_value_and_limits_its_answer(name: str) -> None:
    sql = compile_query(BUILDERS[name]()).sql
    assert "DROP" not in sql
    assert "a" * 32 not in sql
    assert "179000" not in sql
    assert "SELECT *" not in sql
    # Parts that begin in the last second before such a bound would be left out.
    assert not re.search(r"`start_time` [<>]=? (toDateTime\(|\{\w+:DateTime\()", sql)
    assert re.search(r"LIMIT \{\w+:\w+\}$", sql.strip())
