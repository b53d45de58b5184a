"""Traces that are arriving."""

from collections.abc import Sequence
from dataclasses import dataclass

from sightline_core.ids import ProjectId, TraceId
from sightline_core.nanoseconds import HOUR_NS
from sightline_core.query_tree import Node
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import as_utc
from sightline_storage.engines.statements import run
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.search.tail_queries import build_arrivals, build_fitting, build_minutes_written
from sightline_storage.traces.trace_finder import read_windows

MAX_ARRIVALS = 2_000
"""More traces than this are not told apart in one look; the newest are."""

_MAX_MINUTES = 1_500
_JUDGED_NS = 6 * HOUR_NS


@dataclass(frozen=True, slots=True)
class Arrival:
    """A trace that got spans, and when the newest of them was received."""

    trace_id: TraceId
    newest_ns: int


class TailReader:
    """The read side of live tails. Blocking and thread-safe, as `contract.TraceReader`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrivals(self, project: ProjectId, *, since_ns: int, written_within_s: int) -> list[Arrival]:
        """Return traces with spans that were received after `since_ns`, the newest first.

        Only what the store wrote in the last `written_within_s` seconds is looked at. A span is received
        when its request is acknowledged, and written seconds later, or minutes when the store was away.
        """
        written = run(self._engine, build_minutes_written(project, written_within_s, _MAX_MINUTES))
        if not written:
            return []
        minutes = [as_utc(row[0]) for row in written]
        rows = run(self._engine, build_arrivals(project, minutes, since_ns, MAX_ARRIVALS))
        return [Arrival(TraceId(str(trace_id)), int(newest)) for trace_id, newest in rows]

    def fitting(self, project: ProjectId, node: Node, trace_ids: Sequence[TraceId]) -> set[TraceId]:
        """Return those of the traces that fit the query, judged by the newest six hours of them all."""
        windows = read_windows(self._engine, project, list(trace_ids)).values()
        if not windows:
            return set()
        last_ns = max(window.last_ns for window in windows)
        first_ns = max(min(window.first_ns for window in windows), last_ns - _JUDGED_NS)
        scope = SearchScope(project, first_ns, last_ns + 1)
        return {TraceId(str(row[0])) for row in run(self._engine, build_fitting(node, scope, trace_ids))}
