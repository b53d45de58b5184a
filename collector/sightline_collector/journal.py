"""The journal: a request is on disk, fsynced, before it is acknowledged, and stays until it is stored.

One thread commits: whatever was appended while the last fsync ran goes to disk with the next one, so that the
cost of an fsync is shared. One reader (`flusher`) takes blocks from the front. Segments before the front are
deleted. All public methods are thread-safe.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from sightline_collector.checkpoint import Checkpoint, CheckpointFile
from sightline_collector.dead_letters import DeadLetters
from sightline_collector.disk_reserve import DiskReserve
from sightline_collector.segment import (
    Damage,
    Entry,
    Position,
    encode,
    read_entries,
    segment_path,
    segments_in,
)
from sightline_core.errors import BackendError
from sightline_core.outage import Outage
from sightline_storage.durable import sync

logger = logging.getLogger(__name__)

_JOINED_SIZE = 128 * 1024
_DISK_PAUSE_S = 1.0
_SEGMENT_AGE_S = 300.0
"""However little arrives: what is deleted from the store stays in no segment for longer than twice that."""


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


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive entries that are stored together. `token` names them for ever, also after a crash."""

    entries: list[Entry]
    start: Position
    end: Position
    token: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """A block that is being stored."""

    start: Position
    end: Position
    spans: int
    since_ns: int | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is acknowledged and not stored: bytes on disk, spans, and how many of them are in no block yet.

    `since_ns` is when the oldest of the latter came, or a moment before; None when there are none.
    """

    size: int
    spans: int
    untaken: int
    since_ns: int | None


class Journal:
    """Opens the folder, repairs what a crash left, and starts committing."""

    def __init__(
        self, directory: Path, *, max_size: int, segment_size: int, dead_letters: DeadLetters
    ) -> None:
        self._directory = directory
        self._max_size = max_size
        self._segment_size = segment_size
        self._dead_letters = dead_letters
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
        saved = self._checkpoint_file.load()
        self._ends: dict[int, int] = {}
        self._waiting_spans = 0
        self._untaken_since_ns: int | None = None
        self._size = 0
        self._front = saved.done if saved else Position(1, 0)
        self._ahead = saved.ahead if saved else None
        self._taken: deque[_Taken] = deque()
        self._recover()
        self._save(Checkpoint(self._front, self._ahead))
        # Always a fresh file: what a crash left is never written to again.
        self._committed = Position(max(self._ends, default=self._front.segment) + 1, 0)
        self._file: int | None = None
        self._file_since_s = 0.0
        self._committer = threading.Thread(target=self._commit_forever, name="journal-commit", daemon=True)
        self._committer.start()

    def _recover(self) -> None:
        """Count what waits, and set aside what is damaged; reading passes over it."""
        for number, path in segments_in(self._directory):
            if number < self._front.segment:
                continue
            start = self._front.offset if number == self._front.segment else 0
            end = max(start, path.stat().st_size)
            with path.open("rb") as file:
                file.seek(start)
                for found in read_entries(file, end):
                    if isinstance(found, Damage):
                        self._set_aside(path, found)
                        continue
                    entry, _ = found
                    self._waiting_spans += entry.span_count
                    if self._untaken_since_ns is None:
                        self._untaken_since_ns = entry.received_ns
            self._ends[number] = end
            self._size += end - start

    def _set_aside(self, path: Path, damage: Damage) -> None:
        """Keep what the disk returns instead of records that were written."""
        reason = "no record by its length and checksum"
        if damage.endless:
            reason = "a record without its end, as a crash leaves one that was not acknowledged yet"
        with path.open("rb") as file:
            file.seek(damage.offset)
            kept = self._dead_letters.add(
                file.read(damage.end - damage.offset),
                reason=f"{path.name}, byte {damage.offset}: {reason}",
                project="",
                when_ns=path.stat().st_mtime_ns,
                acknowledged=not damage.endless,
            )
        if kept:
            logger.warning(
                "a journal segment is damaged",
                extra={"segment": path.name, "offset": damage.offset, "end": damage.end},
            )

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
            self._reserve.hold()
            with TemporaryFile(dir=self._directory) as probe:
                os.posix_fallocate(probe.fileno(), 0, refused.size)
                os.fdatasync(probe.fileno())
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
        if self._size + self._pending_size + size > self._max_size:
            self._turned_away = size
            raise BackendError("the journal is full: the store does not keep up or is down")

    def _commit_forever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._pending or self._closing, None if self._file is None else _SEGMENT_AGE_S
                )
                if self._closing and not self._pending:
                    return
                batch = list(self._pending)
                self._pending.clear()
            if not batch:
                self._end_segment()
                continue
            try:
                end = self._write([piece for pending in batch for piece in pending.pieces])
            except Exception as error:
                # Whatever it is, the thread must go on: without it no request would ever be answered again.
                self._refusal.met(error)
                self._refused_s = time.monotonic()
                self._abandon_segment()
                reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
                self._settle(batch, None, BackendError(f"the journal could not be written: {reason}"))
            else:
                if time.monotonic() - self._refused_s >= _DISK_PAUSE_S:
                    # Not before: a disk that fails now and then would fill the log.
                    self._refusal.over()
                self._settle(batch, end, None)

    def _end_segment(self) -> None:
        """Write no more into this file, so that it goes once all of it is stored."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            with self._changed:
                self._committed = Position(self._committed.segment + 1, 0)

    def _write(self, pieces: list[bytes]) -> Position:
        self._reserve.hold()
        if self._file is None:
            path = segment_path(self._directory, self._committed.segment)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file_since_s = time.monotonic()
            sync(self._directory)
        size = sum(map(len, pieces))
        # Many small pieces are one system call; copying a few large ones would cost more than it saves.
        for piece in [b"".join(pieces)] if size <= _JOINED_SIZE else pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(self._file, view) :]
        os.fdatasync(self._file)
        return Position(self._committed.segment, self._committed.offset + size)

    def _abandon_segment(self) -> None:
        """After a failed write nothing more goes into that file: its tail may hold half a record."""
        if self._file is not None:
            try:
                os.ftruncate(self._file, self._committed.offset)
                os.close(self._file)
            except OSError:
                logger.warning("a broken journal segment could not be cut; it is cut at the next start")
            self._file = None
        with self._changed:
            if self._committed.offset:
                self._committed = Position(self._committed.segment + 1, 0)

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
                self._size += size
                self._waiting_spans += sum(pending.entry.span_count for pending in batch)
                if self._untaken_since_ns is None:
                    self._untaken_since_ns = batch[0].entry.received_ns
                self._ends[end.segment] = end.offset
                self._committed = end
                is_old = time.monotonic() - self._file_since_s >= _SEGMENT_AGE_S
                if is_old or end.offset >= self._segment_size:
                    self._end_segment()
            self._changed.notify_all()
        for pending in batch:
            if error is None:
                pending.durable.set_result(None)
            else:
                pending.durable.set_exception(error)

    def wait_for_spans(self, count: int, timeout_s: float) -> int:
        """Wait until `count` spans can be taken, the journal closes or time is over; return how many."""
        with self._changed:
            self._changed.wait_for(lambda: self._untaken() >= count or self._closing, timeout_s)
            return self._untaken()

    def _untaken(self) -> int:
        return self._waiting_spans - sum(taken.spans for taken in self._taken)

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
            ends = dict(self._ends)
            start = self._taken[-1].end if self._taken else self._front
            ahead = None if self._taken else self._ahead
        entries: list[Entry] = []
        spans = size = 0
        end = start
        for number in sorted(number for number in ends if number >= start.segment):
            offset = start.offset if number == start.segment else 0
            path = segment_path(self._directory, number)
            with path.open("rb") as file:
                file.seek(offset)
                for found in read_entries(file, ends[number]):
                    if isinstance(found, Damage):
                        self._set_aside(path, found)
                        end = Position(number, found.end)
                    else:
                        entry, after = found
                        full = spans + entry.span_count > max_spans or size + len(entry.payload) > max_size
                        if entries and ahead is None and full:
                            return self._block(entries, start, end)
                        entries.append(entry)
                        spans += entry.span_count
                        size += len(entry.payload)
                        end = Position(number, after)
                    if entries and ahead is not None and end >= ahead:
                        return self._block(entries, start, end)
        if not entries and (end == start or self._taken):
            self._settle_down()
            return None
        block = self._block(entries, start, end)
        if not entries:
            self.release(block)
            return None
        return block

    def _block(self, entries: list[Entry], start: Position, end: Position) -> Block:
        token = (
            f"{self._checkpoint_file.journal_id}-{start.segment}-{start.offset}-{end.segment}-{end.offset}"
        )
        since_ns = entries[0].received_ns if entries else None
        taken = _Taken(start, end, sum(entry.span_count for entry in entries), since_ns)
        first = self._taken[0] if self._taken else taken
        self._save(Checkpoint(first.start, first.end))
        with self._changed:
            self._taken.append(taken)
            self._ahead = first.end
            if entries:
                self._untaken_since_ns = entries[-1].received_ns if self._untaken() else None
        return Block(entries, start, end, token)

    def put_back(self) -> int:
        """Forget that blocks were taken: as after a crash, they are taken again, the first as it was.

        Returns how many those were.
        """
        with self._changed:
            if self._taken:
                self._untaken_since_ns = self._taken[0].since_ns
            blocks = len(self._taken)
            self._taken.clear()
        return blocks

    def release(self, block: Block) -> None:
        """The block is stored: forget it. Blocks are released in the order in which they were taken.

        Not made durable here; the next block's checkpoint does that, or the next look that finds none, and a
        crash before it stores the same block under the same token once more.
        """
        with self._changed:
            for number in [number for number in self._ends if number < block.end.segment]:
                self._size -= self._ends.pop(number) - (
                    block.start.offset if number == block.start.segment else 0
                )
            begun = block.start.offset if block.start.segment == block.end.segment else 0
            self._size -= block.end.offset - begun
            self._waiting_spans -= self._taken.popleft().spans
            if not self._size:
                self._waiting_spans = 0  # without those that were lost to damage since they were counted
            self._front, self._ahead = block.end, self._taken[0].end if self._taken else None

    def _settle_down(self) -> None:
        """Make durable what was released, when no block follows that would.

        Else a crash hours later would store the last block once more, at the prices of then. Segments that
        are written to no more go if nothing waits: they may fill the disk.
        """
        with self._changed:
            front, ahead = self._front, self._ahead
            unused = Position(self._committed.segment, 0)
            if not self._size and unused > front:
                front, ahead = unused, None
        checkpoint = Checkpoint(front, ahead)
        if checkpoint == self._saved:
            return
        self._save(checkpoint)
        with self._changed:
            for number in [number for number in self._ends if number < front.segment]:
                del self._ends[number]
            self._front, self._ahead = front, ahead

    def backlog(self) -> Backlog:
        """Return how much waits to be stored."""
        with self._changed:
            return Backlog(self._size, self._waiting_spans, self._untaken(), self._untaken_since_ns)

    def close(self) -> None:
        """Commit what was appended and stop; blocks can still be taken and released."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._committer.join()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def save_position(self) -> None:
        """Make the last release durable, so that a clean restart stores nothing again."""
        with self._changed:
            checkpoint = Checkpoint(self._front, self._ahead)
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
