"""Looking at the files of new parts, because the embedded engine (26.5 to 26.9) does not: it passes over a
`write` that failed (no space, a quota, a disk that breaks) and says that the block is stored.

A part lists its files with their sizes in `checksums.txt`, so its folder tells what was cut short.
"""

import logging
import os
import re
import shutil
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zstandard

from sightline_core.errors import BackendError
from sightline_storage.engines.engine import OF_ANY_SIZE

log = logging.getLogger(__name__)

_PART = re.compile(r"([^_]+)_(\d+)_(\d+)_(\d+)(?:_(\d+))?")
_HEAD: Final = b"checksums format version: 4\n"
_COMPRESSED = struct.Struct("<16xBII")  # checksum, method, size with the last nine bytes of this head, size
_ZSTD: Final = 0x90
_LISTED_COLUMNS = re.compile(rb"columns (?:format|substreams) version: 1\n(\d+) columns:\n")
_LATER_LIST = re.compile(rb"columns (?:format|substreams) version: (?!1\n)\d+\n")
_LISTED_SUBSTREAMS = re.compile(rb"^(\d+) substreams for column ", re.MULTILINE)
_LONGEST_UNSEEN_S = 60.0
_CLOCK_STEP_NS = 1_000_000_000

Tables = dict[str, Path]
"""Table → the folder of its parts."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part by its name: the blocks that it holds, and how often they were merged and mutated."""

    name: str
    partition: str
    first: int
    last: int
    generation: tuple[int, int]

    @classmethod
    def of(cls, name: str) -> "_Part | None":
        if match := _PART.fullmatch(name):
            partition, first, last, level, mutation = match.groups()
            return cls(name, partition, int(first), int(last), (int(level), int(mutation or 0)))
        return None

    def covers(self, other: "_Part") -> bool:
        return (
            self.partition == other.partition
            and self.first <= other.first
            and other.last <= self.last
            and self.generation > other.generation
        )


class WrittenParts:
    """Thread-safe. `tables` names what is looked at; `run` runs a statement."""

    def __init__(self, tables: Callable[[], Tables], run: Callable[[str], None]) -> None:
        self._find_tables = tables
        self._run = run
        self._lock = threading.Lock()
        self._tables: Tables = {}
        self._seen: dict[str, set[str]] = {}
        self._looked_at_ns: dict[str, int] = {}
        """When the folder of a table had changed last; a change within a step of the clock would not show."""
        self._cut = 0
        self._looked_s = 0.0

    def begin_again(self) -> None:
        """Take what is there for whole, as the engine has just read it; the tables may be others."""
        with self._lock:
            self._tables = self._find_tables()
            self._seen = {table: set(os.listdir(folder)) for table, folder in self._tables.items()}
            self._looked_at_ns.clear()

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Raise `BackendError` after a block in which a part was written that is not whole on the disk.

        Nothing of it counts then: the part is gone, or those that it was merged from are back.
        """
        with self._lock:
            before = self._cut
        try:
            yield
        finally:
            # What failed may have left a part, too. And another thread may have found that of this block.
            if self._look() > before:
                raise BackendError("the disk did not take all that was written; it has to be written again")

    def look_at_times(self) -> None:
        """Look also when nothing is written: parts are merged later, and their sources go in minutes."""
        if time.monotonic() - self._looked_s > _LONGEST_UNSEEN_S and not self._lock.locked():
            with suppress(BackendError):
                self._look()

    def _look(self) -> int:
        """Look at what is new, and return how many parts were cut until now."""
        with self._lock:
            self._looked_s = time.monotonic()
            try:
                for table in self._tables:
                    self._look_at(table)
            except OSError as error:
                raise BackendError(f"the files of the store cannot be read: {error.strerror}") from error
            return self._cut

    def _look_at(self, table: str) -> None:
        folder, seen = self._tables[table], self._seen[table]
        changed_ns = folder.stat().st_mtime_ns
        if changed_ns == self._looked_at_ns.get(table):
            return
        looked_ns = time.time_ns()
        names = set(os.listdir(folder))
        seen &= names
        for name in names - seen:
            part = _Part.of(name)
            if part and is_cut(folder / name):
                self._cut += 1
                log.error("a part was not written to its end", extra={"table": table, "part": name})
                self._take_back(table, part)
            # From now on: where there was no room to take it back, that is tried again.
            seen.add(name)
        if looked_ns - changed_ns > _CLOCK_STEP_NS:
            self._looked_at_ns[table] = changed_ns

    def _take_back(self, table: str, cut: _Part) -> None:
        """Do what the engine would do at its next start, when what it has merged may be gone."""
        folder = self._tables[table]
        present = _parts_in(folder)
        below = [part for part in present.values() if cut.covers(part) and not is_cut(folder / part.name)]
        sources = [part for part in below if not any(other.covers(part) for other in below)]
        # What an insert has merged by itself is of one block, too.
        if not sources and cut.first < cut.last:
            log.error("nothing is left of what it was merged from", extra={"table": table, "part": cut.name})
            return
        for part in sources:
            _link(folder / part.name, folder / "detached" / part.name)
            self._run(f"ALTER TABLE {table} ATTACH PART '{part.name}'")
        if any(is_cut(folder / name) for name in _parts_in(folder).keys() - present.keys()):
            raise BackendError("parts that were merged could not be put back yet")
        self._run(f"ALTER TABLE {table} DROP PART '{cut.name}' {OF_ANY_SIZE}")
        # A part without rows has its place now, and may be as short on such a disk: it holds nothing.
        self._seen[table] |= {name for name, part in _parts_in(folder).items() if part.covers(cut)}


def is_cut(folder: Path) -> bool:
    """Tell whether a part is there and a file of it is missing or has not the size that it should have.

    A part of a format that we do not know is not judged.
    """
    try:
        return _has_cut_file(folder)
    except FileNotFoundError:
        return folder.exists()  # it may have been merged and removed meanwhile


def _has_cut_file(folder: Path) -> bool:
    listed = (folder / "checksums.txt").read_bytes()
    if not listed.startswith(_HEAD[: len(listed)]):
        return False
    try:
        sizes = _sizes(listed[len(_HEAD) :])
    except (struct.error, zstandard.ZstdError, IndexError):
        return True
    if sizes is None:
        return False
    if any((folder / name).stat().st_size != size for name, size in sizes.items()):
        return True
    # Those that the list leaves out: without one of them the engine sets the part aside at its next start.
    lists = list(folder.glob("columns*.txt"))
    facts = [path for path in folder.glob("*.txt") if path.name not in sizes and path not in lists]
    return any(not _is_whole(path.read_bytes()) for path in lists) or any(
        not path.stat().st_size for path in facts
    )


def _is_whole(lists: bytes) -> bool:
    """Tell whether all columns that the list announces are there, and all substreams that those announce.

    One of a later format is not judged.
    """
    if _LATER_LIST.match(lists):
        return True
    head, lines = _LISTED_COLUMNS.match(lists), lists.splitlines()[2:]
    if not head or not lists.endswith(b"\n"):
        return False
    columns = [line for line in lines if not line.startswith(b"\t")]
    announced = sum(int(count) for count in _LISTED_SUBSTREAMS.findall(lists))
    return (len(columns), len(lines) - len(columns)) == (int(head[1]), announced)


def _sizes(compressed: bytes) -> dict[str, int] | None:
    """Return file → size; None when it is written in another way. Raises on what is cut short."""
    method, size, size_of_content = _COMPRESSED.unpack_from(compressed)
    if method != _ZSTD or size + 16 < len(compressed):
        return None
    content = zstandard.ZstdDecompressor().decompress(compressed[25 : 16 + size], size_of_content)
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = content[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    sizes: dict[str, int] = {}
    for _ in range(number()):
        length = number()
        name = content[place : place + length].decode()
        place += length
        sizes[name] = number()
        place += 16  # its hash
        is_compressed = content[place]
        place += 1
        if is_compressed:
            number()  # size and hash of what is in it
            place += 16
    return sizes


def _parts_in(folder: Path) -> dict[str, _Part]:
    return {name: part for name in os.listdir(folder) if (part := _Part.of(name))}


def _link(part: Path, copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)  # what a try before left
    copy.mkdir()
    for file in part.iterdir():
        os.link(file, copy / file.name)
