"""Repeated calls whose spans met in the store only: before a restart, or through different processes."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sightline_collector.repeated_calls import RepeatedCalls
from sightline_core.batches import batched
from sightline_core.nanoseconds import to_ns
from sightline_semconv.kinds import COUNTED_KINDS
from sightline_storage.contract import SpanWriter
from sightline_storage.rollups.rollup_queries import Bucket
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.traces.repeated_call_reader import NearCall, RepeatedCallReader
from sightline_storage.traces.span_lookup import SpanKey, SpanLookup, key_of

REPEATED_CALLS_JOB = "repeated calls"
FIRST_LOOK = timedelta(minutes=20)
_APART = 5  # minutes between the starts of the two spans of a call
_MINUTES_A_QUERY = 100
_TRACES_A_QUERY = 1_000


class RepeatedCallsJob:
    """Lets each call count on one span only, however late its spans came.

    Safe to repeat and to be cut off: what is settled is no longer found.
    """

    def __init__(
        self,
        writes: WriteFollower,
        calls: RepeatedCallReader,
        spans: SpanLookup,
        writer: SpanWriter,
    ) -> None:
        self._writes = writes
        self._calls = calls
        self._spans = spans
        self._writer = writer

    def run(self, now: datetime) -> bool:
        """Look at what was written since the last run; True when more is left for a run at once."""
        written = self._writes.look(now)
        if written is None:
            return False
        for minutes in _chunks(_around(written.minutes)):
            for project, trace_ids in self._calls.find_traces(minutes).items():
                for some in batched(trace_ids, _TRACES_A_QUERY):
                    self._settle(project, some, now)
            silent: defaultdict[str, dict[SpanKey, int]] = defaultdict(dict)
            for project, trace_id, calls, used in self._calls.read_silent(minutes):
                silent[project] |= {(trace_id, span_id): 0 for span_id in find_silent(calls, used)}
            for project, uncounted in silent.items():
                self._write(project, uncounted, now)
        self._writes.advance(now)
        return written.more

    def _settle(self, project: str, trace_ids: Sequence[str], now: datetime) -> None:
        lines = self._calls.read_lines(project, trace_ids)
        repeated = _unsettled(lines)
        stored = {key_of(line): line["counted"] for line in repeated}
        for line in lines:
            line["counted"] = int(key_of(line) in stored)
        RepeatedCalls().mark(lines)
        wrong = {
            key_of(line): line["counted"] for line in repeated if line["counted"] != stored[key_of(line)]
        }
        self._write(project, wrong, now)

    def _write(self, project: str, wrong: Mapping[SpanKey, int], now: datetime) -> None:
        changed: list[SpanRecord] = []
        for record in self._spans.find(project, wrong):
            version = max(to_ns(now), record["ingested_ns"] + 1)
            changed.append({**record, "counted": wrong[key_of(record)], "ingested_ns": version})
        if changed:
            self._writer.write(changed, token=f"repeated-{uuid.uuid4().hex}")


def find_silent(silent: Sequence[NearCall], used: Sequence[NearCall]) -> list[str]:
    """Return the spans of calls that say nothing of themselves and are told of by a span next to them.

    OpenInference's of an asynchronous `with_streaming_response` ends before the answer is read: Sightline's
    above or below has the tokens, and comes later. One instrumentation records a call once.
    """
    above = {call.span_id: call for call in used}
    below: defaultdict[str, list[NearCall]] = defaultdict(list)
    for call in used:
        below[call.parent_span_id].append(call)
    return [
        call.span_id
        for call in silent
        if any(
            call.kind == other.kind
            and call.scope != other.scope
            and (not call.models or call.models & other.models)
            for other in (*filter(None, [above.get(call.parent_span_id)]), *below[call.span_id])
        )
    ]


def _unsettled(lines: Sequence[SpanRecord]) -> list[SpanRecord]:
    """Return the spans of calls that do not count once.

    None counts where each of two collectors got both spans, and in another order.
    """
    by_call: dict[tuple[str, str], list[SpanRecord]] = defaultdict(list)
    for line in lines:
        if line["response_id"] and line["kind"] in COUNTED_KINDS:
            by_call[line["trace_id"], line["response_id"]].append(line)
    several = (same for same in by_call.values() if len(same) > 1)  # one alone may count in another trace
    return [line for same in several if sum(line["counted"] for line in same) != 1 for line in same]


def _around(minutes: Sequence[Bucket]) -> list[Bucket]:
    """Return these minutes and those near them: the other span of a call may have come long before."""
    near = [timedelta(minutes=distance) for distance in range(-_APART, _APART + 1)]
    return sorted({(project, minute + distance) for project, minute in minutes for distance in near})


def _chunks(minutes: Sequence[Bucket]) -> Iterator[Sequence[Bucket]]:
    """Yield some at a time, each time with the last ones again: a call may lie on both sides of a cut."""
    for first in range(0, len(minutes), _MINUTES_A_QUERY - _APART):
        yield minutes[first : first + _MINUTES_A_QUERY]
