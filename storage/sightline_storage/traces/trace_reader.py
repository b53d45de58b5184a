"""Answers about traces, from stored spans."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, literal_column

from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_core.nanoseconds import time_of, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.contract import AppRow, CostTotals, SpanRow, TracePage, TraceRow
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import Prepared, run
from sightline_storage.spans.page_cursor import TraceKey
from sightline_storage.spans.span_filters import between, minute_values
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import record_of
from sightline_storage.spans.stored_text import reads_content
from sightline_storage.traces import trace_queries as sql
from sightline_storage.traces.reach import Reach
from sightline_storage.traces.texts_below import with_texts_below
from sightline_storage.traces.trace_finder import (
    TraceFinder,
    TraceWindow,
    bounds_of,
    minutes_of,
    read_window,
    read_windows,
)
from sightline_storage.traces.trace_folding import SpanContext, fold_trace
from sightline_storage.traces.usage_totals import read_tokens

MAX_PAGE = 1000
_CONTEXT = len(sql.SPAN_ROW_KEYS)

# What every list and every page of a trace asks.
_ANY: ColumnElement[bool] = literal_column("1")
_ROWS = Prepared(lambda: sql.build_trace_rows("", [""], 0, 1, hashes=[0]))
_ROWS_IN_MINUTES = Prepared(lambda: sql.build_trace_rows("", [""], 0, 1, hashes=[0], minutes=[0]))
_SPANS_OF_TRACE = Prepared(lambda: sql.build_trace_spans("", "", 0, 1))


class EngineTraceReader:
    """`contract.TraceReader` on any engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reach = Reach()

    def find_matching(
        self,
        project: ProjectId,
        time_range: TimeRange,
        conditions: Sequence[ColumnElement[bool]],
        *,
        limit: int,
        cursor: str | None,
    ) -> TracePage:
        """Return traces with a span in the range that meets all `conditions`, expressions over `SPANS`.

        The newest first, by the first span that meets them. Ties are ordered by trace id, so that pages
        neither repeat nor skip. `CallerError` for a limit that cannot be, or a cursor of another list.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise CallerError(f"limit must be between 1 and {MAX_PAGE}")
        bounds = to_ns(time_range.start), to_ns(time_range.end)
        matching = and_(between(*bounds), *conditions) if conditions else _ANY
        is_about_content = reads_content(matching)
        before = TraceKey.decode(cursor) if cursor else TraceKey(bounds[1], "")
        finder = TraceFinder(self._engine, project, conditions, self._reach)
        keys: list[TraceKey] = []
        rows: dict[str, TraceRow] = {}
        asked = limit + 1
        while True:
            found = finder.newest(bounds[0], before, asked)
            windows = {key.trace_id: found.windows[key.trace_id] for key in found.keys}
            if is_about_content:
                windows = self._still_matching(project, conditions, windows, bounds)
            rows |= self._trace_rows(project, windows, _ANY if is_about_content else matching)
            keys += [key for key in found.keys if key.trace_id in rows]
            if len(keys) > limit or len(found.keys) < asked:
                break
            before, asked = found.keys[-1], min(2 * asked, MAX_PAGE)
        page = keys[:limit]
        return TracePage(
            traces=[rows[key.trace_id] for key in page],
            next_cursor=page[-1].encode() if len(keys) > limit else None,
        )

    def _still_matching(
        self,
        project: str,
        conditions: Sequence[ColumnElement[bool]],
        windows: Mapping[str, TraceWindow],
        bounds: tuple[int, int],
    ) -> dict[str, TraceWindow]:
        """Leave out traces that were found by an older copy of a span alone."""
        if not windows:
            return {}
        hashes, minutes = [window.hash for window in windows.values()], minutes_of(windows.values())
        matching = sql.build_still_matching(
            project, conditions, list(windows), *bounds, hashes=hashes, minutes=minutes
        )
        return {row[0]: windows[row[0]] for row in run(self._engine, matching)}

    def read_trace(self, project: ProjectId, trace_id: TraceId) -> tuple[TraceRow, list[SpanRow]]:
        """See `contract.TraceReader.read_trace`."""
        window = read_window(self._engine, project, trace_id)
        values = {
            "project": project,
            "trace_id": trace_id,
            "start_ns": window.first_ns,
            "end_ns": window.last_ns + 1,
        }
        found = _SPANS_OF_TRACE.run(self._engine, values)
        if not found:
            raise NotFound(f"no trace {trace_id} is stored")
        spans = [(_span_row(row[:_CONTEXT]), SpanContext(*row[_CONTEXT:])) for row in found]
        if len(spans) < sql.MAX_SPANS_OF_TRACE:
            folded = {str(trace_id): fold_trace(trace_id, spans)}
            whole = with_texts_below(self._engine, project, folded, {trace_id: window})[trace_id]
        else:
            whole = self._trace_rows(project, {trace_id: window})[trace_id]
        return whole, [row for row, _ in spans]

    def read_rows(
        self, project: ProjectId, trace_ids: Sequence[TraceId], windows: Mapping[str, TraceWindow] = {}
    ) -> list[TraceRow]:
        """See `contract.TraceReader.read_rows`; `windows` are those that the caller knows already."""
        unknown = [trace_id for trace_id in trace_ids if trace_id not in windows]
        known: dict[str, TraceWindow] = {id_: windows[id_] for id_ in trace_ids if id_ in windows}
        rows = self._trace_rows(project, known | read_windows(self._engine, project, unknown))
        return [rows[trace_id] for trace_id in trace_ids if trace_id in rows]

    def read_span(self, project: ProjectId, trace_id: TraceId, span_id: SpanId) -> SpanRecord:
        """See `contract.TraceReader.read_span`."""
        window = read_window(self._engine, project, trace_id)
        rows = run(
            self._engine, sql.build_span(project, trace_id, span_id, window.first_ns, window.last_ns + 1)
        )
        if not rows:
            raise NotFound(f"no span {span_id} is stored in trace {trace_id}")
        return record_of(rows[0])

    def has_traces(self, project: ProjectId) -> bool:
        """See `contract.TraceReader.has_traces`."""
        return bool(run(self._engine, sql.build_any_trace(project)))

    def list_apps(self, project: ProjectId, time_range: TimeRange, *, limit: int) -> list[AppRow]:
        """See `contract.TraceReader.list_apps`."""
        statement = sql.build_apps(project, to_ns(time_range.start), to_ns(time_range.end), limit)
        return [_app_row(row) for row in run(self._engine, statement)]

    def _trace_rows(
        self, project: str, windows: dict[str, TraceWindow], matching: ColumnElement[bool] = _ANY
    ) -> dict[str, TraceRow]:
        if not windows:
            return {}
        start_ns, end_ns = bounds_of(windows.values())
        values = {
            "project": project,
            "start_ns": start_ns,
            "end_ns": end_ns,
            "trace_ids": list(windows),
            "hashes": [window.hash for window in windows.values()],
            "traces": len(windows),
        }
        if minutes := minutes_of(windows.values()):
            values |= {"minutes": minute_values(minutes)}
            rows = _ROWS_IN_MINUTES.run(self._engine, values, matching)
        else:
            rows = _ROWS.run(self._engine, values, matching)
        found = {str(row[0]): _trace_row(row[:-1]) for row in rows if row[-1]}
        return with_texts_below(self._engine, project, found, windows)


def _trace_row(row: Row) -> TraceRow:
    trace_id, root, first_ns, end_ns, counts, models, tokens, any_estimated, usd, calls, *others = row
    name, kind, app, environment, status, input_preview, output_preview = root
    roots, spans, errors, llm_calls = counts
    session, user, failures = others
    return TraceRow(
        trace_id=TraceId(trace_id),
        name=name,
        kind=kind,
        app=app,
        environment=environment,
        start_ns=first_ns,
        duration_ns=end_ns - first_ns,
        status=status,
        has_root=roots > 0,
        span_count=spans,
        error_count=errors,
        llm_calls=llm_calls,
        models=list(models),
        tokens=read_tokens([*tokens, any_estimated]),
        cost=CostTotals(usd, *calls),
        session=session,
        user=user,
        input_preview=input_preview,
        output_preview=output_preview,
        failure_categories=list(failures),
    )


def _app_row(row: Row) -> AppRow:
    return AppRow(
        app=row[0],
        environments=list(row[1]),
        traces=row[2],
        errors=row[3],
        tokens=read_tokens(row[4:10]),
        cost=CostTotals(*row[10:14]),
        last_seen=time_of(int(row[14])),
        sampled=bool(row[15]),
    )


def _span_row(row: Row) -> SpanRow:
    values = dict(zip(sql.SPAN_ROW_KEYS, row, strict=True))
    values["counted"] = bool(values["counted"])
    values["failure_propagated"] = bool(values["failure_propagated"])
    return SpanRow(**values)
