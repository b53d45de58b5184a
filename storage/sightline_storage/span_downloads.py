"""All spans of traces with their content, page by page."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sightline_core.ids import ProjectId, TraceId
from sightline_storage.download_queries import build_records_after
from sightline_storage.engine import Engine
from sightline_storage.span_record import SpanRecord
from sightline_storage.span_table import RECORD_KEYS
from sightline_storage.trace_finder import TraceWindow, read_windows, run

_PAGE_BYTES = 8 * 1024 * 1024
_FIRST_PAGE = 50
_LARGEST_PAGE = 1_000
_CONTENT = ("input", "output", "system_instructions", "tool_definitions", "documents", "events")


class SpanDownloads:
    """Reads whole traces. Blocking and thread-safe, as `contract.TraceReader`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pages(self, project: ProjectId, trace_ids: Sequence[TraceId]) -> Iterator[list[SpanRecord]]:
        """Yield pages of spans, trace by trace, each trace by start; every column is present.

        Pages hold a few megabytes whatever the size of the spans, and are read when they are asked for.
        Traces that are not stored are left out. Spans that arrive meanwhile may be missing.
        """
        windows = read_windows(self._engine, project, list(trace_ids))
        for trace_id in trace_ids:
            if trace_id in windows:
                yield from self._trace(project, trace_id, windows[trace_id])

    def _trace(self, project: str, trace_id: str, window: TraceWindow) -> Iterator[list[SpanRecord]]:
        after, limit = (window.first_ns, ""), _FIRST_PAGE
        while True:
            query = build_records_after(project, trace_id, after, window.last_ns + 1, limit)
            rows = run(self._engine, query)
            page = [cast(SpanRecord, dict(zip(RECORD_KEYS, row, strict=True))) for row in rows]
            if page:
                yield page
            if len(page) < limit:
                return
            after = (page[-1]["start_ns"], page[-1]["span_id"])
            limit = _fitting(page)


def _fitting(page: list[SpanRecord]) -> int:
    """Return how many spans like these fill a page."""
    records = cast(list[dict[str, Any]], page)
    size = sum(1_000 + sum(len(record[key]) for key in _CONTENT) for record in records)
    return max(1, min(_LARGEST_PAGE, _PAGE_BYTES * len(page) // size))
