"""What could not be stored is set aside with its reason; it never blocks the rest and is never just gone."""

import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from sightline_core.errors import BackendError
from sightline_storage.durable import put_in_place, sync

logger = logging.getLogger(__name__)

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing set aside. `content` is the file beside the note.

    `acknowledged` is False when its sender was never told that it was taken, so that nothing is missing.
    `path` is where the content can be sent again, as OTLP in protobuf; "" when it is no request.
    """

    reason: str
    project: str
    content: str
    size: int
    when_ns: int
    acknowledged: bool = True
    path: str = ""


class About(TypedDict):
    """What is noted of a letter, see `DeadLetter`."""

    reason: str
    project: str
    when_ns: int
    acknowledged: NotRequired[bool]
    path: NotRequired[str]


class DeadLetters:
    """A folder of pairs: `<id>.bin` and `<id>.json`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._count = sum(1 for _ in directory.glob("*.json")) if directory.exists() else 0

    def __len__(self) -> int:
        return self._count

    def keep(self, content: bytes, **about: Unpack[About]) -> bool:
        """Return once a letter survives a power loss; False when it is there: its block is tried once more.

        Raises `OSError` when the disk takes none, and `BackendError` over the limit, which keeps a flood from
        filling the disk.
        """
        name = f"{about['when_ns']}-{zlib.crc32(content):08x}"
        note = self._directory / f"{name}.json"
        if note.exists():
            return False
        if self._count >= _MOST:
            raise BackendError(f"{self._directory} holds {_MOST} things that were set aside")
        body = note.with_suffix(".bin")
        letter = DeadLetter(content=body.name, size=len(content), **about)
        self._directory.mkdir(parents=True, exist_ok=True)
        body.write_bytes(content)
        sync(body)
        # The note last, and at once: without it a letter is not there.
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(letter)), encoding="utf-8")
        put_in_place(fresh, note)
        sync(self._directory.parent)
        self._count += 1
        return True

    def add(self, content: bytes, **about: Unpack[About]) -> bool:
        """As `keep`, but of what cannot be kept only the count grows: the rest has to be stored."""
        try:
            return self.keep(content, **about)
        except (OSError, BackendError) as error:
            logger.error("nothing could be set aside", extra={"lost": about["reason"], "reason": str(error)})
            self._count += 1
            return True

    def __iter__(self) -> Iterator[DeadLetter]:
        for path in sorted(self._directory.glob("*.json")):
            try:
                yield DeadLetter(**json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError):  # a crash came between
                yield DeadLetter("its note cannot be read", "", path.with_suffix(".bin").name, 0, 0)
