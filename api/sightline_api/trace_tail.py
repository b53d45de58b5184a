"""A live tail: what is sent when, without HTTP."""

from dataclasses import dataclass

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import SECOND_NS
from sightline_core.query_tree import EVERYTHING, Node
from sightline_storage.contract import TraceReader, TraceRow
from sightline_storage.search.tail_reader import Arrival, TailReader

MAX_TRACES_A_LOOK = 100
"""More traces at once than anybody reads; the older ones are skipped and counted."""

RESUME_S = 600
"""A tail that was interrupted for longer goes on from this long ago."""

# The rows of a look were written since the look before. The rest is room for a slow look and for the store's
# clock, which counts whole seconds.
_WRITTEN_WITHIN_S = 15

# How much later than it was received a span may be written and still be news.
_MEMORY_NS = RESUME_S * SECOND_NS


@dataclass(frozen=True, slots=True)
class TailLook:
    """What arrived since the look before, oldest arrival first; `skipped` traces are not among it."""

    traces: list[tuple[Arrival, TraceRow]]
    skipped: int


class TraceTail:
    """One caller's tail. Not thread-safe; `look` blocks."""

    def __init__(
        self, reader: TailReader, traces: TraceReader, project: ProjectId, node: Node, *, now_ns: int
    ) -> None:
        self._reader = reader
        self._traces = traces
        self._project = project
        self._node = node
        self._newest_ns = now_ns
        self._seen: dict[str, int] = {}

    def start(self, after_ns: int | None) -> TailLook:
        """Begin after a moment of arrival, the id of the last event that the caller has; None is now.

        A caller that wants all traces begins first and reads the list then, and drops what it has twice.
        """
        now_ns = self._newest_ns
        after_ns = now_ns if after_ns is None else min(max(after_ns, now_ns - _MEMORY_NS), now_ns)
        within_s = (now_ns - after_ns) // SECOND_NS + _WRITTEN_WITHIN_S
        arrivals = self._arrivals(within_s)
        self._seen = {arrival.trace_id: arrival.newest_ns for arrival in arrivals}
        return self._read([arrival for arrival in arrivals if arrival.newest_ns > after_ns])

    def look(self) -> TailLook:
        """Return traces that fit and got spans since the last look. A growing trace comes again."""
        news = [
            arrival
            for arrival in self._arrivals(_WRITTEN_WITHIN_S)
            if arrival.newest_ns > self._seen.get(arrival.trace_id, 0)
        ]
        self._seen.update((arrival.trace_id, arrival.newest_ns) for arrival in news)
        self._forget()
        return self._read(news)

    def _arrivals(self, within_s: int) -> list[Arrival]:
        since_ns = self._newest_ns - _MEMORY_NS
        arrivals = self._reader.arrivals(self._project, since_ns=since_ns, written_within_s=within_s)
        if arrivals:
            self._newest_ns = max(self._newest_ns, arrivals[0].newest_ns)
        return arrivals

    def _forget(self) -> None:
        oldest_ns = self._newest_ns - _MEMORY_NS
        self._seen = {trace_id: newest for trace_id, newest in self._seen.items() if newest > oldest_ns}

    def _read(self, news: list[Arrival]) -> TailLook:
        if news and self._node != EVERYTHING:
            ids = [arrival.trace_id for arrival in news]
            fitting = self._reader.fitting(self._project, self._node, ids)
            news = [arrival for arrival in news if arrival.trace_id in fitting]
        sent = {arrival.trace_id: arrival for arrival in reversed(news[:MAX_TRACES_A_LOOK])}
        rows = self._traces.read_rows(self._project, list(sent))
        return TailLook([(sent[row.trace_id], row) for row in rows], len(news) - len(sent))
