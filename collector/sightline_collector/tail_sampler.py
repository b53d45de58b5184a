"""Tail sampling: a trace is kept or let go once it has been quiet for a while and is known as a whole.

Traces that failed, were slow or costly or were blocked by a guardrail are always kept and count once. Of the
others a share is kept, chosen by the hash of the trace id, and each stands for `1 / share` (`sample_weight`)
on average, so that weighted totals stay right: for one of the two whole numbers beside it, as totals are
whole. What is undecided stays in the journal, too: after a crash it is read and decided again, and a span
that was stored already is only written a second time.

A trace that is stored in part was decided before: by an earlier process, by another collector, or too long
ago to be remembered. Its other spans weigh what the stored ones do, but for those that would be kept of any
trace: they stand for themselves.
"""

import math
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain

from sightline_collector.block_ledger import Block
from sightline_collector.config import Sampling
from sightline_storage.spans.span_record import SpanRecord

TraceKey = tuple[str, str]
"""Project and trace id."""

_MAX_SPANS = 32_768
_MAX_SIZE = 128 * 1024 * 1024
_REMEMBERED = 100_000
_LONGEST_QUIETS = 6
_DROPPED = 0.0
_ALWAYS = 1.0


@dataclass(slots=True)
class _Held:
    """A block that cannot be released before all of its spans are decided."""

    block: Block
    undecided: int = 0


@dataclass(slots=True)
class _Trace:
    """An undecided trace."""

    first_ns: int
    last_ns: int
    began_ns: int = 0
    """When its root started; 0: the root is not here."""
    important: bool = False
    cost_usd: Decimal = Decimal(0)
    size: int = 0
    spans: list[tuple[SpanRecord, _Held]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decided:
    """Spans to store, with their weights, how many were let go, and the blocks that are then done."""

    kept: list[SpanRecord]
    dropped: int
    done: list[Block]


class TailSampler:
    """Used by the flusher's thread only; memory is bounded by deciding early, the oldest traces first."""

    def __init__(
        self,
        sampling: Sampling,
        clock_ns: Callable[[], int],
        find_weights: Callable[[Sequence[TraceKey]], Mapping[TraceKey, float]],
    ) -> None:
        """`find_weights` returns those of the traces that are stored."""
        self._sampling = sampling
        self._clock_ns = clock_ns
        self._find_weights = find_weights
        self._began_ns = clock_ns()
        self._quiet_ns = int(sampling.quiet_s * 1e9)
        self._slow_ns = int(sampling.slow_s * 1e9)
        self._traces: OrderedDict[TraceKey, _Trace] = OrderedDict()
        self._weights: OrderedDict[TraceKey, float] = OrderedDict()
        self._blocks: deque[_Held] = deque()
        self._kept: list[SpanRecord] = []
        self._spans = self._size = self._dropped = 0

    def hold(self, block: Block, records: Sequence[SpanRecord]) -> None:
        """Take the spans of a block; those of a trace that is decided already follow it."""
        now_ns = self._clock_ns()
        held = _Held(replace(block, entries=[]))  # its requests are on disk and need no memory
        self._blocks.append(held)
        for record in records:
            key = (record["project"], record["trace_id"])
            weight = self._weights.get(key)
            if weight is not None:
                self._settle(record, _ALWAYS if self._is_important(record) else weight)
                continue
            trace = self._traces.setdefault(key, _Trace(now_ns, now_ns))
            self._add(trace, record, held)
            trace.last_ns = now_ns
            self._traces.move_to_end(key)

    def _add(self, trace: _Trace, record: SpanRecord, held: _Held) -> None:
        size = _size_of(record)
        trace.spans.append((record, held))
        trace.size += size
        if not record["parent_span_id"]:
            trace.began_ns = record["start_ns"]
        trace.important = trace.important or self._is_important(record)
        if record.get("counted", 1):
            trace.cost_usd += record.get("cost_usd", Decimal(0))
        held.undecided += 1
        self._spans += 1
        self._size += size

    def decide(self, *, everything: bool = False) -> Decided:
        """Decide the traces that are quiet, have lasted too long or are too much, or all of them.

        The caller stores what is kept before it releases the blocks.
        """
        now_ns = self._clock_ns()
        longest_ns = self._quiet_ns * _LONGEST_QUIETS
        due: list[TraceKey] = []
        spans, size = self._spans, self._size
        for key, trace in self._traces.items():
            # A clock that was set back must not hold traces until it is where it was.
            quiet = abs(now_ns - trace.last_ns) >= self._quiet_ns or now_ns - trace.first_ns >= longest_ns
            if everything or quiet or spans > _MAX_SPANS or size > _MAX_SIZE:
                due.append(key)
                spans -= len(trace.spans)
                size -= trace.size
        stored = self._find_weights([key for key in due if self._may_be_stored(self._traces[key])])
        for key in due:
            self._decide(key, stored.get(key))
        done = []
        while self._blocks and not self._blocks[0].undecided:
            done.append(self._blocks.popleft().block)
        decided = Decided(self._kept, self._dropped, done)
        self._kept, self._dropped = [], 0
        return decided

    def _may_be_stored(self, trace: _Trace) -> bool:
        """Return whether the trace, as far as is known here, is old enough to have been decided elsewhere."""
        return trace.began_ns < max(self._began_ns, trace.first_ns - self._quiet_ns)

    def _decide(self, key: TraceKey, stored: float | None) -> None:
        trace = self._traces.pop(key)
        if stored is not None:
            weight = stored
        elif trace.important or trace.cost_usd >= self._sampling.costly_usd:
            weight = _ALWAYS
        else:
            weight = _drawn_weight(key[1], self._sampling.rate)
        self._weights[key] = weight
        if len(self._weights) > _REMEMBERED:
            self._weights.popitem(last=False)
        self._spans -= len(trace.spans)
        self._size -= trace.size
        for record, held in trace.spans:
            held.undecided -= 1
            alone = stored is not None and self._is_important(record)
            self._settle(record, _ALWAYS if alone else weight)

    def _settle(self, record: SpanRecord, weight: float) -> None:
        if weight == _DROPPED:
            self._dropped += 1
        else:
            record["sample_weight"] = weight
            self._kept.append(record)

    def _is_important(self, record: SpanRecord) -> bool:
        return (
            record["status"] == "error"
            or bool(record.get("failure_category"))
            or record.get("guardrail_outcome") == "block"
            or record["duration_ns"] >= self._slow_ns
        )


def _drawn_weight(trace_id: str, rate: float) -> float:
    """Return what a trace stands for that need not be kept, the same in every collector."""
    draw = zlib.crc32(trace_id.encode()) / 2**32 / rate
    if draw >= 1:
        return _DROPPED
    rest, whole = math.modf(1 / rate)
    return whole + (draw < rest)


def _size_of(record: SpanRecord) -> int:
    """Return the length of all texts of a span but those of its resource, which all of its request share."""
    texts = (value for value in record.values() if value.__class__ is str)
    attributes = record["attributes"]
    return sum(map(len, chain(texts, attributes, attributes.values())))
