"""The journal: a request is on disk, fsynced, before it is acknowledged, and stays until it is stored.

One thread commits: whatever was appended while the last fsync ran goes to disk with the next one, so that the
cost of an fsync is shared. One reader (`flusher`) takes blocks from the front. Segments before the front are
deleted. All public methods are thread-safe.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from sightline_collector.block_ledger import Backlog, Block, BlockLedger
from sightline_collector.checkpoint import Checkpoint, CheckpointFile
from sightline_collector.dead_letters import DeadLetters
from sightline_collector.disk_reserve import DiskReserve
from sightline_collector.segment import Entry, Position, encode, segments_in
from sightline_collector.segment_reader import SegmentReader
from sightline_collector.segment_writer import SegmentWriter
from sightline_core.errors import BackendError
from sightline_core.outage import Outage
from sightline_storage.durable import sync

logger = logging.getLogger(__name__)

_DISK_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """An entry that waits to be committed; `durable` is done when it is."""

    pieces: tuple[bytes, bytes]
    size: int
    entry: Entry
    durable: Future[None]


@dataclass(frozen=True, slots=True)
class _Refused:
    """What could not be written; since then nothing was."""

    error: BackendError
    size: int


class Journal:
    """Opens the folder, repairs what a crash left, and starts committing."""

    def __init__(
        self, directory: Path, *, max_size: int, segment_size: int, dead_letters: DeadLetters
    ) -> None:
        self._directory = directory
        self._max_size = max_size
        self._changed = threading.Condition()
        self._pending: deque[_Pending] = deque()
        self._pending_size = 0
        self._turned_away = 0
        """Size of the last entry that there was no room for."""
        self._closing = False
        self._refused: _Refused | None = None
        self._outage = Outage(
            logger, "the journal's disk fails; storing waits for it", "the journal's disk works again"
        )
        self._refusal = Outage(
            logger, "the journal cannot be written; requests are refused", "the journal is written again"
        )
        self._refused_s = 0.0
        if not directory.exists():
            directory.mkdir(parents=True)
            sync(directory.parent)
        self._reserve = DiskReserve(directory)
        self._checkpoint_file = CheckpointFile(directory)
        self._ledger = BlockLedger(self._checkpoint_file.load() or Checkpoint(Position(1, 0)))
        self._reader = SegmentReader(directory, dead_letters)
        self._recover()
        self._save(self._ledger.checkpoint)
        # Always a fresh file: what a crash left is never written to again.
        self._writer = SegmentWriter(directory, self._reserve, self._ledger.last_segment() + 1, segment_size)
        self._committer = threading.Thread(target=self._commit_forever, name="journal-commit", daemon=True)
        self._committer.start()

    def _recover(self) -> None:
        """Count what waits, and set aside what is damaged; reading passes over it."""
        front = self._ledger.checkpoint.done
        for number, path in segments_in(self._directory):
            if number < front.segment:
                continue
            start = front.offset if number == front.segment else 0
            end = max(start, path.stat().st_size)
            spans = 0
            since_ns: int | None = None
            for entry, _ in self._reader.read(Position(number, start), {number: end}):
                if entry is not None:
                    spans += entry.span_count
                    since_ns = entry.received_ns if since_ns is None else since_ns
            self._ledger.add(Position(number, end), end - start, spans, since_ns)

    def check(self) -> None:
        """Raise `BackendError` when journal or disk had no room for the last requests and still have none.

        Also while nothing is stored as the disk does not take the checkpoint, though it may take requests.
        The disk is asked here: who is not ready is sent no request that could show that it is again.
        """
        with self._changed:
            self._require_room(self._turned_away)
            self._turned_away = 0
        if self._outage.reason:
            raise BackendError(f"the journal's disk fails: {self._outage.reason}")
        refused = self._refused
        if refused is None:
            return
        try:
            self._reserve.require(refused.size)
        except OSError as error:
            raise BackendError(str(refused.error)) from error
        with self._changed:
            if self._refused is refused:
                self._refused = None

    def append(self, entry: Entry) -> "Future[None]":
        """Return a future that is done when the entry is durable, or fails with `BackendError` (disk full).

        Raises `BackendError` when the journal is over its limit.
        """
        head, payload = encode(entry)
        size = len(head) + len(payload)
        future: Future[None] = Future()
        # Now it cannot be cancelled: a caller that goes away must not trip the thread that commits for all.
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closing:
                raise BackendError("the collector is shutting down", retry_after_s=2)
            self._require_room(size)
            self._pending.append(_Pending((head, payload), size, entry, future))
            self._pending_size += size
            self._changed.notify_all()
        return future

    def _require_room(self, size: int) -> None:
        if self._ledger.size + self._pending_size + size > self._max_size:
            self._turned_away = size
            raise BackendError("the journal is full: the store does not keep up or is down")

    def _commit_forever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closing, self._writer.idle_s)
                if self._closing and not self._pending:
                    return
                batch = list(self._pending)
                self._pending.clear()
            if not batch:
                self._writer.end()
                continue
            try:
                end = self._writer.write([piece for pending in batch for piece in pending.pieces])
            except Exception as error:
                # Whatever it is, the thread must go on: without it no request would ever be answered again.
                self._refusal.met(error)
                self._refused_s = time.monotonic()
                self._writer.abandon()
                reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
                self._settle(batch, None, BackendError(f"the journal could not be written: {reason}"))
            else:
                if time.monotonic() - self._refused_s >= _DISK_PAUSE_S:
                    # Not before: a disk that fails now and then would fill the log.
                    self._refusal.over()
                self._settle(batch, end, None)

    def _settle(
        self,
        batch: Sequence[_Pending],
        end: Position | None,
        error: BackendError | None,
    ) -> None:
        with self._changed:
            size = sum(pending.size for pending in batch)
            self._pending_size -= size
            self._refused = _Refused(error, size) if error else None
            if end is not None:
                spans = sum(pending.entry.span_count for pending in batch)
                self._ledger.add(end, size, spans, batch[0].entry.received_ns)
                # Not before they count: a segment that is not written to goes when nothing waits.
                self._writer.end_if_due()
            self._changed.notify_all()
        for pending in batch:
            if error is None:
                pending.durable.set_result(None)
            else:
                pending.durable.set_exception(error)

    def wait_for_spans(self, count: int, timeout_s: float) -> int:
        """Wait until `count` spans can be taken, the journal closes or time is over; return how many."""
        with self._changed:
            self._changed.wait_for(lambda: self._ledger.untaken_spans() >= count or self._closing, timeout_s)
            return self._ledger.untaken_spans()

    def take_block(self, max_spans: int, max_size: int) -> Block | None:
        """Return the next block and note durably that it is being stored; None when nothing waits.

        Blocks may be taken while earlier ones are not released yet. After a crash the first block is the
        earliest of those that were being stored, under the same token. While the disk refuses to note it
        nothing is taken: None, after a pause.
        """
        try:
            block = self._take_block(max_spans, max_size)
        except OSError as error:
            self._outage.met(error)
            with self._changed:
                self._changed.wait_for(lambda: self._closing, _DISK_PAUSE_S)
            return None
        self._outage.over()
        return block

    def _take_block(self, max_spans: int, max_size: int) -> Block | None:
        with self._changed:
            untaken = self._ledger.untaken()
        start, ahead = untaken.start, untaken.ahead
        entries: list[Entry] = []
        spans = size = 0
        end = start
        for entry, after in self._reader.read(start, untaken.ends):
            if entry is not None:
                full = spans + entry.span_count > max_spans or size + len(entry.payload) > max_size
                if entries and ahead is None and full:
                    return self._block(entries, start, end)
                entries.append(entry)
                spans += entry.span_count
                size += len(entry.payload)
            end = after
            if entries and ahead is not None and end >= ahead:
                return self._block(entries, start, end)
        if not entries and (end == start or self._ledger.has_taken()):
            self._settle_down()
            return None
        block = self._block(entries, start, end)
        if not entries:
            self.release(block)
            return None
        return block

    def _block(self, entries: list[Entry], start: Position, end: Position) -> Block:
        # A directory that is a copy of another, or was set back to what it held once, has the same places for
        # other requests.
        first_ns = entries[0].received_ns if entries else 0
        places = f"{start.segment}-{start.offset}-{end.segment}-{end.offset}"
        token = f"{self._checkpoint_file.journal_id}-{places}-{first_ns}"
        block = Block(entries, start, end, token)
        self._save(self._ledger.checkpoint_with(block))
        with self._changed:
            self._ledger.take(block)
        return block

    def put_back(self) -> int:
        """Forget that blocks were taken: as after a crash, they are taken again, the first as it was.

        Returns how many those were.
        """
        with self._changed:
            return self._ledger.put_back()

    def release(self, block: Block) -> None:
        """The block is stored: forget it. Blocks are released in the order in which they were taken.

        Not made durable here; the next block's checkpoint does that, or the next look that finds none, and a
        crash before it stores the same block under the same token once more.
        """
        with self._changed:
            self._ledger.release(block)

    def _settle_down(self) -> None:
        """Make durable what was released, when no block follows that would.

        Else a crash hours later would store the last block once more, at the prices of then. Segments that
        are written to no more go if nothing waits: they may fill the disk.
        """
        with self._changed:
            checkpoint = self._ledger.checkpoint_before(self._writer.segment)
        if checkpoint == self._saved:
            return
        self._save(checkpoint)
        with self._changed:
            self._ledger.move_to(checkpoint)

    def backlog(self) -> Backlog:
        """Return how much waits to be stored."""
        with self._changed:
            return self._ledger.backlog()

    def close(self) -> None:
        """Commit what was appended and stop; blocks can still be taken and released."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._committer.join()
        self._writer.close()

    def save_position(self) -> None:
        """Make the last release durable, so that a clean restart stores nothing again."""
        with self._changed:
            checkpoint = self._ledger.checkpoint
        try:
            self._save(checkpoint)
        except OSError as error:
            logger.warning("the next start stores the last block again", extra={"reason": str(error)})

    def _save(self, checkpoint: Checkpoint) -> None:
        """Segments go only once the checkpoint that no longer needs them is durable."""
        try:
            self._checkpoint_file.save(checkpoint)
        except OSError:
            if not self._reserve.give_up():
                raise
            self._checkpoint_file.save(checkpoint)
        self._saved = checkpoint
        for number, path in segments_in(self._directory):
            if number < checkpoint.done.segment:
                path.unlink()
