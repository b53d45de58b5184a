"""Records of the journal: how one lies on disk, and how a file of them is read after a crash.

A record is `length, crc32` (little-endian u32 each) and `length` bytes: arrival time, span count, signal and
project, then the request as protobuf. The checksum covers all of those bytes. After damage, also of a length,
reading goes on with the next bytes that are a record by their checksum.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

_FRAME = struct.Struct("<II")
_HEADER = struct.Struct("<QIBH")
MAX_RECORD = 2**30

_SIGNAL_OFFSET = _FRAME.size + 12
_SIGNAL_AND_PROJECT = re.compile(rb"[\x01\x02][\x01-\x40]\x00[a-z0-9_-]")
_MOST_CHECKED = 2**32  # a few seconds: content that looks like records must not hold up a start


class Signal(IntEnum):
    """What a record's payload is."""

    TRACES = 1
    LOGS = 2

    @property
    def path(self) -> str:
        """Where such requests are sent to."""
        return f"/v1/{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One acknowledged request. `received_ns` is UTC; `payload` is serialised protobuf that parses."""

    project: str
    signal: Signal
    received_ns: int
    span_count: int
    payload: bytes


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two records: segment number, byte offset."""

    segment: int
    offset: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no record. `endless`: nothing follows, and its end is missing, as a crash leaves it."""

    offset: int
    end: int
    endless: bool


def segment_path(directory: Path, number: int) -> Path:
    """Return the file of a segment; names sort like numbers."""
    return directory / f"{number:012d}.segment"


def segments_in(directory: Path) -> list[tuple[int, Path]]:
    """Return the segments of a folder with their numbers, oldest first; other files are none of ours."""
    paths = directory.glob("*.segment")
    return sorted((int(path.stem), path) for path in paths if path.stem.isascii() and path.stem.isdigit())


def encode(entry: Entry) -> tuple[bytes, bytes]:
    """Return the record's bytes in two pieces, of which the second is the payload itself, not a copy."""
    project = entry.project.encode()
    header = _HEADER.pack(entry.received_ns, entry.span_count, entry.signal, len(project)) + project
    checksum = zlib.crc32(entry.payload, zlib.crc32(header))
    return _FRAME.pack(len(header) + len(entry.payload), checksum) + header, entry.payload


def read_entries(file: BinaryIO, end: int) -> Iterator[tuple[Entry, int] | Damage]:
    """Yield entries with the offset after each, and damage, from the file's position to `end`."""
    offset = file.tell()
    while offset < end:
        entry, following = _read(file, offset, end)
        if entry is not None:
            yield entry, following
            offset = following
        else:
            file.seek(offset)
            begin = _find_record(file.read(end - offset))
            found = end if begin is None else offset + begin
            yield Damage(offset, found, endless=begin is None and following > end)
            file.seek(found)
            offset = found


def _read(file: BinaryIO, offset: int, end: int) -> tuple[Entry | None, int]:
    """Return the entry at the file's position, None when there is none, and where it says that it ends."""
    frame = file.read(_FRAME.size)
    if len(frame) < _FRAME.size:
        return None, offset + _FRAME.size
    length, checksum = _FRAME.unpack(frame)
    following = offset + _FRAME.size + length
    # Behind the end: the last record was not finished, or its length is damaged. The checksum tells.
    length = min(length, end - offset - _FRAME.size)
    if not _HEADER.size <= length <= MAX_RECORD:
        return None, following
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None, following
    received_ns, span_count, signal, project_size = _HEADER.unpack(header)
    project = file.read(min(project_size, length - _HEADER.size))
    payload = file.read(length - _HEADER.size - len(project))
    if zlib.crc32(payload, zlib.crc32(project, zlib.crc32(header))) != checksum:
        return None, following
    try:
        return Entry(project.decode(), Signal(signal), received_ns, span_count, payload), min(following, end)
    except ValueError:  # of a version that knows more
        return None, following


def _find_record(data: bytes) -> int | None:
    """Return where the next whole record begins in bytes that do not begin with one."""
    checked = 0
    for seen in _SIGNAL_AND_PROJECT.finditer(data, _SIGNAL_OFFSET + 1):
        begin = seen.start() - _SIGNAL_OFFSET
        length, checksum = _FRAME.unpack_from(data, begin)
        body = memoryview(data)[begin + _FRAME.size : begin + _FRAME.size + length]
        if not _HEADER.size <= length == len(body) <= MAX_RECORD:
            continue
        if zlib.crc32(body) == checksum:
            return begin
        checked += length
        if checked > _MOST_CHECKED:
            return None
    return None
