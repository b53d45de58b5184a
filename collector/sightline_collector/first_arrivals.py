"""A span without a plausible time of its own starts when it first arrived, however often it is delivered.

The start is part of a span's identity in the store (ADR 3): with the time of each arrival, a retry in another
minute would be a second span. Two collectors that get copies at the same moment cannot know of each other.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence

from sightline_collector.event_join import StoredSpans
from sightline_collector.span_key import SpanKey, span_key
from sightline_storage.spans.span_record import SpanRecord

_REMEMBERED = 20_000


class FirstArrivals:
    """Used by the flusher's thread only. Spans with times of their own cost it nothing."""

    def __init__(self, stored: StoredSpans) -> None:
        self._stored = stored
        self._starts: OrderedDict[SpanKey, int] = OrderedDict()

    def settle(self, records: Sequence[SpanRecord]) -> None:
        """Let spans that start at their arrival, in place, start at the first one; raises `BackendError`."""
        arrived = [record for record in records if record["start_ns"] == record["ingested_ns"]]
        unknown: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for record in arrived:
            key = span_key(record)
            if key not in self._starts:
                unknown[key[0]].append(key[1:])
        for project, keys in unknown.items():
            for (trace_id, span_id), start_ns in self._stored.find_starts(project, keys).items():
                self._starts[project, trace_id, span_id] = start_ns
        for record in arrived:
            record["start_ns"] = self._starts.setdefault(span_key(record), record["start_ns"])
        while len(self._starts) > _REMEMBERED:
            self._starts.popitem(last=False)
