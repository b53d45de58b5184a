"""Two instrumentations that recorded one model call: tokens and cost count once.

A framework's span and the client's span below it carry the same response id. The deeper one counts, unless
the outer one was stored before it arrived. Siblings with one response id (a cache that replays an answer) are
different calls and all count, unless one took no time at all: that is a log of the call (Logfire writes one
of a streamed answer).
"""

from collections import OrderedDict
from collections.abc import Sequence

from sightline_storage.span_record import SpanRecord

_REMEMBERED = 50_000
_DEEPEST = 64

_SpanKey = tuple[str, str, str]


class RepeatedCalls:
    """Remembers the calls and parents of recent spans, so that the two spans need not arrive together."""

    def __init__(self) -> None:
        self._parents: OrderedDict[_SpanKey, str] = OrderedDict()
        self._counted: OrderedDict[_SpanKey, set[str]] = OrderedDict()

    def mark(self, records: Sequence[SpanRecord]) -> None:
        """Set `counted` to 0, in place, on records whose call is counted on another span of their line."""
        for record in records:
            if record["parent_span_id"]:
                key = (record["project"], record["trace_id"], record["span_id"])
                self._parents[key] = record["parent_span_id"]
        by_call: dict[_SpanKey, list[SpanRecord]] = {}
        for record in records:
            if record["counted"] and record.get("response_id"):
                call = (record["project"], record["trace_id"], record["response_id"])
                by_call.setdefault(call, []).append(record)
        for call, same in by_call.items():
            self._settle(call, same)
        _forget(self._parents)
        _forget(self._counted)

    def _settle(self, call: _SpanKey, same: list[SpanRecord]) -> None:
        counted = self._counted.setdefault(call, set())
        if len(same) == 1 and not counted - {same[0]["span_id"]}:
            counted.add(same[0]["span_id"])
            return
        lines = {record["span_id"]: self._ancestors(record) for record in same}
        for record in sorted(same, key=lambda record: -len(lines[record["span_id"]])):
            span_id = record["span_id"]
            is_log = record["duration_ns"] == 0
            repeats = any(
                is_log or span_id in self._line(call, other) or other in lines[span_id]
                for other in counted
                if other != span_id
            )
            if repeats:
                record["counted"] = 0
                counted.discard(span_id)
            else:
                counted.add(span_id)

    def _ancestors(self, record: SpanRecord) -> set[str]:
        return self._line((record["project"], record["trace_id"], ""), record["span_id"])

    def _line(self, call: _SpanKey, span_id: str) -> set[str]:
        """All known ancestors of a span; hostile loops end."""
        line: set[str] = set()
        parent = self._parents.get((call[0], call[1], span_id), "")
        while parent and parent not in line and len(line) < _DEEPEST:
            line.add(parent)
            parent = self._parents.get((call[0], call[1], parent), "")
        return line


def _forget(memory: "OrderedDict[_SpanKey, str] | OrderedDict[_SpanKey, set[str]]") -> None:
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
