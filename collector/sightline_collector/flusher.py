"""The other end of the journal: blocks → records → the store."""

import gc
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_collector.config import CollectorConfig
from sightline_collector.counters import Counters
from sightline_collector.dead_letters import DeadLetters
from sightline_collector.event_join import EventJoin, StoredSpans
from sightline_collector.first_arrivals import FirstArrivals
from sightline_collector.garbage import no_garbage_collection
from sightline_collector.journal import Block, Journal
from sightline_collector.repeated_calls import RepeatedCalls
from sightline_collector.segment import Entry, Signal
from sightline_collector.span_decoder import SpanDecoder, Undecodable
from sightline_collector.stored_block import StoredBlock
from sightline_collector.tail_sampler import Decided, TailSampler, TraceKey
from sightline_core.errors import BackendError
from sightline_storage.contract import SpanBlock, SpanWriter
from sightline_storage.span_record import SpanRecord

logger = logging.getLogger(__name__)

_BATCH_SPANS = 512
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0
_FAILURES_THAT_LAST = 3

_T = TypeVar("_T")


class _GivenUp(Exception):
    """The store did not take what it was asked to before the process has to end."""


class Flusher:
    """One thread that takes blocks from the journal, and keeps trying while the store is down."""

    def __init__(
        self,
        config: CollectorConfig,
        journal: Journal,
        decoder: SpanDecoder,
        writer: SpanWriter,
        events: EventJoin,
        stored: StoredSpans,
        dead_letters: DeadLetters,
        clock_ns: Callable[[], int],
        counters: Counters,
        observe: Callable[[StoredBlock], None],
    ) -> None:
        self._config = config
        self._journal = journal
        self._decoder = decoder
        self._writer = writer
        self._events = events
        self._stored = stored
        self._arrivals = FirstArrivals(stored)
        self._dead_letters = dead_letters
        self._clock_ns = clock_ns
        self._counters = counters
        self._observe = observe
        self._repeated_calls = RepeatedCalls()
        self._sampler = self._new_sampler()
        self._refusals = 0
        self._failures = 0
        self._failure = ""
        self._draining = threading.Event()
        self._giving_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="span-flush", daemon=True)

    def start(self) -> None:
        """Start storing."""
        self._thread.start()

    def drain(self, timeout_s: float) -> bool:
        """Store what waits, then stop; False when the store did not take it in time."""
        self._draining.set()
        self._thread.join(timeout_s)
        self._giving_up.set()
        self._thread.join()
        return self._journal.backlog().spans == 0

    def check(self) -> None:
        """Raise `BackendError` when spans wait and a defect has ended turn after turn without storing any."""
        if self._failures >= _FAILURES_THAT_LAST:
            raise BackendError(f"spans are not stored: {self._failure}")

    def _run(self) -> None:
        more = True
        while more and not self._giving_up.is_set():
            try:
                more = self._turn()
            except _GivenUp:
                return
            except Exception as error:
                self._begin_again(error)
            else:
                if not self._journal.backlog().spans:
                    self._failures = 0

    def _begin_again(self, error: Exception) -> None:
        """A defect ended a turn: go on as after a crash, from what the journal holds."""
        logger.error("storing met a defect; it begins again", exc_info=error)
        self._counters.storing_failed()
        self._failure = f"{type(error).__name__}: {error}"[:500]
        self._failures += 1
        self._journal.put_back()
        self._events.forget_block()
        self._sampler = self._new_sampler()
        self._giving_up.wait(min(_FIRST_PAUSE_S * self._failures, _LONGEST_PAUSE_S))

    def _new_sampler(self) -> TailSampler | None:
        if self._config.sampling is None:
            return None
        return TailSampler(self._config.sampling, self._clock_ns, self._find_weights)

    def _find_weights(self, traces: Sequence[TraceKey]) -> dict[TraceKey, float]:
        """Return what spans of those of the traces that are stored weigh."""
        by_project: dict[str, list[str]] = defaultdict(list)
        for project, trace_id in traces:
            by_project[project].append(trace_id)
        weights: dict[TraceKey, float] = {}
        for project, trace_ids in by_project.items():
            found = self._until_taken(partial(self._stored.find_weights, project, trace_ids))
            weights.update(((project, trace_id), weight) for trace_id, weight in found.items())
        return weights

    def _turn(self) -> bool:
        """Store what is due; False when there is nothing more to do."""
        self._events.look_up()
        if self._sampler is not None:
            self._store_decided(self._sampler.decide())
        # Looked at once: told to drain while the disk takes no checkpoint, the next turn has to try again.
        draining = self._draining.is_set()
        if not draining and not self._journal.wait_for_spans(1, 1.0):
            return True
        if not draining:
            self._journal.wait_for_spans(self._config.flush_spans, self._config.flush_interval_s)
        block = self._journal.take_block(self._config.flush_spans, self._config.flush_size)
        if block is not None:
            with no_garbage_collection():
                self._store(block)
        elif draining:
            if self._sampler is not None:
                self._store_decided(self._sampler.decide(everything=True))
            return False
        return True

    def _store(self, block: Block) -> None:
        begun_ns = self._clock_ns()
        self._counters.storing(min((entry.received_ns for entry in block.entries), default=begun_ns))
        batches = self._batches_of(block)
        if self._sampler is not None:
            self._sampler.hold(block, [record for batch in batches for record in batch])
        else:
            stored = self._put(batches, block.token, begun_ns)
            self._journal.release(block)
            self._observe(stored)

    def _store_decided(self, decided: Decided) -> None:
        self._counters.sampled_out(decided.dropped)
        size = self._config.flush_spans
        # At least once, also without spans: a block that is done may have brought scores.
        stored = [
            self._put([decided.kept[first : first + size]], f"sampled-{uuid.uuid4().hex}", self._clock_ns())
            for first in range(0, max(len(decided.kept), len(decided.done) and 1), size)
        ]
        for block in decided.done:
            self._journal.release(block)
        for block_stored in stored:
            self._observe(block_stored)

    def _batches_of(self, block: Block) -> Iterator[list[SpanRecord]]:
        """Yield the records of a few requests at a time: a whole block does not fit the caches."""
        for entry in block.entries:
            if entry.signal is not Signal.TRACES:
                self._take_events(entry)
        records: list[SpanRecord] = []
        for entry in block.entries:
            if entry.signal is Signal.TRACES:
                records += self._decode(entry)
            if len(records) >= _BATCH_SPANS:
                self._repeated_calls.mark(records)
                yield records
                records = []
        self._repeated_calls.mark(records)
        yield records

    def _put(self, batches: Iterable[list[SpanRecord]], token: str, begun_ns: int) -> StoredBlock:
        """Store the records, however long it takes."""
        started_s, refused = time.perf_counter(), self._refusals
        rows = self._until_taken(self._writer.block)
        spans, stored, oldest_ns = 0, 0, begun_ns
        for records in batches:
            self._until_taken(partial(self._arrivals.settle, records))
            self._events.complete(records)
            spans += len(records)
            stored += self._add(rows, records)
            oldest_ns = min([oldest_ns, *(record["ingested_ns"] for record in records)])
        decoded_ns = self._clock_ns()
        self._until_taken(lambda: rows.store(token=token))
        self._until_taken(self._events.store_scores)
        self._events.settle()
        self._counters.written(stored, time.perf_counter() - started_s)
        self._failures = 0
        times = (oldest_ns, begun_ns, decoded_ns, self._clock_ns())
        return StoredBlock(*times, spans, stored, self._refusals - refused)

    def _until_taken(self, ask: Callable[[], _T]) -> _T:
        """Ask the store until it does what is asked; raises `_GivenUp` when the process must end."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return ask()
            except BackendError as error:
                self._counters.store_refused()
                self._refusals += 1
                logger.warning("the store refused a block", extra={"reason": str(error)})
                gc.enable()  # the wait may be long, and the garbage is everybody's
                if self._giving_up.wait(pause_s):
                    raise _GivenUp from error
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _decode(self, entry: Entry) -> list[SpanRecord]:
        records: list[SpanRecord] = []
        try:
            request = ExportTraceServiceRequest.FromString(entry.payload)
        except DecodeError as error:
            self._set_aside(
                entry.payload, f"the request cannot be parsed: {error}", entry.project, entry.received_ns
            )
            return records
        for outcome in self._decoder.decode(request, entry.project, entry.received_ns):
            if isinstance(outcome, Undecodable):
                content = outcome.span.SerializeToString()
                self._set_aside(content, outcome.reason, entry.project, entry.received_ns)
            else:
                records.append(outcome)
        return records

    def _take_events(self, entry: Entry) -> None:
        try:
            self._events.take(entry)
        except Exception as error:
            reason = f"the events cannot be read: {type(error).__name__}: {error}"[:500]
            self._set_aside(entry.payload, reason, entry.project, entry.received_ns)

    def _add(self, block: SpanBlock, records: Sequence[SpanRecord]) -> int:
        """Add the records to what is stored next and return how many it took.

        When the writer chokes on them (our defect), halve until the one is found.
        """
        try:
            block.add(records)
        except Exception as error:
            if len(records) == 1:
                reason = f"the writer refused it: {type(error).__name__}: {error}"[:500]
                (record,) = records
                self._set_aside(repr(record).encode(), reason, record["project"], record["ingested_ns"])
                return 0
            half = len(records) // 2
            return self._add(block, records[:half]) + self._add(block, records[half:])
        return len(records)

    def _set_aside(self, content: bytes, reason: str, project: str, received_ns: int) -> None:
        if self._dead_letters.add(content, reason=reason, project=project, when_ns=received_ns):
            self._counters.set_aside()
            logger.warning("a span was set aside", extra={"reason": reason})
