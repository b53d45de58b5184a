"""How far the journal is stored, and which block was being stored when the process died."""

import json
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path

from sightline_collector.segment import Position, read_entries, segments_in
from sightline_storage.durable import put_in_place

logger = logging.getLogger(__name__)


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
        """Return the checkpoint and take over the journal's id; None on a new journal.

        None also when the file is damaged: what the segments hold is then stored once more, which changes
        nothing.
        """
        try:
            saved = json.loads(self._path.read_text(encoding="utf-8"))
            ahead = Position(*map(int, saved["ahead"])) if saved["ahead"] else None
            done = Position(*map(int, saved["done"]))
            self.journal_id = str(saved["journal_id"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            logger.warning("the checkpoint of the journal is damaged; the segments are stored once more")
            return None
        return Checkpoint(done, ahead)

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
        fresh.write_text(text, encoding="utf-8")
        put_in_place(fresh, self._path)


def oldest_waiting_ns(directory: Path) -> int | None:
    """Return when the oldest request came that nobody has begun to store; None when there is none.

    The journal may be in use.
    """
    saved = CheckpointFile(directory).load()
    front = (saved.ahead or saved.done) if saved else Position(1, 0)
    for number, path in segments_in(directory):
        if number >= front.segment:
            try:
                with path.open("rb") as file:
                    file.seek(front.offset if number == front.segment else 0)
                    for found in read_entries(file, path.stat().st_size):
                        if isinstance(found, tuple):
                            return found[0].received_ns
            except FileNotFoundError:
                continue  # it was stored meanwhile
    return None
