"""Records of the journal: how one lies on disk, and how a file of them is read after a crash.

A record is `length, crc32` (little-endian u32 each) and `length` bytes: arrival time, span count, signal and
project, then the request as protobuf. The checksum covers all of those bytes.
"""

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


class Signal(IntEnum):
    """What a record's payload is."""

    TRACES = 1
    LOGS = 2


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
    """Where reading a segment had to stop. `torn`: the last record is incomplete, as a crash leaves it."""

    offset: int
    torn: bool


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
    """Yield entries with the offset after each, from the file's position to `end`; damage ends it."""
    offset = file.tell()
    while offset < end:
        frame = file.read(_FRAME.size)
        if len(frame) < _FRAME.size:
            yield Damage(offset, torn=True)
            return
        length, checksum = _FRAME.unpack(frame)
        following = offset + _FRAME.size + length
        if following > end:
            yield Damage(offset, torn=True)
            return
        entry = _read(file, length, checksum) if _HEADER.size <= length <= MAX_RECORD else None
        if entry is None:
            yield Damage(offset, torn=False)
            return
        yield entry, following
        offset = following


def _read(file: BinaryIO, length: int, checksum: int) -> Entry | None:
    """Return the entry; None when its bytes are not those that were written."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    received_ns, span_count, signal, project_size = _HEADER.unpack(header)
    project = file.read(min(project_size, length - _HEADER.size))
    payload = file.read(length - _HEADER.size - len(project))
    if zlib.crc32(payload, zlib.crc32(project, zlib.crc32(header))) != checksum:
        return None
    return Entry(project.decode(), Signal(signal), received_ns, span_count, payload)
