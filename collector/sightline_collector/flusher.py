"""The other end of the journal: blocks → records → the store."""

import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from sightline_collector.block_decoder import BlockDecoder
from sightline_collector.block_ledger import Block
from sightline_collector.config import CollectorConfig
from sightline_collector.counters import Counters
from sightline_collector.dead_letters import DeadLetters
from sightline_collector.event_join import EventJoin, StoredSpans
from sightline_collector.first_arrivals import FirstArrivals
from sightline_collector.garbage import no_garbage_collection
from sightline_collector.journal import Journal
from sightline_collector.refused_requests import store_without_refused
from sightline_collector.retrying import FIRST_PAUSE_S, LONGEST_PAUSE_S, GivenUp, Retrying
from sightline_collector.segment import Entry
from sightline_collector.set_aside import SetAside
from sightline_collector.span_decoder import SpanDecoder
from sightline_collector.stored_block import StoredBlock
from sightline_collector.tail_sampler import Decided, TailSampler, TraceKey
from sightline_core.errors import BackendError
from sightline_storage.contract import SpanBlock, SpanWriter
from sightline_storage.spans.span_record import SpanRecord

logger = logging.getLogger(__name__)

_UNREADY_PAUSE_S = 0.5
_FAILURES_THAT_LAST = 3
_FAILURES_THAT_CAST_DOUBT = 2


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
        check_ready: Callable[[], None],
        observe: Callable[[StoredBlock], None],
    ) -> None:
        self._config = config
        self._journal = journal
        self._set_aside = SetAside(dead_letters, counters)
        self._decoder = BlockDecoder(decoder, events, self._set_aside)
        self._writer = writer
        self._events = events
        self._stored = stored
        self._arrivals = FirstArrivals(stored)
        self._clock_ns = clock_ns
        self._counters = counters
        self._check_ready = check_ready
        self._observe = observe
        self._sampler = self._new_sampler()
        self._failures = 0
        self._failure = ""
        self._doubtful_blocks = 0
        self._retrying = Retrying(counters)
        self._draining = threading.Event()
        self._thread = threading.Thread(target=self._run, name="span-flush", daemon=True)

    def start(self) -> None:
        """Start storing."""
        self._thread.start()

    def drain(self, timeout_s: float) -> bool:
        """Store what waits, then stop; False when the store did not take it in time."""
        self._draining.set()
        self._thread.join(timeout_s)
        self._retrying.giving_up.set()
        self._thread.join()
        return self._journal.backlog().spans == 0

    def check(self) -> None:
        """Raise `BackendError` when spans wait and a defect has ended step after step without storing any.

        Also while the disk does not take the events that wait for their span.
        """
        if self._failures >= _FAILURES_THAT_LAST:
            raise BackendError(f"spans are not stored: {self._failure}")
        self._retrying.check()

    def step(self, *, draining: bool = False) -> bool:
        """Look events up, and store what is decided and the next block; return whether there was one.

        The thread that `start` begins does this again and again. A defect ends it as a crash would: what was
        taken is taken again. With `draining`, everything is decided once no block is left.
        """
        try:
            stored = self._store_next(draining)
        except Exception as error:
            self._begin_again(error)
            return True
        if not self._journal.backlog().spans:
            self._failures = 0
        return stored

    def _run(self) -> None:
        try:
            while not self._retrying.giving_up.is_set():
                # Looked at once: told to drain while the disk takes no checkpoint, it has to try again.
                draining = self._draining.is_set()
                if not self._is_ready():
                    if draining:
                        return
                    self._draining.wait(_UNREADY_PAUSE_S)
                    continue
                if not draining and self._journal.wait_for_spans(1, 1.0):
                    self._journal.wait_for_spans(self._config.flush_spans, self._config.flush_interval_s)
                if not self.step(draining=draining) and draining:
                    return
        except GivenUp:
            return

    def _is_ready(self) -> bool:
        try:
            self._check_ready()
        except BackendError:
            return False
        return True

    def _begin_again(self, error: Exception) -> None:
        """A defect ended a step: go on as after a crash, from what the journal holds.

        When that did not help, the blocks that were taken are looked through for a request that is the cause.
        """
        logger.error("storing met a defect; it begins again", exc_info=error)
        self._counters.storing_failed()
        self._failure = f"{type(error).__name__}: {error}"[:500]
        self._failures += 1
        blocks = self._journal.put_back()
        self._doubtful_blocks = blocks if self._failures >= _FAILURES_THAT_CAST_DOUBT else 0
        self._events.forget_block()
        self._sampler = self._new_sampler()
        self._retrying.giving_up.wait(min(FIRST_PAUSE_S * self._failures, LONGEST_PAUSE_S))

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
            found = self._retrying.until_stored(partial(self._stored.find_weights, project, trace_ids))
            weights.update(((project, trace_id), weight) for trace_id, weight in found.items())
        return weights

    def _store_next(self, draining: bool) -> bool:
        self._events.look_up()
        if self._sampler is not None:
            self._store_decided(self._sampler.decide())
        block = self._journal.take_block(self._config.flush_spans, self._config.flush_size)
        if block is None:
            if draining and self._sampler is not None:
                self._store_decided(self._sampler.decide(everything=True))
            return False
        with no_garbage_collection():
            if self._doubtful_blocks:
                self._store_without_refused(block)
            else:
                self._store(block)
        return True

    def _store(self, block: Block) -> None:
        begun_ns = self._clock_ns()
        self._counters.storing(min((entry.received_ns for entry in block.entries), default=begun_ns))
        batches = self._decoder.batches_of(block.entries)
        if self._sampler is not None:
            self._sampler.hold(block, [record for batch in batches for record in batch])
        else:
            stored = self._put(batches, block.token, begun_ns)
            self._release([block])
            self._observe(stored)

    def _store_without_refused(self, block: Block) -> None:
        """Store a block but for the requests that keep it from being stored: those are set aside.

        The next block is stored with it, as a request that is alone in its block could not be told from a
        store that takes nothing.
        """
        following = self._journal.take_block(self._config.flush_spans, self._config.flush_size)
        blocks = [block] if following is None else [block, following]
        observed: list[StoredBlock] = []

        def store(entries: Sequence[Entry]) -> int:
            if self._retrying.giving_up.is_set():
                raise GivenUp
            try:
                observed.append(self._put_at_once(replace(block, entries=list(entries))))
            except Exception:
                self._events.forget_block()
                raise
            return observed[-1].stored

        entries = [entry for taken in blocks for entry in taken.entries]
        for refused in store_without_refused(entries, store):
            error = refused.error
            reason = f"it cannot be stored: {type(error).__name__}: {error}"[:500]
            self._set_aside.keep(refused.entry, reason)
        self._doubtful_blocks = max(0, self._doubtful_blocks - len(blocks))
        self._release(blocks)
        for stored in observed:
            self._observe(stored)

    def _put_at_once(self, part: Block) -> StoredBlock:
        """Store a part of a block, which with sampling is decided now."""
        begun_ns, batches = self._clock_ns(), self._decoder.batches_of(part.entries)
        sampler, dropped = self._new_sampler(), 0
        if sampler is not None:
            sampler.hold(part, [record for batch in batches for record in batch])
            decided = sampler.decide(everything=True)
            batches, dropped = iter([decided.kept]), decided.dropped
        # Not under the token of the block: what is stored under it is another part each time.
        stored = self._put(batches, f"part-{uuid.uuid4().hex}", begun_ns)
        self._counters.sampled_out(dropped)
        return stored

    def _release(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self._journal.release(block)
            self._failures = 0

    def _store_decided(self, decided: Decided) -> None:
        self._counters.sampled_out(decided.dropped)
        size = self._config.flush_spans
        # At least once, also without spans: a block that is done may have brought scores.
        stored = [
            self._put([decided.kept[first : first + size]], f"sampled-{uuid.uuid4().hex}", self._clock_ns())
            for first in range(0, max(len(decided.kept), len(decided.done) and 1), size)
        ]
        self._release(decided.done)
        for block_stored in stored:
            self._observe(block_stored)

    def _put(self, batches: Iterable[list[SpanRecord]], token: str, begun_ns: int) -> StoredBlock:
        """Store the records, however long it takes."""
        started_s, refused = time.perf_counter(), self._retrying.refusals
        rows = self._retrying.until_stored(self._writer.block)
        spans, stored, oldest_ns = 0, 0, begun_ns
        for records in batches:
            self._retrying.until_stored(partial(self._arrivals.settle, records))
            self._events.complete(records)
            spans += len(records)
            stored += self._add(rows, records)
            oldest_ns = min([oldest_ns, *(record["ingested_ns"] for record in records)])
        decoded_ns = self._clock_ns()
        self._retrying.until_stored(lambda: rows.store(token=token))
        self._retrying.until_stored(self._events.store_scores)
        # Where a crash leaves them, before their block is released.
        self._retrying.until_saved(self._events.settle)
        self._counters.written(stored, time.perf_counter() - started_s)
        times = (oldest_ns, begun_ns, decoded_ns, self._clock_ns())
        return StoredBlock(*times, spans, stored, self._retrying.refusals - refused)

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
                self._set_aside.unwritable(record, reason)
                return 0
            half = len(records) // 2
            return self._add(block, records[:half]) + self._add(block, records[half:])
        return len(records)
