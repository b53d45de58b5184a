"""Several instrumentations that recorded one model call: tokens and cost count once.

A framework's span and the client's span below it carry the same response id, or the outer one has none and
says the same usage. The deeper one counts, unless the outer one was stored before it arrived. Spans beside
each other with one response id are one call when they overlap in time (instrumentations that do not make
their span the current one), or when one took no time at all: that is a log of the call (Logfire writes one
of a streamed answer, and the span of its request says nothing but that it was sent). A cache that replays an
answer later makes another call. A span without usage never keeps one that has it from counting.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sightline_storage.span_record import SpanRecord

_REMEMBERED = 50_000
_DEEPEST = 64

_SpanKey = tuple[str, str, str]
_CallKey = tuple[str, str, str | tuple[int, int]]
"""Project, trace, and the response id or the tokens that went in and out."""


class _Call(NamedTuple):
    start_ns: int
    end_ns: int
    has_id: bool
    has_usage: bool


class RepeatedCalls:
    """Remembers calls and parents of recent spans, so that the spans of a call need not arrive together."""

    def __init__(self) -> None:
        self._parents: OrderedDict[_SpanKey, str] = OrderedDict()
        self._counted: OrderedDict[_CallKey, dict[str, _Call]] = OrderedDict()

    def mark(self, records: Sequence[SpanRecord]) -> None:
        """Set `counted` to 0, in place, on records whose call is counted on another span."""
        by_id: dict[_CallKey, list[SpanRecord]] = {}
        by_usage: dict[_CallKey, list[SpanRecord]] = {}
        for record in records:
            project, trace = record["project"], record["trace_id"]
            if record["parent_span_id"]:
                self._parents[project, trace, record["span_id"]] = record["parent_span_id"]
            if not record["counted"]:
                continue
            if _is_request_of_stream(record):
                record["counted"] = 0
                continue
            if response_id := record.get("response_id"):
                by_id.setdefault((project, trace, response_id), []).append(record)
            usage = record.get("input_tokens", 0), record.get("output_tokens", 0)
            by_usage.setdefault((project, trace, usage), []).append(record)
        for call, same in by_id.items():
            self._settle(call, same)
        for call, same in by_usage.items():
            self._settle(call, same)
        _forget(self._parents)
        _forget(self._counted)

    def _settle(self, call: _CallKey, same: list[SpanRecord]) -> None:
        counted = self._counted.setdefault(call, {})
        if len(same) == 1 and not counted.keys() - {same[0]["span_id"]}:
            if same[0]["counted"]:
                counted[same[0]["span_id"]] = _call_of(same[0])
            return
        lines = {record["span_id"]: self._line(call, record["span_id"]) for record in same}
        for record in sorted(same, key=lambda record: -len(lines[record["span_id"]])):
            span_id = record["span_id"]
            others = ((other, known) for other, known in counted.items() if other != span_id)
            if not record["counted"] or self._repeats(call, record, lines[span_id], others):
                record["counted"] = 0
                counted.pop(span_id, None)
            else:
                counted[span_id] = _call_of(record)

    def _repeats(
        self, call: _CallKey, record: SpanRecord, line: set[str], others: Iterable[tuple[str, _Call]]
    ) -> bool:
        """Whether one of these spans is of the same call and can count in place of the record."""
        own, is_of_id = _call_of(record), isinstance(call[2], str)
        for other, known in others:
            if own.has_usage and not known.has_usage:
                continue
            if other in line or record["span_id"] in self._line(call, other):
                # With the same usage, but ids of their own, they are two calls.
                if is_of_id or not (own.has_id and known.has_id):
                    return True
            elif is_of_id and (record["duration_ns"] == 0 or _overlap(own, known)):
                return True
        return False

    def _line(self, call: _CallKey, span_id: str) -> set[str]:
        """All known ancestors of a span; hostile loops end."""
        line: set[str] = set()
        parent = self._parents.get((call[0], call[1], span_id), "")
        while parent and parent not in line and len(line) < _DEEPEST:
            line.add(parent)
            parent = self._parents.get((call[0], call[1], parent), "")
        return line


def _is_request_of_stream(record: SpanRecord) -> bool:
    """Whether this is the span that Logfire ends when an answer begins to stream: the log of it counts."""
    return record.get("dialect") == "logfire" and not (
        record.get("response_id")
        or record.get("output")
        or record.get("input_tokens")
        or record.get("output_tokens")
        or record["status"] == "error"
        or record["kind"] != "llm"
    )


def _call_of(record: SpanRecord) -> _Call:
    start_ns = record["start_ns"]
    return _Call(
        start_ns,
        start_ns + record["duration_ns"],
        bool(record.get("response_id")),
        bool(record.get("input_tokens") or record.get("output_tokens")),
    )


def _overlap(one: _Call, other: _Call) -> bool:
    return one.start_ns < other.end_ns and other.start_ns < one.end_ns


def _forget(memory: "OrderedDict[_SpanKey, str] | OrderedDict[_CallKey, dict[str, _Call]]") -> None:
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
