"""Which part of the journal waits, is being stored and is stored, and how much that is.

Neither a lock nor a disk is touched here: the journal holds its lock around each call.
"""

from collections import deque
from dataclasses import dataclass

from sightline_collector.checkpoint import Checkpoint
from sightline_collector.segment import Entry, Position


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive entries that are stored together. `token` names them for ever, also after a crash."""

    entries: list[Entry]
    start: Position
    end: Position
    token: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is acknowledged and not stored: bytes on disk, spans, and how many of them are in no block yet.

    `since_ns` is when the oldest of the latter came, or a moment before; None when there are none.
    """

    size: int
    spans: int
    untaken: int
    since_ns: int | None


@dataclass(frozen=True, slots=True)
class Untaken:
    """What is in no block yet: from `start` to the end of the last of the segments, whose `ends` are offsets.

    `ahead` is where the first block has to end, as it was being stored when the process died or began again.
    """

    start: Position
    ahead: Position | None
    ends: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A block that is being stored, without its content."""

    start: Position
    end: Position
    spans: int
    since_ns: int | None


class BlockLedger:
    """Entries are added at the end, and blocks of them taken and released at the front, in order."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        """What is stored, and the end of the earliest block that is not; not always durable."""
        self.size = 0
        """Bytes that are not stored."""
        self._ends: dict[int, int] = {}
        self._taken: deque[_Taken] = deque()
        self._spans = 0
        self._untaken_since_ns: int | None = None

    def add(self, end: Position, size: int, spans: int, since_ns: int | None) -> None:
        """Bytes up to `end` are on disk; the first entry of them came at `since_ns`, None without any."""
        self._ends[end.segment] = end.offset
        self.size += size
        self._spans += spans
        if self._untaken_since_ns is None:
            self._untaken_since_ns = since_ns

    def last_segment(self) -> int:
        """Return the number of the last segment that there was anything in."""
        return max(self._ends, default=self.checkpoint.done.segment)

    def backlog(self) -> Backlog:
        """Return how much waits to be stored."""
        return Backlog(self.size, self._spans, self.untaken_spans(), self._untaken_since_ns)

    def untaken_spans(self) -> int:
        """Return how many spans are in no block yet."""
        return self._spans - sum(taken.spans for taken in self._taken)

    def has_taken(self) -> bool:
        """Return whether a block is being stored."""
        return bool(self._taken)

    def untaken(self) -> Untaken:
        """Return what the next block is taken from."""
        if self._taken:
            return Untaken(self._taken[-1].end, None, dict(self._ends))
        return Untaken(self.checkpoint.done, self.checkpoint.ahead, dict(self._ends))

    def checkpoint_with(self, block: Block) -> Checkpoint:
        """Return what has to be durable before a block is taken: the earliest of those that are then."""
        first = self._taken[0] if self._taken else block
        return Checkpoint(first.start, first.end)

    def take(self, block: Block) -> None:
        """The block, which follows the last that was taken, is being stored."""
        entries = block.entries
        since_ns = entries[0].received_ns if entries else None
        spans = sum(entry.span_count for entry in entries)
        self._taken.append(_Taken(block.start, block.end, spans, since_ns))
        self.checkpoint = Checkpoint(self.checkpoint.done, self._taken[0].end)
        if entries:
            self._untaken_since_ns = entries[-1].received_ns if self.untaken_spans() else None

    def put_back(self) -> int:
        """Forget that blocks were taken and return how many; the next is the first of them as it was."""
        if self._taken:
            self._untaken_since_ns = self._taken[0].since_ns
        blocks = len(self._taken)
        self._taken.clear()
        return blocks

    def release(self, block: Block) -> None:
        """The block, the first that was taken, is stored."""
        for number in [number for number in self._ends if number < block.end.segment]:
            self.size -= self._ends.pop(number) - (block.start.offset if number == block.start.segment else 0)
        begun = block.start.offset if block.start.segment == block.end.segment else 0
        self.size -= block.end.offset - begun
        self._spans -= self._taken.popleft().spans
        if not self.size:
            self._spans = 0  # without those that were lost to damage since they were counted
        self.checkpoint = Checkpoint(block.end, self._taken[0].end if self._taken else None)

    def checkpoint_before(self, segment: int) -> Checkpoint:
        """Return the checkpoint: the beginning of the segment that is written to, if nothing waits."""
        unused = Position(segment, 0)
        return Checkpoint(unused) if not self.size and unused > self.checkpoint.done else self.checkpoint

    def move_to(self, checkpoint: Checkpoint) -> None:
        """What is before the checkpoint is gone."""
        for number in [number for number in self._ends if number < checkpoint.done.segment]:
            del self._ends[number]
        self.checkpoint = checkpoint
