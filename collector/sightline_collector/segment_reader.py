"""Reads the entries of segments, and sets aside what is damaged."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from sightline_collector.dead_letters import DeadLetters
from sightline_collector.segment import Damage, Entry, Position, read_entries, segment_path

logger = logging.getLogger(__name__)


class SegmentReader:
    """Reads again and again; damage that was set aside before is only passed over."""

    def __init__(self, directory: Path, dead_letters: DeadLetters) -> None:
        self._directory = directory
        self._dead_letters = dead_letters

    def read(self, start: Position, ends: Mapping[int, int]) -> Iterator[tuple[Entry | None, Position]]:
        """Yield what follows `start`, in order, with the position after it; None for damage.

        `ends` are the segments' numbers and how far each is read. Raises `OSError`.
        """
        for number in sorted(number for number in ends if number >= start.segment):
            path = segment_path(self._directory, number)
            with path.open("rb") as file:
                file.seek(start.offset if number == start.segment else 0)
                for found in read_entries(file, ends[number]):
                    if isinstance(found, Damage):
                        self._set_aside(path, found)
                        yield None, Position(number, found.end)
                    else:
                        entry, after = found
                        yield entry, Position(number, after)

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
