"""Finding the newest traces with a span that matches, whatever the density of spans in time.

A trace's place in a list is the start of its first matching span, then its id. Without a filter that is the
start of the trace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from sightline_core.batches import batched
from sightline_core.errors import NotFound
from sightline_core.nanoseconds import HOUR_NS, MINUTE_NS, SECOND_NS
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import compile_query
from sightline_storage.engines.statements import Prepared, run
from sightline_storage.spans.page_cursor import TraceKey
from sightline_storage.spans.span_filters import of_project
from sightline_storage.traces import trace_queries as sql
from sightline_storage.traces.reach import Reach, kind_of

# Looking at the newest hours first keeps the engine from opening every partition to find the newest spans.
FIRST_LOOK_NS = 3 * HOUR_NS
_FURTHER = 24  # times as far, at most
_SPANS_FOR_A_TRACE = 24
_MORE_SPANS = 8  # times as many, when traces have more or many run at once
_MAX_SPANS = 50_000  # that are read at once, unless more of them than that start in one nanosecond
_SPARE = 10  # candidates that may have begun earlier
_MAX_MINUTES = 1000

_WINDOWS = Prepared(lambda: sql.build_trace_windows("", [""]))
_WINDOWS_BY_HASH = Prepared(lambda: sql.build_trace_windows("", hashes=[0]))


@dataclass(frozen=True, slots=True)
class TraceWindow:
    """Start of the first and of the last span of a trace, in nanoseconds since the epoch.

    `hash` is the `cityHash64` of its id, by which the engine finds it.
    """

    hash: int
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class FoundTraces:
    """Places of traces in list order, and when each of them started and ended."""

    keys: list[TraceKey]
    windows: dict[str, TraceWindow]


class TraceFinder:
    """Finds traces of one project by conditions on their spans (`ColumnElement`s over `SPANS`)."""

    def __init__(
        self, engine: Engine, project: str, conditions: Sequence[ColumnElement[bool]], reach: Reach
    ) -> None:
        self._engine = engine
        self._project = project
        self._filtered = bool(conditions)
        self._filters = [of_project(project), *conditions]
        self._reach = reach
        self._hashes: dict[str, int] = {}

    def newest(self, start_ns: int, before: TraceKey, wanted: int) -> FoundTraces:
        """Return up to `wanted` traces that come after `before` in the list and not before `start_ns`.

        Looks back as far as the last list of this kind had to, then ever further, as far as the matches so
        far say it will take, until there are enough. The newest spans may all be of traces that began long
        ago: the more is seen, the fewer of these are taken for traces that begin.
        """
        end_ns = floor_ns = before.start_ns + (1 if before.trace_id else 0)
        newest_spans = compile_query(sql.build_newest_spans(self._filters, start_ns, end_ns, wanted))
        kind = kind_of(self._project, newest_spans.sql, wanted)
        known_ns = self._reach.of(kind)
        look_ns, spans = known_ns or FIRST_LOOK_NS, _SPANS_FOR_A_TRACE * wanted
        if known_ns:
            spans = min(spans * _MORE_SPANS, _MAX_SPANS)
        first_ns: dict[str, int] = {}
        found = FoundTraces([], {})
        while floor_ns > start_ns and len(found.keys) < wanted:
            since_ns, seen_ns = max(start_ns, floor_ns - look_ns), floor_ns
            bounds = {"start_ns": since_ns, "end_ns": floor_ns, "spans": spans}
            rows = self._engine.query(newest_spans.sql, newest_spans.params | bounds)
            # Of the oldest moment there may be more spans than these.
            floor_ns = int(rows[-1][2]) + 1 if len(rows) == spans else since_ns
            first_ns.update((trace_id, moment) for trace_id, _, moment in rows if moment >= floor_ns)
            self._hashes.update((trace_id, hash_) for trace_id, hash_, _ in rows)
            candidates = _in_order(first_ns, before)
            if floor_ns == start_ns:
                found = self._without_earlier(floor_ns, candidates, wanted, found.windows)
            elif len(candidates) >= wanted:
                newest = candidates[: wanted + _SPARE]
                found = self._without_earlier(floor_ns, newest, wanted, found.windows)
            if len(rows) < spans:
                look_ns = max(FIRST_LOOK_NS, next_look(end_ns - floor_ns, len(candidates), wanted))
            else:
                spans = spans * _MORE_SPANS if floor_ns == seen_ns else min(spans * _MORE_SPANS, _MAX_SPANS)
        if len(found.keys) == wanted:
            page = (found.windows[key.trace_id] for key in found.keys)
            longest_ns = max(window.last_ns - window.first_ns for window in page)
            page_ns = end_ns - found.keys[-1].start_ns
            self._reach.note(kind, end_ns - floor_ns, page_ns, longest_ns)
        return found

    def _without_earlier(
        self,
        floor_ns: int,
        candidates: Sequence[TraceKey],
        wanted: int,
        windows: dict[str, TraceWindow],
    ) -> FoundTraces:
        """Return up to `wanted` of the candidates, those without a matching span before `floor_ns`.

        `windows` are those that are known already.
        """
        found = FoundTraces([], dict(windows))
        for some in batched(candidates, wanted + _SPARE):
            asked = {key.trace_id: self._hashes[key.trace_id] for key in some if key.trace_id not in windows}
            found.windows.update(read_windows(self._engine, self._project, list(asked), list(asked.values())))
            known = [key for key in some if key.trace_id in found.windows]
            earlier = self._matched_before(floor_ns, known, found.windows, wanted - len(found.keys))
            found.keys.extend(key for key in known if key.trace_id not in earlier)
            if len(found.keys) >= wanted:
                break
        return FoundTraces(found.keys[:wanted], found.windows)

    def _matched_before(
        self, floor_ns: int, keys: Sequence[TraceKey], windows: dict[str, TraceWindow], wanted: int
    ) -> set[str]:
        """Return which of the traces have a matching span before `floor_ns`.

        Those that come after `wanted` others are not asked about.
        """
        begun: list[str] = []
        sure = 0
        for key in keys:
            if windows[key.trace_id].first_ns < floor_ns:
                begun.append(key.trace_id)
            elif (sure := sure + 1) == wanted:
                break
        if not self._filtered or not begun:
            return set(begun)
        first_ns = min(windows[trace_id].first_ns for trace_id in begun)
        matched = sql.build_matched_before(self._filters, begun, first_ns, floor_ns)
        return {str(row[0]) for row in run(self._engine, matched)}


def _in_order(first_ns: dict[str, int], before: TraceKey) -> list[TraceKey]:
    keys = (TraceKey(moment, trace_id) for trace_id, moment in first_ns.items())
    return sorted((key for key in keys if key < before), reverse=True)


def next_look(looked_ns: int, seen: int, wanted: int) -> int:
    """Return how much further to look, when as many were seen so far, to see as many as are wanted."""
    return looked_ns * max(1, min(4 * _FURTHER, 8 * (wanted - seen) // (seen + 1))) // 4


def window_floor(
    engine: Engine, filters: Sequence[ColumnElement[bool]], start_ns: int, end_ns: int, spans: int
) -> tuple[int, int]:
    """Return where a window that ends at `end_ns` may start to hold about so many of the spans that fit.

    And how many of them were seen: fewer than `spans` when the window starts at `start_ns`.
    """
    ((minute_s, found),) = run(engine, sql.build_window_floor(filters, start_ns, end_ns, spans))
    return max(start_ns, int(minute_s) * SECOND_NS) if found == spans else start_ns, int(found)


def read_windows(
    engine: Engine, project: str, trace_ids: Sequence[str], hashes: Sequence[int] = ()
) -> dict[str, TraceWindow]:
    """Return when the traces started and ended, by trace id; unknown ones are left out.

    `hashes` are the `cityHash64` of the ids, where the caller knows them.
    """
    windows: dict[str, TraceWindow] = {}
    if not trace_ids:
        return windows
    values = {"project": project, "rows": sql.index_rows(len(trace_ids))}
    if hashes:
        rows = _WINDOWS_BY_HASH.run(engine, values | {"hashes": list(hashes)})
        asked = set(trace_ids)
        rows = [row for row in rows if row[0] in asked]
    else:
        rows = _WINDOWS.run(engine, values | {"trace_ids": list(trace_ids)})
    for trace_id, hash_, first, last in rows:
        before = windows.get(trace_id, TraceWindow(hash_, first, last))
        windows[trace_id] = TraceWindow(hash_, min(first, before.first_ns), max(last, before.last_ns))
    return windows


def read_window(engine: Engine, project: str, trace_id: str) -> TraceWindow:
    """Return when the trace started and ended; `NotFound` when it is not stored."""
    windows = read_windows(engine, project, [trace_id])
    if trace_id not in windows:
        raise NotFound(f"no trace {trace_id} is stored")
    return windows[trace_id]


def bounds_of(windows: Iterable[TraceWindow]) -> tuple[int, int]:
    """Return the half-open range of nanoseconds that all spans of some traces start in."""
    every = list(windows)
    return min(window.first_ns for window in every), max(window.last_ns for window in every) + 1


def minutes_of(windows: Iterable[TraceWindow]) -> list[int]:
    """Return the minutes that the windows touch, in seconds since the epoch; none when they are many."""
    minutes: set[int] = set()
    for window in windows:
        first, last = (moment // MINUTE_NS for moment in (window.first_ns, window.last_ns))
        if last - first + len(minutes) > _MAX_MINUTES:
            return []
        minutes.update(range(first, last + 1))
    return [minute * 60 for minute in sorted(minutes)]
