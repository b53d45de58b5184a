"""All spans of traces with their content, page by page."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Select

from sightline_core.ids import ProjectId
from sightline_storage.contract import TraceRow
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import record_of
from sightline_storage.traces.download_queries import build_records_after, build_records_of
from sightline_storage.traces.trace_finder import TraceWindow, bounds_of, read_windows
from sightline_storage.traces.trace_queries import MAX_SPANS_OF_TRACE

_PAGE_BYTES = 8 * 1024 * 1024
_FIRST_PAGE = 50
_LARGEST_PAGE = 1_000
_GROWTH = 4
_CONTENT = ("input", "output", "system_instructions", "tool_definitions", "documents", "events")

Page = list[SpanRecord]


class SpanDownloads:
    """Reads whole traces. Blocking and thread-safe, as `contract.TraceReader`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pages(self, project: ProjectId, traces: Sequence[TraceRow]) -> Iterator[Page]:
        """Yield pages of spans, trace by trace, each trace by start; every column is present.

        Pages hold a few megabytes whatever the size of the spans, and are read when they are asked for. Spans
        that arrive meanwhile may be missing.
        """
        windows = read_windows(self._engine, project, [trace.trace_id for trace in traces])
        waiting = [trace for trace in traces if trace.trace_id in windows]
        room = _FIRST_PAGE
        while waiting:
            together = _first_that_fit(waiting, room)
            waiting = waiting[len(together) :]
            ids = [trace.trace_id for trace in together]
            if len(ids) > 1 or together[0].span_count <= room:
                pages = self._small(project, ids, [windows[trace_id] for trace_id in ids])
            else:
                pages = self._large(project, ids[0], windows[ids[0]], room)
            for page in pages:
                yield page
                room = _fitting(page)

    def _small(self, project: str, trace_ids: list[Any], windows: list[TraceWindow]) -> Iterator[Page]:
        """Read some traces at once: a question for each of them would take many times as long."""
        start_ns, end_ns = bounds_of(windows)
        page = self._read(build_records_of(project, trace_ids, start_ns, end_ns, MAX_SPANS_OF_TRACE))
        if page:
            yield page

    def _large(self, project: str, trace_id: str, window: TraceWindow, limit: int) -> Iterator[Page]:
        after = (window.first_ns, "")
        while True:
            page = self._read(build_records_after(project, trace_id, after, window.last_ns + 1, limit))
            if page:
                yield page
            if len(page) < limit:
                return
            after = (page[-1]["start_ns"], page[-1]["span_id"])
            limit = _fitting(page)

    def _read(self, statement: Select[Any]) -> Page:
        return [record_of(row) for row in run(self._engine, statement)]


def _first_that_fit(traces: Sequence[TraceRow], room: int) -> list[TraceRow]:
    """Return the traces at the front with so many spans together; at least one."""
    fitting = [traces[0]]
    spans = traces[0].span_count
    for trace in traces[1:]:
        spans += trace.span_count
        if spans > room:
            break
        fitting.append(trace)
    return fitting


def _fitting(page: Page) -> int:
    """Return how many spans like these fill a page; the next ones may be larger, so it grows in steps."""
    records = cast(list[dict[str, Any]], page)
    size = sum(1_000 + sum(len(record[key]) for key in _CONTENT) for record in records)
    return max(1, min(_LARGEST_PAGE, _GROWTH * len(page), _PAGE_BYTES * len(page) // size))
