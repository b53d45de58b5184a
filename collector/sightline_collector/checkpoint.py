"""How far the journal is stored, and which block was being stored when the process died."""

import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from sightline_collector.segment import Position


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before `done` is stored; `ahead` ends the block that was being stored, if any."""

    done: Position
    ahead: Position | None = None


class CheckpointFile:
    """One small file, replaced atomically and durably."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "checkpoint.json"
        self._directory = directory
        self.journal_id = uuid.uuid4().hex

    def load(self) -> Checkpoint | None:
        """Return the checkpoint and take over the journal's id; None on a new journal."""
        try:
            saved = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        self.journal_id = saved["journal_id"]
        ahead = Position(*saved["ahead"]) if saved["ahead"] else None
        return Checkpoint(Position(*saved["done"]), ahead)

    def save(self, checkpoint: Checkpoint) -> None:
        """Return once the checkpoint survives a power loss."""
        done, ahead = checkpoint.done, checkpoint.ahead
        text = json.dumps(
            {
                "journal_id": self.journal_id,
                "done": [done.segment, done.offset],
                "ahead": [ahead.segment, ahead.offset] if ahead else None,
            }
        )
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        sync_directory(self._directory)


def sync_directory(directory: Path) -> None:
    """Make created, renamed and removed names in a folder durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
