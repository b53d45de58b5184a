"""Several instrumentations that recorded one model call: tokens and cost count once.

A framework's span and the client's span below it carry the same response id, or the outer one has none and
says the same usage. The deeper one counts, unless the outer one was stored before it arrived. Spans beside
each other with one response id are one call when they overlap in time (instrumentations that do not make
their span the current one), or when one took no time at all: that is a log of the call (Logfire writes one
of a streamed answer, and the span of its request says nothing but that it was sent). A cache that replays an
answer later makes another call. A span without usage never keeps one that has it from counting.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sightline_storage.span_record import SpanRecord

_REMEMBERED = 50_000
_DEEPEST = 64
_NEWEST = 16

_SpanKey = tuple[str, str, str]
_CallKey = tuple[str, str, str | tuple[int, int]]
"""Project, trace, and the response id or the tokens that went in and out."""


class _Call(NamedTuple):
    start_ns: int
    end_ns: int
    has_id: bool
    has_usage: bool

    def covers(self, other: "_Call") -> bool:
        """Whether nothing is lost when this one counts in place of the other."""
        return self.has_usage or not other.has_usage

    def is_in(self, other: "_Call", is_of_id: bool) -> bool:
        """Whether this is the call of a span above or below with its id or, if one has none, its usage."""
        return other.covers(self) and (is_of_id or not (self.has_id and other.has_id))

    def overlaps(self, other: "_Call") -> bool:
        """Whether the two were at work at one time."""
        return self.start_ns < other.end_ns and other.start_ns < self.end_ns


class _Counted:
    """Spans that count and share a key, and what is known to be above them. No step takes longer for more."""

    def __init__(self) -> None:
        self.calls: dict[str, _Call] = {}
        self.above: dict[str, str] = {}

    def add(self, span_id: str, call: _Call, line: set[str]) -> None:
        self.calls[span_id] = call
        for ancestor in line:
            self.above[ancestor] = span_id

    def in_line(self, span_id: str, line: set[str]) -> Iterator[str]:
        """Yield spans that are above or below this one."""
        yield from (ancestor for ancestor in line if ancestor in self.calls)
        if self.above.get(span_id) in self.calls:
            yield self.above[span_id]

    def newest(self) -> Iterator[str]:
        """Yield the last spans that came, the last first."""
        return islice(reversed(self.calls), _NEWEST)


class RepeatedCalls:
    """Remembers calls and parents of recent spans, so that the spans of a call need not arrive together."""

    def __init__(self) -> None:
        self._parents: OrderedDict[_SpanKey, str] = OrderedDict()
        self._counted: OrderedDict[_CallKey, _Counted] = OrderedDict()
        self._spans = 0

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
        self._forget()

    def _settle(self, call: _CallKey, same: list[SpanRecord]) -> None:
        counted = self._counted.setdefault(call, _Counted())
        before = len(counted.calls)
        lines = [(record, self._line(call, record["span_id"])) for record in same]
        for record, line in sorted(lines, key=lambda pair: -len(pair[1])):
            span_id = record["span_id"]
            counted.calls.pop(span_id, None)
            if not record["counted"] or self._repeats(call, record, line, counted):
                record["counted"] = 0
            else:
                counted.add(span_id, _call_of(record), line)
        self._spans += len(counted.calls) - before
        if not counted.calls:
            del self._counted[call]

    def _repeats(self, call: _CallKey, record: SpanRecord, line: set[str], counted: _Counted) -> bool:
        """Whether one of these spans is of the same call and can count in place of the record."""
        if not counted.calls:
            return False
        own, span_id, is_of_id = _call_of(record), record["span_id"], isinstance(call[2], str)
        for other in counted.in_line(span_id, line):
            if own.is_in(counted.calls[other], is_of_id):
                return True
        for other in counted.newest():
            known = counted.calls[other]
            # What is between the two may have come after the other.
            if span_id in self._line(call, other):
                if own.is_in(known, is_of_id):
                    return True
            elif is_of_id and known.covers(own) and (own.start_ns == own.end_ns or own.overlaps(known)):
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

    def _forget(self) -> None:
        while len(self._parents) > _REMEMBERED:
            self._parents.popitem(last=False)
        while self._spans > _REMEMBERED:
            _, counted = self._counted.popitem(last=False)
            self._spans -= len(counted.calls)


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
