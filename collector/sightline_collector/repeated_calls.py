"""Several instrumentations that recorded one model call: tokens and cost count once.

A framework's span and the client's span below it carry the same response id, or the outer one has none and
says the same usage. The deeper one counts, unless the outer one was stored before it arrived. Spans beside
each other with one response id are one call when they overlap in time (instrumentations that do not make
their span the current one), or when one took no time at all: that is a log of the call (Logfire writes one
of a streamed answer, and the span of its request says nothing but that it was sent), or when the earlier one
says no usage: it began a response of the background, which the later one fetched. A cache that replays an
answer later makes another call. A span without usage never keeps one that has it from counting; when it has
no id either and is above such a call, it only wraps it; so does one whose call a client of another scope made
right below it, whatever it says: frameworks count in their own way (Google's ADK adds thoughts to an output
of LiteLLM's that has them). Those beside each other without ids: `calls_beside`;
in a trace each: `calls_apart`.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from sightline_collector.calls_apart import CallsApart
from sightline_collector.calls_beside import LLAMA_INDEX, CallsBeside
from sightline_collector.counted_calls import has_usage, parts_said
from sightline_collector.span_key import SpanKey, span_key
from sightline_semconv.kinds import COUNTED_KINDS, SpanKind
from sightline_storage.spans.span_record import SpanRecord

_REMEMBERED = 50_000
_DEEPEST = 64
_NEWEST = 16

_NO_KIND: frozenset[str] = frozenset()
_KINDS = {str(kind): frozenset({str(kind)}) for kind in COUNTED_KINDS}
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

    def begins(self, other: "_Call") -> bool:
        """Whether this one only asked for what the other one fetched, with the tokens that it took."""
        return other.has_usage and not self.has_usage and self.end_ns <= other.start_ns


_Same = list[tuple[SpanRecord, _Call]]


class RepeatedCalls:
    """Remembers calls and parents of recent spans, so that the spans of a call need not arrive together."""

    def __init__(self) -> None:
        self._parents: OrderedDict[SpanKey, str] = OrderedDict()
        self._counted: OrderedDict[_CallKey, dict[str, _Call]] = OrderedDict()
        self._above: dict[_CallKey, dict[str, str]] = {}
        """Of keys that many spans share: what is known to be above one that counts."""
        self._spans = 0
        self._beside = CallsBeside()
        self._apart = CallsApart()
        self._around: OrderedDict[SpanKey, frozenset[str]] = OrderedDict()
        """Of spans: the kinds of the calls below them that say their usage."""
        self._asked: OrderedDict[SpanKey, set[tuple[str, str]]] = OrderedDict()
        """Of spans: model and scope of the calls of clients right below them."""

    def mark(self, records: Sequence[SpanRecord]) -> None:
        """Set `counted` to 0, in place, on records whose call is counted on another span."""
        by_id: defaultdict[_CallKey, _Same] = defaultdict(list)
        by_usage: defaultdict[_CallKey, _Same] = defaultdict(list)
        below: list[tuple[SpanKey, frozenset[str]]] = []
        for record in records:
            if record["parent_span_id"]:
                key = span_key(record)
                self._parents[key] = record["parent_span_id"]
                if record["counted"] and has_usage(record):
                    below.append((key, _KINDS.get(record["kind"], _NO_KIND)))
                    self._note_asked(record)
                elif key in self._around:
                    below.append((key, _NO_KIND))
        self._note_around(below)
        for record in records:
            if record["counted"] and (
                _is_request_of_stream(record) or _is_preparation(record) or self._wraps(record)
            ):
                record["counted"] = 0
        self._beside.mark(records)
        self._apart.mark(records)
        for record in records:
            if not record["counted"]:
                continue
            project, trace = record["project"], record["trace_id"]
            start_ns, response_id = record["start_ns"], record.get("response_id", "")
            put, got = record.get("input_tokens", 0), record.get("output_tokens", 0)
            own = _Call(start_ns, start_ns + record["duration_ns"], response_id != "", bool(put or got))
            if response_id:
                by_id[project, trace, response_id].append((record, own))
            by_usage[project, trace, (put, got)].append((record, own))
        for groups in (by_id, by_usage):
            for call, same in groups.items():
                ((record, own), *others) = same
                if others or call in self._counted:
                    self._settle(call, same)
                elif record["counted"]:
                    self._counted[call] = {record["span_id"]: own}
                    self._spans += 1
        self._forget()

    def _note_asked(self, record: SpanRecord) -> None:
        if record.get("response_id") and record["kind"] == SpanKind.LLM:
            parent = record["project"], record["trace_id"], record["parent_span_id"]
            asked = self._asked.setdefault(parent, set())
            if len(asked) < _NEWEST:
                asked.add((_asked(record), record.get("scope_name", "")))

    def _note_around(self, below: Sequence[tuple[SpanKey, frozenset[str]]]) -> None:
        """Note what is above calls, and above what is known to be so: the spans between may come later."""
        around = self._around
        for key, called in below:
            project, trace, span_id = key
            kinds = called | around.get(key, _NO_KIND)
            if not kinds <= around.get((project, trace, self._parents[key]), _NO_KIND):
                for other in self._line(key, span_id):
                    place = project, trace, other
                    around[place] = around.get(place, _NO_KIND) | kinds

    def _wraps(self, record: SpanRecord) -> bool:
        """Whether it is around calls; one of embeddings then says what they used together."""
        if record.get("response_id"):
            return False
        key = span_key(record)
        if record["kind"] not in self._around.get(key, _NO_KIND):
            return False
        if record["kind"] == SpanKind.EMBEDDING or not has_usage(record):
            return True
        model, scope = _asked(record), record.get("scope_name", "")
        return any(model == asked != "" and scope != of for asked, of in self._asked.get(key, ()))

    def _settle(self, call: _CallKey, same: _Same) -> None:
        counted = self._counted.setdefault(call, {})
        before = len(counted)
        lines = [(record, own, self._line(call, record["span_id"])) for record, own in same]
        # The deepest first that says its usage; of those beside each other the one that says most of what has
        # a price of its own.
        for record, own, line in sorted(
            lines, key=lambda each: (not each[1].has_usage, -len(each[2]), -parts_said(each[0]))
        ):
            span_id = record["span_id"]
            counted.pop(span_id, None)
            if not record["counted"] or self._repeats(call, record, own, line):
                record["counted"] = 0
            else:
                counted[span_id] = own
                self._note_above(call, span_id, line)
        self._spans += len(counted) - before
        if not counted:
            del self._counted[call]
            self._above.pop(call, None)

    def _repeats(self, call: _CallKey, record: SpanRecord, own: _Call, line: set[str]) -> bool:
        """Whether a span that counts is of the same call and can count in place of the record.

        Takes no longer for more of them: the newest are looked at, of others only what is above and below.
        """
        counted, span_id, is_of_id = self._counted[call], record["span_id"], isinstance(call[2], str)
        below = self._above.get(call, {}).get(span_id, "")
        for other in (*line, below):
            if other in counted and own.is_in(counted[other], is_of_id):
                return True
        for other in islice(reversed(counted), _NEWEST):
            known = counted[other]
            # What is between the two may have come after the other.
            if span_id in self._line(call, other):
                if own.is_in(known, is_of_id):
                    return True
            elif (
                is_of_id
                and known.covers(own)
                and (own.start_ns == own.end_ns or own.overlaps(known) or own.begins(known))
            ):
                return True
        return False

    def _note_above(self, call: _CallKey, span_id: str, line: set[str]) -> None:
        counted = self._counted[call]
        if len(counted) <= _NEWEST:
            return
        if (above := self._above.get(call)) is None:
            above = self._above[call] = {}
            for other in counted:
                above |= dict.fromkeys(self._line(call, other), other)
        above |= dict.fromkeys(line, span_id)

    def _line(self, call: _CallKey, span_id: str) -> set[str]:
        """All known ancestors of a span; hostile loops end."""
        line: set[str] = set()
        parent = self._parents.get((call[0], call[1], span_id), "")
        while parent and parent not in line and len(line) < _DEEPEST:
            line.add(parent)
            parent = self._parents.get((call[0], call[1], parent), "")
        return line

    def _forget(self) -> None:
        for known in (self._parents, self._around, self._asked):
            while len(known) > _REMEMBERED:
                known.popitem(last=False)
        while self._spans > _REMEMBERED:
            call, counted = self._counted.popitem(last=False)
            self._above.pop(call, None)
            self._spans -= len(counted)


def _asked(record: SpanRecord) -> str:
    """The model asked for, without the provider that LiteLLM puts before it."""
    return record.get("request_model", "").rpartition("/")[2]


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


def _is_preparation(record: SpanRecord) -> bool:
    """Whether this is LlamaIndex's step before a call, which OpenInference takes for one."""
    return record.get("scope_name") == LLAMA_INDEX and record["name"].endswith("._prepare_chat_with_tools")
