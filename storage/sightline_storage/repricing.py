"""Pricing stored calls again: reading them, and rewriting them under a newer version with an audit row."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, literal_column, select

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_core.time_range import TimeRange
from sightline_storage import trace_queries as sql
from sightline_storage.contract import SpanWriter
from sightline_storage.engine import Engine
from sightline_storage.native_block import insert_columns
from sightline_storage.span_record import SpanRecord
from sightline_storage.span_table import RECORD_KEYS, SPANS, record_of
from sightline_storage.sql import nanos_of
from sightline_storage.statements import run

Reprice = Callable[[SpanRecord], SpanRecord]
"""A stored call → its keys of cost as they should be (`cost_…`, `price_id`); {} leaves it as it is."""

_CALLS_A_BLOCK = 2_000
_AUDIT = {
    "project": "LowCardinality(String)",
    "trace_id": "String",
    "span_id": "String",
    "start_time": "DateTime64(9, 'UTC')",
    "run": "String",
    "old_cost_usd": "Decimal(18, 12)",
    "old_cost_state": "LowCardinality(String)",
    "old_price_id": "LowCardinality(String)",
    "new_cost_usd": "Decimal(18, 12)",
    "new_cost_state": "LowCardinality(String)",
    "new_price_id": "LowCardinality(String)",
    "repriced_at": "DateTime64(9, 'UTC')",
}


def reprice_calls(
    engine: Engine,
    writer: SpanWriter,
    project: ProjectId,
    time_range: TimeRange,
    reprice: Reprice,
    now: datetime,
) -> int:
    """Give every model call of the range the cost that `reprice` returns; return how many changed.

    The old figure is kept in `reprice_audit` before the new one is written. Interrupted, it can be run again:
    calls that have their new cost already are left alone.
    """
    run_id, changed_calls = uuid.uuid4().hex, 0
    for number, calls in enumerate(_read_calls(engine, project, time_range)):
        changed = [(call, new) for call in calls if (new := _changed(call, reprice(call), now))]
        if changed:
            _write_audit(engine, run_id, changed, to_ns(now), token=f"audit-{run_id}-{number}")
            writer.write([new for _, new in changed], token=f"reprice-{run_id}-{number}")
            changed_calls += len(changed)
    return changed_calls


def build_calls(
    project: str, start_ns: int, end_ns: int, after_span: tuple[str, str], limit: int
) -> Select[Any]:
    """Which model calls start in the window, after a place in the order of trace and span id?"""
    after = (
        bindparam("after_trace", after_span[0], ch.String),
        bindparam("after_span", after_span[1], ch.String),
    )
    place = sql.tuple_less(after, (SPANS.c.trace_id, SPANS.c.span_id))
    statement = (
        select(*(sql.read_key(key) for key in RECORD_KEYS))
        .where(*sql.span_filters(project), sql.between(start_ns, end_ns), SPANS.c.cost_state != "none", place)
        .order_by(SPANS.c.trace_id, SPANS.c.span_id)
        .limit(bindparam("calls", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_call_hours(project: str, start_ns: int, end_ns: int) -> Select[Any]:
    """Which hours of the window have model calls? First and last start of each, in nanoseconds."""
    start = SPANS.c.start_time
    return (
        select(nanos_of(func.min(start)).label("first_ns"), nanos_of(func.max(start)).label("last_ns"))
        .where(*sql.span_filters(project), sql.between(start_ns, end_ns), SPANS.c.cost_state != "none")
        .group_by(func.toStartOfHour(start))
        .order_by(literal_column("first_ns"))
        .limit(bindparam("hours", 10_000_000, ch.UInt64))
    )


def _read_calls(engine: Engine, project: str, time_range: TimeRange) -> Iterator[list[SpanRecord]]:
    hours = run(engine, build_call_hours(project, to_ns(time_range.start), to_ns(time_range.end)))
    for first_ns, last_ns in hours:
        after = ("", "")
        while True:
            rows = run(engine, build_calls(project, int(first_ns), int(last_ns) + 1, after, _CALLS_A_BLOCK))
            calls = [record_of(row) for row in rows]
            if calls:
                yield calls
                after = (calls[-1]["trace_id"], calls[-1]["span_id"])
            if len(calls) < _CALLS_A_BLOCK:
                break


def _changed(call: SpanRecord, cost: SpanRecord, now: datetime) -> SpanRecord | None:
    if all(call[key] == value for key, value in cost.items()):  # type: ignore[literal-required]
        return None
    version = max(to_ns(now), call["ingested_ns"] + 1)
    return {**call, **cost, "ingested_ns": version}


def _write_audit(
    engine: Engine, run_id: str, changed: list[tuple[SpanRecord, SpanRecord]], now_ns: int, *, token: str
) -> None:
    rows = [
        (
            old["project"],
            old["trace_id"],
            old["span_id"],
            old["start_ns"],
            run_id,
            old["cost_usd"],
            old["cost_state"],
            old["price_id"],
            new["cost_usd"],
            new["cost_state"],
            new["price_id"],
            now_ns,
        )
        for old, new in changed
    ]
    columns = dict(zip(_AUDIT, zip(*rows, strict=True), strict=True))
    insert_columns(engine, "reprice_audit", columns, _AUDIT, token=token)
