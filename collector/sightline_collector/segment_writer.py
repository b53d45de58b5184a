"""Writes records into segments: one file after the other, each fsynced before its records count."""

import logging
import os
import time
from pathlib import Path

from sightline_collector.disk_reserve import DiskReserve
from sightline_collector.segment import Position, segment_path
from sightline_storage.durable import sync

logger = logging.getLogger(__name__)

_JOINED_SIZE = 128 * 1024
_SEGMENT_AGE_S = 300.0
"""However little arrives: what is deleted from the store stays in no segment for longer than twice that."""


class SegmentWriter:
    """Begins a file with the first write, and the next after `segment_size` bytes, or when it is old.

    For one thread.
    """

    def __init__(self, directory: Path, reserve: DiskReserve, first: int, segment_size: int) -> None:
        self.segment = first
        """The one that is written to; those before it are not any more."""
        self._directory = directory
        self._reserve = reserve
        self._segment_size = segment_size
        self._offset = 0
        self._file: int | None = None
        self._file_since_s = 0.0

    @property
    def idle_s(self) -> float | None:
        """After how long without a write the file is to be ended; None when there is none."""
        return None if self._file is None else _SEGMENT_AGE_S

    def write(self, pieces: list[bytes]) -> Position:
        """Return where they end, once they survive a power loss.

        Whatever is raised (`OSError`, `MemoryError`) leaves half a record, and `abandon` has to follow.
        """
        self._reserve.hold()
        if self._file is None:
            path = segment_path(self._directory, self.segment)
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
        self._offset += size
        return Position(self.segment, self._offset)

    def end_if_due(self) -> None:
        """End the segment when it is large or old enough."""
        is_old = time.monotonic() - self._file_since_s >= _SEGMENT_AGE_S
        if is_old or self._offset >= self._segment_size:
            self.end()

    def end(self) -> None:
        """Write no more into this file, so that it goes once all of it is stored."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            self._begin_next()

    def abandon(self) -> None:
        """After a failed write nothing more goes into that file: its tail may hold half a record."""
        if self._file is not None:
            try:
                os.ftruncate(self._file, self._offset)
                os.close(self._file)
            except OSError:
                logger.warning("a broken journal segment could not be cut; it is cut at the next start")
            self._file = None
        if self._offset:
            self._begin_next()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _begin_next(self) -> None:
        self.segment += 1
        self._offset = 0
