"""Finding the newest traces that fit a query which no single span of theirs decides.

The newest traces that have a span which every fitting trace must have are judged by all of their spans. Where
few of those fit, windows of time are judged as a whole, the newest first: that takes longer, but no list of
candidates.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sightline_core.query_tree import Node
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.sql import Query, compile_query
from sightline_storage.engines.statements import run
from sightline_storage.search import trace_search_queries as sql
from sightline_storage.search.needed_span import needed_conditions
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.search.whole_traces import judged_whole, within
from sightline_storage.spans.page_cursor import SortKey, TraceKey
from sightline_storage.spans.span_filters import minute_values, of_project
from sightline_storage.traces.reach import CandidateCounts, Reach, kind_of
from sightline_storage.traces.trace_finder import (
    FIRST_LOOK_NS,
    FoundTraces,
    TraceFinder,
    TraceWindow,
    bounds_of,
    minutes_of,
    next_look,
    window_floor,
)

_SORT: Final = "start"
_FIRST_LOOK_SPANS: Final = 3_000
_WIDER: Final = 8
_FIRST_CANDIDATES: Final = 4  # for each trace that is wanted
_MOST_CANDIDATES: Final = 2_000  # that a query lists


class NewestFitting:
    """One for a reader, on any of its threads. Raises `BackendError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._window_reach = Reach()
        self._candidate_reach = Reach()
        self._counts = CandidateCounts()

    def find(
        self, node: Node, scope: SearchScope, after: SortKey | None, wanted: int
    ) -> tuple[list[SortKey], dict[str, TraceWindow]]:
        """Return the places of up to `wanted` traces that fit and come after `after`, in list order.

        And when traces started and ended, of those of which that was learned.
        """
        judging = compile_query(sql.build_judged_traces(node, scope, [0], [0]))
        kind = kind_of(scope.project, judging.sql, wanted)
        count = self._counts.of(kind) or _FIRST_CANDIDATES * wanted
        if count > _MOST_CANDIDATES:
            self._counts.note(kind, count // 2)  # what took so many may have been a rare value
            return self._by_windows(node, scope, after, wanted)
        candidates = self._candidates(node, scope, after, count)
        found = self._judged(node, scope, candidates, judging)[:wanted]
        if len(found) == wanted:
            self._counts.note(kind, _position(found[-1], candidates) + 1)
        elif len(candidates.keys) == count:
            self._counts.note(kind, count * wanted // (len(found) + 1))
            last = candidates.keys[-1]
            further = SortKey(_SORT, last.start_ns, last.trace_id)
            others, windows = self._by_windows(node, scope, further, wanted - len(found))
            return found + others, candidates.windows | windows
        return found, candidates.windows

    def _candidates(self, node: Node, scope: SearchScope, after: SortKey | None, count: int) -> FoundTraces:
        """Return the first traces that may fit, in list order; fewer than `count` are all there are."""
        before = TraceKey(scope.end_ns, "") if after is None else TraceKey(after.value, after.id)
        finder = TraceFinder(self._engine, scope.project, needed_conditions(node), self._candidate_reach)
        return finder.newest(scope.start_ns, before, count)

    def _judged(
        self, node: Node, scope: SearchScope, candidates: FoundTraces, judging: Query
    ) -> list[SortKey]:
        """Return those of the candidates that fit, in their order.

        Their places are those of candidates, which an older copy of a span may have given: the next page
        begins there, and looks for candidates in the same way.
        """
        windows = [candidates.windows[key.trace_id] for key in candidates.keys]
        if not windows:
            return []
        judged = replace(scope, judged_ns=within(bounds_of(windows), scope.judged))
        hashes = [window.hash for window in windows]
        if minutes := minutes_of(windows):
            values = {"hashes": hashes, "minutes": minute_values(minutes), "traces": len(windows)}
            rows = self._engine.query(judging.sql, judging.params | judged.bounds | values)
        else:
            rows = run(self._engine, sql.build_judged_traces(node, judged, hashes, ()))
        fitting = {row[0] for row in rows}
        return [
            SortKey(_SORT, key.start_ns, key.trace_id) for key in candidates.keys if key.trace_id in fitting
        ]

    def _by_windows(
        self, node: Node, scope: SearchScope, after: SortKey | None, wanted: int
    ) -> tuple[list[SortKey], dict[str, TraceWindow]]:
        """Look as far as the last list of this kind had to, then ever further, as the traces so far say."""
        query = compile_query(
            sql.build_sorted_traces(node, scope, _SORT, descending=True, after=after, limit=wanted)
        )
        newest_ns = end_ns = scope.end_ns if after is None else min(scope.end_ns, after.value + 1)
        kind = kind_of(scope.project, query.sql, wanted)
        look_ns, spans = self._window_reach.of(kind) or FIRST_LOOK_NS, _FIRST_LOOK_SPANS
        filters = [of_project(scope.project), *needed_conditions(node)]
        found: list[SortKey] = []
        windows: dict[str, TraceWindow] = {}
        while len(found) < wanted and end_ns > scope.start_ns:
            since_ns = max(scope.start_ns, end_ns - look_ns)
            floor_ns, _ = window_floor(self._engine, filters, since_ns, end_ns, spans)
            part = replace(scope, start_ns=floor_ns, end_ns=end_ns)
            window, is_whole = judged_whole(self._engine, node, part, scope)
            rows = self._engine.query(
                query.sql, query.params | window.bounds | {"traces": wanted - len(found)}
            )
            found += _keys(rows)
            if is_whole:
                windows.update((row[0], TraceWindow(*row[3:])) for row in rows)
            end_ns = floor_ns
            if floor_ns == since_ns:
                look_ns = max(FIRST_LOOK_NS, next_look(newest_ns - floor_ns, len(found), wanted))
            else:
                spans *= _WIDER
        if len(found) == wanted:
            self._window_reach.note(kind, newest_ns - end_ns, newest_ns - found[-1].value)
        return found, windows


def _position(key: SortKey, candidates: FoundTraces) -> int:
    """Return which of the candidates this is."""
    return next(number for number, each in enumerate(candidates.keys) if each.trace_id == key.id)


def _keys(rows: Sequence[Row]) -> list[SortKey]:
    return [SortKey(_SORT, int(row[2]), str(row[0])) for row in rows]
