"""What could not be stored is set aside with its reason; it never blocks the rest and is never just gone."""

import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing set aside. `content` is the file beside the note: protobuf of a span or raw journal bytes.

    `acknowledged` is False when its sender was never told that it was taken, so that nothing is missing.
    """

    reason: str
    project: str
    content: str
    size: int
    when_ns: int
    acknowledged: bool = True


class DeadLetters:
    """A folder of pairs: `<id>.bin` and `<id>.json`."""

    def __init__(self, directory: Path, limit: int = 10_000) -> None:
        self._directory = directory
        self._limit = limit
        self._count = sum(1 for _ in directory.glob("*.json")) if directory.exists() else 0

    def __len__(self) -> int:
        return self._count

    def add(
        self, content: bytes, *, reason: str, project: str, when_ns: int, acknowledged: bool = True
    ) -> bool:
        """Write one letter; return False when it is there, because its block is tried once more.

        Over the limit only the count grows, so that a flood cannot fill the disk. A disk that takes none is
        logged: storing everything else must not end with it.
        """
        name = f"{when_ns}-{zlib.crc32(content):08x}"
        body = self._directory / f"{name}.bin"
        if body.exists():
            return False
        self._count += 1
        if self._count > self._limit:
            return True
        letter = DeadLetter(reason, project, body.name, len(content), when_ns, acknowledged)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            body.write_bytes(content)
            (self._directory / f"{name}.json").write_text(json.dumps(asdict(letter)), encoding="utf-8")
        except OSError as error:
            logger.error("nothing could be set aside", extra={"lost": reason, "reason": str(error)})
        return True

    def __iter__(self) -> Iterator[DeadLetter]:
        for path in sorted(self._directory.glob("*.json")):
            try:
                yield DeadLetter(**json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError):  # a crash came between
                yield DeadLetter("its note cannot be read", "", path.with_suffix(".bin").name, 0, 0)
