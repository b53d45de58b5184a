"""Answers about traces, from stored spans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select

from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_core.time_range import TimeRange
from sightline_storage import trace_queries as sql
from sightline_storage.contract import AppRow, CostTotals, SpanRow, TokenTotals, TracePage, TraceRow
from sightline_storage.engine import Engine, Row
from sightline_storage.page_cursor import TraceKey
from sightline_storage.span_record import SpanRecord
from sightline_storage.span_table import RECORD_KEYS
from sightline_storage.sql import compile_query, to_ns

MAX_PAGE = 1000
MAX_APPS = 10_000
_SCAN_SPANS = 20_000
_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class TraceWindow:
    """Start of the first and of the last span of a trace, in nanoseconds since the epoch."""

    first_ns: int
    last_ns: int


class EngineTraceReader:
    """`contract.TraceReader` on any engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find_traces(
        self, project: ProjectId, time_range: TimeRange, *, app: str | None, limit: int, cursor: str | None
    ) -> TracePage:
        """See `contract.TraceReader.find_traces`."""
        if not 1 <= limit <= MAX_PAGE:
            raise CallerError(f"limit must be between 1 and {MAX_PAGE}")
        before = TraceKey.decode(cursor) if cursor else TraceKey(to_ns(time_range.end), "")
        filters = sql.span_filters(project, app)
        keys = self._newest(project, filters, app is not None, to_ns(time_range.start), before, limit + 1)
        page = keys[:limit]
        rows = self._trace_rows(project, [key.trace_id for key in page])
        return TracePage(
            traces=[rows[key.trace_id] for key in page if key.trace_id in rows],
            next_cursor=page[-1].encode() if len(keys) > limit else None,
        )

    def _newest(
        self,
        project: str,
        filters: Sequence[ColumnElement[bool]],
        filtered: bool,
        start_ns: int,
        before: TraceKey,
        wanted: int,
    ) -> list[TraceKey]:
        """Return up to `wanted` places after `before`, newest first.

        Walks backwards in windows that hold some thousand matching spans each, whatever their density in
        time. A trace belongs to the window of its first matching span, so one that began before the window
        is left for a later one.
        """
        found: list[TraceKey] = []
        while len(found) < wanted and before.start_ns >= start_ns:
            end_ns = before.start_ns + (1 if before.trace_id else 0)
            if end_ns <= start_ns:
                break
            floor_ns = self._floor(filters, start_ns, end_ns)
            if floor_ns is None:
                break
            limit = 2 * wanted
            candidates = [
                TraceKey(int(first), str(trace_id))
                for trace_id, first in self._run(
                    sql.build_candidates(filters, floor_ns, end_ns, before, limit)
                )
            ]
            found += self._starting_after(project, filters, filtered, floor_ns, candidates)
            before = candidates[-1] if len(candidates) == limit else TraceKey(floor_ns, "")
        return found[:wanted]

    def _floor(self, filters: Sequence[ColumnElement[bool]], start_ns: int, end_ns: int) -> int | None:
        ((minute_s, found),) = self._run(sql.build_window_floor(filters, start_ns, end_ns, _SCAN_SPANS))
        if not found:
            return None
        return max(start_ns, int(minute_s) * 1_000_000_000) if found == _SCAN_SPANS else start_ns

    def _starting_after(
        self,
        project: str,
        filters: Sequence[ColumnElement[bool]],
        filtered: bool,
        floor_ns: int,
        candidates: list[TraceKey],
    ) -> list[TraceKey]:
        """Drop the candidates with a matching span before `floor_ns`."""
        windows = self._windows(project, [key.trace_id for key in candidates])
        early = [trace_id for trace_id, window in windows.items() if window.first_ns < floor_ns]
        if early and filtered:
            first = min(windows[trace_id].first_ns for trace_id in early)
            matched = self._run(sql.build_matched_before(filters, early, first, floor_ns))
            early = [str(row[0]) for row in matched]
        dropped = set(early)
        return [key for key in candidates if key.trace_id not in dropped]

    def read_trace(self, project: ProjectId, trace_id: TraceId) -> tuple[TraceRow, list[SpanRow]]:
        """See `contract.TraceReader.read_trace`."""
        window = self._window(project, trace_id)
        rows = self._trace_rows(project, [trace_id])
        if trace_id not in rows:
            raise NotFound(f"no trace {trace_id} is stored")
        spans = self._run(sql.build_trace_spans(project, trace_id, window.first_ns, window.last_ns + 1))
        return rows[trace_id], [_span_row(row) for row in spans]

    def read_span(self, project: ProjectId, trace_id: TraceId, span_id: SpanId) -> SpanRecord:
        """See `contract.TraceReader.read_span`."""
        window = self._window(project, trace_id)
        rows = self._run(sql.build_span(project, trace_id, span_id, window.first_ns, window.last_ns + 1))
        if not rows:
            raise NotFound(f"no span {span_id} is stored in trace {trace_id}")
        return cast(SpanRecord, dict(zip(RECORD_KEYS, rows[0], strict=True)))

    def list_apps(self, project: ProjectId, time_range: TimeRange) -> list[AppRow]:
        """See `contract.TraceReader.list_apps`."""
        statement = sql.build_apps(project, to_ns(time_range.start), to_ns(time_range.end), MAX_APPS)
        return [_app_row(row) for row in self._run(statement)]

    def _window(self, project: str, trace_id: str) -> TraceWindow:
        windows = self._windows(project, [trace_id])
        if trace_id not in windows:
            raise NotFound(f"no trace {trace_id} is stored")
        return windows[trace_id]

    def _windows(self, project: str, trace_ids: list[str]) -> dict[str, TraceWindow]:
        if not trace_ids:
            return {}
        rows = self._run(sql.build_trace_windows(project, trace_ids))
        return {str(trace_id): TraceWindow(int(first), int(last)) for trace_id, first, last in rows}

    def _trace_rows(self, project: str, trace_ids: list[str]) -> dict[str, TraceRow]:
        windows = self._windows(project, trace_ids).values()
        if not windows:
            return {}
        start_ns, end_ns = min(w.first_ns for w in windows), max(w.last_ns for w in windows) + 1
        rows = self._run(sql.build_trace_rows(project, trace_ids, start_ns, end_ns))
        return {str(row[0]): _trace_row(row) for row in rows}

    def _run(self, statement: Select[Any]) -> list[Row]:
        query = compile_query(statement)
        return self._engine.query(query.sql, query.params)


def _trace_row(row: Row) -> TraceRow:
    return TraceRow(
        trace_id=TraceId(row[0]),
        name=row[1],
        kind=row[2],
        app=row[3],
        environment=row[4],
        start_ns=row[5],
        duration_ns=row[6] - row[5],
        status=row[7],
        has_root=row[8] > 0,
        span_count=row[9],
        error_count=row[10],
        llm_calls=row[11],
        models=list(row[12]),
        tokens=_tokens(row[13:19]),
        cost=_cost(row[19:23]),
        session=row[23],
        user=row[24],
        input_preview=row[25],
        output_preview=row[26],
        failure_categories=list(row[27]),
    )


def _app_row(row: Row) -> AppRow:
    return AppRow(
        app=row[0],
        environments=list(row[1]),
        traces=row[2],
        errors=row[3],
        tokens=_tokens(row[4:10]),
        cost=_cost(row[10:14]),
        last_seen=datetime.fromtimestamp(row[14] / 1e9, UTC),
    )


def _tokens(row: Row) -> TokenTotals:
    totals = dict(zip(("input", "cached_input", "cache_write", "output", "reasoning"), row, strict=False))
    return TokenTotals(**totals, estimated=bool(row[5]))


def _cost(row: Row) -> CostTotals:
    usd, priced, estimated, unpriced = row
    return CostTotals(usd, priced, estimated, unpriced)


def _span_row(row: Row) -> SpanRow:
    values = dict(zip(sql.SPAN_ROW_KEYS, row, strict=True))
    values["counted"] = bool(values["counted"])
    values["failure_propagated"] = bool(values["failure_propagated"])
    return SpanRow(**values)
