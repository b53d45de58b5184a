"""Finding the newest traces with a span that matches, whatever the density of spans in time.

A trace's place in a list is the start of its first matching span, then its id. Without a filter that is the
start of the trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select

from sightline_storage import trace_queries as sql
from sightline_storage.engine import Engine, Row
from sightline_storage.page_cursor import TraceKey
from sightline_storage.sql import compile_query

# Looking at the newest hour first keeps the engine from opening every partition to find the newest spans.
_LOOKS_NS = tuple(hours * 3_600_000_000_000 for hours in (1, 24, 168))
_SCAN_SPANS = 20_000
_SPANS_FOR_A_TRACE = 4
_SPARE = 10  # candidates that may have begun earlier


@dataclass(frozen=True, slots=True)
class TraceWindow:
    """Start of the first and of the last span of a trace, in nanoseconds since the epoch."""

    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class FoundTraces:
    """Places of traces in list order, and when each of them started and ended."""

    keys: list[TraceKey]
    windows: dict[str, TraceWindow]


class TraceFinder:
    """Finds traces of one project by conditions on their spans (`ColumnElement`s over `SPANS`)."""

    def __init__(self, engine: Engine, project: str, conditions: Sequence[ColumnElement[bool]]) -> None:
        self._engine = engine
        self._project = project
        self._filtered = bool(conditions)
        self._filters = [*sql.span_filters(project), *conditions]

    def newest(self, start_ns: int, before: TraceKey, wanted: int) -> FoundTraces:
        """Return up to `wanted` traces that come after `before` in the list and not before `start_ns`.

        Walks backwards in windows that hold at most some thousand matching spans. A trace belongs to the
        window of its first matching span, so one that matched before the window is left for a later one.
        """
        found = FoundTraces([], {})
        looks = 0
        while len(found.keys) < wanted:
            end_ns = before.start_ns + (1 if before.trace_id else 0)
            if end_ns <= start_ns:
                break
            floor_ns, matched = self._window(start_ns, end_ns, looks, _SPANS_FOR_A_TRACE * wanted)
            limit = wanted + _SPARE
            candidates = self._candidates(floor_ns, end_ns, before, limit) if matched else []
            self._add_starting_after(floor_ns, candidates, found)
            before = candidates[-1] if len(candidates) == limit else TraceKey(floor_ns, "")
            looks += 1
        return FoundTraces(found.keys[:wanted], found.windows)

    def _window(self, start_ns: int, end_ns: int, looks: int, enough: int) -> tuple[int, int]:
        """Look ever further back until there are enough spans for a page, and in the end at everything.

        Matches that are rare in a week are taken to be few before it: counting them would be a scan more.
        """
        for look_ns in _LOOKS_NS[looks:]:
            floor_ns, matched = self._floor(max(start_ns, end_ns - look_ns), end_ns)
            if matched >= enough or floor_ns == start_ns:
                return floor_ns, matched
        is_rare = self._filtered and looks < len(_LOOKS_NS)
        return (start_ns, enough) if is_rare else self._floor(start_ns, end_ns)

    def _floor(self, start_ns: int, end_ns: int) -> tuple[int, int]:
        return window_floor(self._engine, self._filters, start_ns, end_ns, _SCAN_SPANS)

    def _candidates(self, floor_ns: int, end_ns: int, before: TraceKey, limit: int) -> list[TraceKey]:
        rows = run(self._engine, sql.build_candidates(self._filters, floor_ns, end_ns, before, limit))
        return [TraceKey(int(first), str(trace_id)) for trace_id, first in rows]

    def _add_starting_after(self, floor_ns: int, candidates: list[TraceKey], found: FoundTraces) -> None:
        """Add the candidates without a matching span before `floor_ns`."""
        windows = read_windows(self._engine, self._project, [key.trace_id for key in candidates])
        early = [trace_id for trace_id, window in windows.items() if window.first_ns < floor_ns]
        if early and self._filtered:
            first_ns = min(windows[trace_id].first_ns for trace_id in early)
            matched = sql.build_matched_before(self._filters, early, first_ns, floor_ns)
            early = [str(row[0]) for row in run(self._engine, matched)]
        dropped = set(early)
        found.keys.extend(key for key in candidates if key.trace_id in windows.keys() - dropped)
        found.windows.update(windows)


def window_floor(
    engine: Engine, filters: Sequence[ColumnElement[bool]], start_ns: int, end_ns: int, spans: int
) -> tuple[int, int]:
    """Return where a window that ends at `end_ns` may start to hold about so many of the spans that fit.

    And how many of them were seen: fewer than `spans` when the window starts at `start_ns`.
    """
    ((minute_s, found),) = run(engine, sql.build_window_floor(filters, start_ns, end_ns, spans))
    return max(start_ns, int(minute_s) * 1_000_000_000) if found == spans else start_ns, int(found)


def read_windows(engine: Engine, project: str, trace_ids: list[str]) -> dict[str, TraceWindow]:
    """Return when the traces started and ended, by trace id; unknown ones are left out."""
    if not trace_ids:
        return {}
    rows = run(engine, sql.build_trace_windows(project, trace_ids))
    return {str(trace_id): TraceWindow(int(first), int(last)) for trace_id, first, last in rows}


def run(engine: Engine, statement: Select[Any]) -> list[Row]:
    """Compile and run a statement."""
    query = compile_query(statement)
    return engine.query(query.sql, query.params)
