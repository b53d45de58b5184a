"""Rollups equal the sums of stored spans, whatever order, blocks and repetitions the spans arrive in."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.e2e.polling import until
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store
from sightline_storage.rollups import rollup_queries
from sightline_storage.rollups.measure_reader import MeasureReader

pytestmark = EMBEDDED_AND_CLUSTER

MINUTE_NS = 60_000_000_000
NOW = datetime(2026, 9, 22, tzinfo=UTC)
_projects = itertools.count()

GROUPS = """
SELECT toUnixTimestamp(bucket), app, model, is_root, sum(spans), sum(calls), sum(unpriced_calls),
       sum(input_tokens),
       sum(unpriced_tokens), sum(cost_usd), sum(failed_cost_usd),
       quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(duration)
FROM {table} FINAL WHERE project = {{project:String}} GROUP BY ALL ORDER BY ALL LIMIT 10000"""


def _groups(store: Store, table: str, project: str) -> list[tuple[Any, ...]]:
    return store.engine.query(GROUPS.format(table=table), {"project": project})


def _totals(store: Store, table: str, project: str) -> tuple[int, int, Decimal]:
    rows = _groups(store, table, project)
    return sum(r[4] for r in rows), sum(r[7] for r in rows), sum((r[9] for r in rows), Decimal(0))


def _write(store: Store, records: Sequence[SpanRecord], token: str) -> None:
    store.writer.write(records, token=token)


def test_minutes_and_hours_hold_the_sums_of_counted_spans(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    minute = BASE_NS // MINUTE_NS * MINUTE_NS
    spans = [
        span(start_ns=minute, duration_ns=1_000_000),
        span(start_ns=minute + MINUTE_NS - 1, parent_span_id="1" * 16, duration_ns=3_000_000, status="error"),
        span(start_ns=minute + MINUTE_NS, cost_state="unpriced", cost_usd=Decimal(0), duration_ns=9_000_000),
        span(start_ns=minute + MINUTE_NS, counted=0, duration_ns=9_000_000),
        span(
            start_ns=minute + MINUTE_NS,
            sample_weight=4.0,
            cost_usd=Decimal("0.000000000001"),
            duration_ns=2_000_000,
        ),
    ]
    while store.refresh_rollups(NOW):
        pass  # what other tests left in the same server
    _write(store, spans, "t")
    assert store.refresh_rollups(NOW) == 2
    one = minute // 1_000_000_000
    two, hour = one + 60, one // 3600 * 3600
    usd = Decimal("0.000001000001")
    rows = [(*row[:4], *row[4:11]) for row in _groups(store, "rollup_minute", project)]
    assert rows == [
        (one, "shop", "gpt-4o", 0, 1, 1, 0, 10, 0, usd, usd),
        (one, "shop", "gpt-4o", 1, 1, 1, 0, 10, 0, usd, Decimal(0)),
        (two, "shop", "gpt-4o", 1, 6, 5, 1, 50, 13, Decimal("0.000000000004"), Decimal(0)),
    ]
    hours = [(*row[:4], *row[4:11]) for row in _groups(store, "rollup_hour", project)]
    assert hours == [
        (hour, "shop", "gpt-4o", 0, 1, 1, 0, 10, 0, usd, usd),
        (hour, "shop", "gpt-4o", 1, 7, 6, 1, 60, 13, Decimal("0.000001000005"), Decimal(0)),
    ]
    medians = [row[11][0] for row in _groups(store, "rollup_minute", project)]
    # Of the last minute, the sampled span is four of six.
    assert medians == [pytest.approx(duration, rel=0.01) for duration in (3_000_000, 1_000_000, 2_000_000)]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_blocks_in_any_order_with_any_repetition_give_the_same_rollups(
    store: Store, span: MakeSpan, data: st.DataObject
) -> None:
    project = f"any-{next(_projects)}"
    offsets = data.draw(st.lists(st.integers(-20, 20), min_size=1, max_size=12), label="start in minutes")
    spans = [span(project=project, start_ns=BASE_NS + offset * MINUTE_NS) for offset in offsets]
    blocks = data.draw(
        st.lists(st.lists(st.sampled_from(spans), min_size=1, max_size=6), max_size=5), label="blocks"
    )
    for number, block in enumerate([*blocks, spans]):
        _write(store, block, f"{project}-{number}")
        if data.draw(st.booleans(), label="refresh in between"):
            store.refresh_rollups(NOW)
    store.refresh_rollups(NOW)
    expected = (len(spans), 10 * len(spans), Decimal("0.000001000001") * len(spans))
    assert _totals(store, "rollup_minute", project) == expected
    assert _totals(store, "rollup_hour", project) == expected


def test_refreshing_again_does_nothing(store: Store, project: ProjectId, span: MakeSpan) -> None:
    _write(store, [span()], "t")
    assert store.refresh_rollups(NOW) == 1
    assert store.refresh_rollups(NOW) == 0


def test_a_group_that_no_longer_exists_is_taken_back(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    old = span(model="unknown", cost_state="unpriced")
    _write(store, [old], f"{project}-1")
    store.refresh_rollups(NOW)
    repriced: SpanRecord = {
        **old,
        "ingested_ns": old["ingested_ns"] + 1,
        "model": "known",
        "cost_state": "priced",
    }
    _write(store, [repriced], f"{project}-2")
    # The worker that took over has a clock that is behind.
    store.refresh_rollups(NOW - timedelta(days=1))
    for table in ("rollup_minute", "rollup_hour"):
        assert [(row[2], row[6]) for row in _groups(store, table, project)] == [("known", 0)]


class _Killed(BaseException):
    """Nothing more is done from here on."""


def test_sums_follow_what_a_job_wrote_that_was_killed_before_it_could_say_so(
    store: Store, project: ProjectId, span: MakeSpan, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = span(cost_state="unpriced", cost_usd=Decimal(0))
    _write(store, [call], f"{project}-1")
    while store.refresh_rollups(NOW):
        pass

    class Dying(type(store.engine)):  # type: ignore[misc]
        """An engine whose process is killed once a span is stored."""

        def insert(self, table: str, *block: Any, **named: Any) -> None:
            super().insert(table, *block, **named)
            if table == "spans":
                raise _Killed

    version = call["ingested_ns"] + 1
    priced: SpanRecord = {**call, "ingested_ns": version, "cost_state": "priced", "cost_usd": Decimal(1)}
    with monkeypatch.context() as patch:
        patch.setattr(store.engine, "__class__", Dying)
        with pytest.raises(_Killed):
            _write(store, [priced], f"{project}-2")
    assert store.refresh_rollups(NOW) == 0  # it may be at it still
    monkeypatch.setattr(rollup_queries, "_LONGEST_CHANGE_S", 0)
    until(lambda: store.refresh_rollups(NOW))
    assert _totals(store, "rollup_hour", project)[2] == 1


def test_the_sums_follow_a_deletion_that_was_killed_before_a_purge_took_its_rows_off_the_disk(
    store: Store, project: ProjectId, span: MakeSpan, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = span(), span()
    _write(store, [kept, gone], project)
    while store.refresh_rollups(NOW):
        pass
    deleted = "SELECT count() FROM spans WHERE project = {project:String} AND is_deleted"

    class Dying(type(store.engine)):  # type: ignore[misc]
        """An engine whose process is killed once a span is deleted."""

        def insert(self, table: str, *block: Any, **named: Any) -> None:
            if self.query(deleted, {"project": project}) != [(0,)]:
                raise _Killed
            super().insert(table, *block, **named)

    with monkeypatch.context() as patch:
        patch.setattr(store.engine, "__class__", Dying)
        with pytest.raises(_Killed):
            store.delete_traces(project, [gone["trace_id"]])
    store.purge()
    assert store.delete_traces(project, [gone["trace_id"]]) == 0
    monkeypatch.setattr(rollup_queries, "_LONGEST_CHANGE_S", 0)
    until(lambda: store.refresh_rollups(NOW))
    assert _totals(store, "rollup_hour", project)[0] == 1


def test_a_backfill_of_many_days_is_refreshed_in_full(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span(start_ns=BASE_NS - n * 7 * MINUTE_NS) for n in range(1200)]
    _write(store, spans, "t")
    assert store.refresh_rollups(NOW) == 1200
    assert _totals(store, "rollup_hour", project)[0] == 1200


def test_a_backfill_of_one_minute_in_each_day_takes_a_statement_for_a_month(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    _write(store, [span(start_ns=BASE_NS - days * 86_400 * 10**9) for days in range(51)], "t")
    assert store.refresh_rollups(NOW) == 51
    query = (
        "SELECT sum(spans), uniqExact(version) FROM rollup_minute FINAL"
        " WHERE project = {project:String} LIMIT 1"
    )
    assert store.engine.query(query, {"project": project}) == [(51, 2)]


def test_who_looks_for_changed_minutes_in_the_middle_of_a_refresh_finds_the_others_afterwards(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    minutes = [BASE_NS // MINUTE_NS * MINUTE_NS + days * 86_400 * 10**9 for days in (0, 31)]
    _write(store, [span(start_ns=minute) for minute in minutes], "t")
    store.refresh_rollups(NOW)
    first, second = (datetime.fromtimestamp(minute // 10**9, UTC) for minute in minutes)
    reader, end = MeasureReader(store.engine), second + timedelta(days=1)
    # One statement for each month, the first month first.
    version = reader.changed_minutes({project: 0}, first, second)[project][first]
    assert list(reader.changed_minutes({project: version}, first, end)[project]) == [second]
