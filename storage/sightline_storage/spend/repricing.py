"""Pricing stored calls again: reading them, and rewriting them under a newer version with an audit row."""

import itertools
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, literal_column, select

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import DAY_NS, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.contract import SpanWriter
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.native_block import insert_columns
from sightline_storage.engines.sql import nanos_of, tuple_less
from sightline_storage.engines.statements import run
from sightline_storage.spans.reprice_audit import REPRICE_AUDIT
from sightline_storage.spans.span_filters import between, of_project, read_key
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import RECORD_KEYS, SPANS, record_of
from sightline_storage.traces.span_lookup import SpanKey, SpanLookup, key_of

log = logging.getLogger(__name__)

Reprice = Callable[[SpanRecord], SpanRecord]
"""A stored call → its keys of cost as they should be (`cost_…`, `price_id`); {} leaves it as it is."""

_CALLS_A_BLOCK = 2_000
_ATTEMPTS = 5


def reprice_calls(
    engine: Engine,
    writer: SpanWriter,
    project: ProjectId,
    time_range: TimeRange,
    reprice: Reprice,
    now: datetime,
) -> int:
    """Give every model call of the range the cost that `reprice` returns; return how many changed.

    The old figure is kept in `reprice_audit`, as of `now`, before the new one is written. Interrupted, it can
    be run again: calls that have their new cost already are left alone, and the old figure of others is kept
    once. A call that somebody else writes meanwhile is read and priced again, so that neither takes the
    other's change back.
    """
    this_run = _Run(engine, writer, project, reprice, to_ns(now))
    return sum(this_run.reprice(calls) for calls in _read_calls(engine, project, time_range))


class _Run:
    """Reprices blocks of calls."""

    def __init__(
        self, engine: Engine, writer: SpanWriter, project: ProjectId, reprice: Reprice, now_ns: int
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._project = project
        self._reprice = reprice
        self._now_ns = now_ns
        self._spans = SpanLookup(engine)
        self._id = uuid.uuid4().hex
        self._writes = itertools.count()

    def reprice(self, calls: Sequence[SpanRecord]) -> int:
        """Write those that have another cost now, and return how many those were."""
        repriced: set[SpanKey] = set()
        read = {key_of(call): call["ingested_ns"] for call in calls}
        for _ in range(_ATTEMPTS):
            written, calls = self._attempt(calls, read)
            repriced |= written
            if not calls:
                return len(repriced)
        log.warning("calls keep their old cost: others wrote them all the while", extra={"calls": len(calls)})
        return len(repriced - {key_of(call) for call in calls})

    def _attempt(
        self, calls: Sequence[SpanRecord], read: Mapping[SpanKey, int]
    ) -> tuple[set[SpanKey], list[SpanRecord]]:
        """Return what was written, and the calls that somebody else has written since they were read.

        `read` are the versions in which the calls were first read: they name the rows of the audit.
        """
        changed = {
            key_of(call): (call, new) for call in calls if (new := _changed(call, self._reprice(call)))
        }
        if not changed:
            return set(), []
        stored = self._spans.find_versions(self._project, changed)
        written = {key: pair for key, pair in changed.items() if stored.get(key) == pair[0]["ingested_ns"]}
        if written:
            token = f"{self._id}-{next(self._writes)}"
            changes = [(old, new, read[key]) for key, (old, new) in written.items()]
            _write_audit(self._engine, changes, self._now_ns, token=f"audit-{token}")
            self._writer.write([new for _, new in written.values()], token=f"reprice-{token}")
        ours = {key: new["ingested_ns"] for key, (_, new) in written.items()}
        stored = self._spans.find_versions(self._project, changed)
        others = [key for key, version in stored.items() if version != ours.get(key)]
        return set(written), self._spans.find(self._project, others)


def build_calls(
    project: str, start_ns: int, end_ns: int, after_span: tuple[str, str], limit: int
) -> Select[Any]:
    """Which model calls start in the window, after a place in the order of trace and span id?"""
    after = (
        bindparam("after_trace", after_span[0], ch.String),
        bindparam("after_span", after_span[1], ch.String),
    )
    place = tuple_less(after, (SPANS.c.trace_id, SPANS.c.span_id))
    statement = (
        select(*(read_key(key) for key in RECORD_KEYS))
        .where(of_project(project), between(start_ns, end_ns), SPANS.c.cost_state != "none", place)
        .order_by(SPANS.c.trace_id, SPANS.c.span_id)
        .limit(bindparam("calls", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_call_hours(project: str, start_ns: int, end_ns: int) -> Select[Any]:
    """Which hours of the window have model calls? First and last start of each in nanoseconds, and how many.

    Versions of a call that are not merged yet are counted, too.
    """
    start = SPANS.c.start_time
    return (
        select(
            nanos_of(func.min(start)).label("first_ns"),
            nanos_of(func.max(start)).label("last_ns"),
            func.count().label("calls"),
        )
        .where(of_project(project), between(start_ns, end_ns), SPANS.c.cost_state != "none")
        .group_by(func.toStartOfHour(start))
        .order_by(literal_column("first_ns"))
        .limit(bindparam("hours", 10_000_000, ch.UInt64))
    )


def _read_calls(engine: Engine, project: str, time_range: TimeRange) -> Iterator[list[SpanRecord]]:
    hours = run(engine, build_call_hours(project, to_ns(time_range.start), to_ns(time_range.end)))
    for first_ns, last_ns in _windows((int(first), int(last), int(calls)) for first, last, calls in hours):
        after = ("", "")
        while True:
            rows = run(engine, build_calls(project, first_ns, last_ns + 1, after, _CALLS_A_BLOCK))
            calls = [record_of(row) for row in rows]
            if calls:
                yield calls
                after = (calls[-1]["trace_id"], calls[-1]["span_id"])
            if len(calls) < _CALLS_A_BLOCK:
                break


def _windows(hours: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield first and last start of hours that make one block together; each window is of one day.

    Every block is written by itself, which takes the longest: quiet hours are not worth one each.
    """
    for _, of_day in itertools.groupby(hours, key=lambda hour: hour[0] // DAY_NS):
        (first_ns, last_ns, calls), *later = of_day
        for next_first_ns, next_last_ns, next_calls in later:
            if calls + next_calls > _CALLS_A_BLOCK:
                yield first_ns, last_ns
                first_ns, calls = next_first_ns, 0
            last_ns, calls = next_last_ns, calls + next_calls
        yield first_ns, last_ns


def _changed(call: SpanRecord, cost: SpanRecord) -> SpanRecord | None:
    if all(call[key] == value for key, value in cost.items()):  # type: ignore[literal-required]
        return None
    # The time of now, not of when the run began: others that write spans do the same.
    version = max(time.time_ns(), call["ingested_ns"] + 1)
    return {**call, **cost, "ingested_ns": version}


def _write_audit(
    engine: Engine, changed: list[tuple[SpanRecord, SpanRecord, int]], now_ns: int, *, token: str
) -> None:
    rows = [
        (
            old["project"],
            old["trace_id"],
            old["span_id"],
            old["start_ns"],
            str(version),
            old["cost_usd"],
            old["cost_state"],
            old["price_id"],
            new["cost_usd"],
            new["cost_state"],
            new["price_id"],
            now_ns,
        )
        for old, new, version in changed
    ]
    columns = dict(zip(REPRICE_AUDIT, zip(*rows, strict=True), strict=True))
    insert_columns(engine, "reprice_audit", columns, REPRICE_AUDIT, token=token)
