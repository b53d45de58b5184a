"""Events whose span has not come yet, in bounded memory and in a file that survives a restart.

What comes, and that a span waits no more, is appended to the file. It is written anew when as much again was
appended, and at the latest after the time that an event may wait: then none is in it any longer than that.
"""

import logging
import os
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from sightline_collector.checkpoint import sync_directory
from sightline_collector.segment import Damage, Entry, Signal, encode, read_entries

logger = logging.getLogger(__name__)

SpanKey = tuple[str, str, str]
"""Project, trace id and span id; or project, "" and the id of a response, whose span is not known."""

_SECOND_NS = 1_000_000_000
_LIFETIME_NS = 600 * _SECOND_NS
_FIRST_WAIT_NS = 2 * _SECOND_NS
_MAX_SPANS = 20_000
_MAX_SIZE = 32 * 1024 * 1024
_LEAST_APPENDED = 4 * 1024 * 1024


@dataclass(slots=True)
class _Held:
    """`payloads` are serialised log records in the order of arrival; the same one twice is there once."""

    received_ns: int
    look_ns: int
    wait_ns: int = _FIRST_WAIT_NS
    joined: bool = False
    payloads: dict[bytes, int] = field(default_factory=dict)


class HeldEvents:
    """Events by span. Joined ones stay for a while too, because their span may be sent again without them."""

    def __init__(self, path: Path) -> None:
        """Take over what an earlier process held."""
        self._path = path
        self._held: OrderedDict[SpanKey, _Held] = OrderedDict()
        self._size = self._waiting = 0
        self._saved = True
        self._news: list[bytes] = []
        # The size of the file when it was written anew; None: it may end in the middle of a record.
        self._rewritten: int | None = None
        self._rewritten_ns = self._appended = 0
        self._load()

    def __bool__(self) -> bool:
        """Whether any event is held."""
        return bool(self._held)

    def add(self, key: SpanKey, payload: bytes, received_ns: int) -> None:
        """Hold one event of the span."""
        held = self._held.setdefault(key, _Held(received_ns, received_ns + _FIRST_WAIT_NS, joined=True))
        if payload in held.payloads:
            return
        held.payloads[payload] = received_ns
        if held.joined:
            self._waiting += 1
        # The file says of those that were joined before that they do not wait.
        for each in held.payloads if held.joined else (payload,):
            self._tell(key, each, held.payloads[each])
        held.joined, held.wait_ns, held.look_ns = False, _FIRST_WAIT_NS, received_ns + _FIRST_WAIT_NS
        self._size += len(payload)

    def waits(self, key: SpanKey) -> bool:
        """Return whether the span has events that are not stored with it."""
        held = self._held.get(key)
        return held is not None and not held.joined

    def of(self, key: SpanKey) -> list[tuple[bytes, int]]:
        """Return the span's events with the time of their arrival."""
        held = self._held.get(key)
        return list(held.payloads.items()) if held else []

    def joined(self, key: SpanKey) -> None:
        """Note that the span is stored with its events."""
        held = self._held.get(key)
        if held and not held.joined:
            held.joined = True
            self._waiting -= 1
            self._tell(key)

    def due(self, now_ns: int, limit: int) -> list[SpanKey]:
        """Return spans to look for in the store; each is due again after twice the time."""
        # A look that is further off than its wait was planned by a clock that was set back since.
        due = [
            key
            for key, held in self._held.items()
            if not held.joined and not now_ns < held.look_ns <= now_ns + held.wait_ns
        ][:limit]
        for key in due:
            held = self._held[key]
            held.wait_ns *= 2
            held.look_ns = now_ns + held.wait_ns
        return due

    def forget_old(self, now_ns: int) -> int:
        """Let go of what is too old or too much; return how many events never found their span."""
        lost = 0
        while self._held:
            key, held = next(iter(self._held.items()))
            if (
                len(self._held) <= _MAX_SPANS
                and self._size <= _MAX_SIZE
                and now_ns - held.received_ns < _LIFETIME_NS
            ):
                break
            del self._held[key]
            self._size -= sum(map(len, held.payloads))
            if not held.joined:
                lost += len(held.payloads)
                self._waiting -= 1
                self._tell(key)
        return lost

    def save(self, now_ns: int) -> None:
        """Return once the events that still wait survive a power loss; raises `OSError`."""
        old = self._appended and abs(now_ns - self._rewritten_ns) >= _LIFETIME_NS
        if self._saved and not old:
            return
        if not self._waiting and self._rewritten == self._appended == 0:
            self._news, self._saved = [], True
            return
        rewritten, self._rewritten = self._rewritten, None
        news, self._news = b"".join(self._news), []
        self._appended += len(news)
        if rewritten is None or old or not self._waiting or self._appended > max(rewritten, _LEAST_APPENDED):
            self._rewritten = self._rewrite()
            self._rewritten_ns, self._appended = now_ns, 0
        else:
            with self._path.open("ab") as file:
                file.write(news)
                file.flush()
                os.fsync(file.fileno())
            self._rewritten = rewritten
        self._saved = True

    def _rewrite(self) -> int:
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            for key, held in self._held.items():
                if not held.joined:
                    for payload, received_ns in held.payloads.items():
                        file.writelines(_record(key, payload, received_ns))
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        fresh.replace(self._path)
        sync_directory(self._path.parent)
        return size

    def _tell(self, key: SpanKey, payload: bytes | None = None, received_ns: int = 0) -> None:
        """Have the next save say that the event waits; without one, that none of the span does."""
        self._saved = False
        if self._rewritten is not None:
            self._news += _record(key, payload, received_ns)

    def _load(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for found in read_entries(file, self._path.stat().st_size):
                if isinstance(found, Damage):
                    logger.warning("held events are damaged", extra={"offset": found.offset})
                    continue
                entry, _ = found
                key, payload = _unpack(entry)
                if entry.span_count:
                    self.add(key, payload, entry.received_ns)
                elif held := self._held.pop(key, None):
                    self._size -= sum(map(len, held.payloads))
                    self._waiting -= 1
        self._saved = True


_NO_IDS = bytes(24)
_LENGTH = struct.Struct("<H")


def _record(key: SpanKey, payload: bytes | None, received_ns: int) -> tuple[bytes, bytes]:
    """A record of the journal; one that counts no event says that none of the span waits any more."""
    count = 0 if payload is None else 1
    return encode(Entry(key[0], Signal.LOGS, received_ns, count, _pack(key) + (payload or b"")))


def _pack(key: SpanKey) -> bytes:
    """Trace and span id; where there are none, zeros and the response id with its length in front."""
    _, trace_id, named = key
    if trace_id:
        return bytes.fromhex(trace_id + named)
    response_id = named.encode()
    return _NO_IDS + _LENGTH.pack(len(response_id)) + response_id


def _unpack(entry: Entry) -> tuple[SpanKey, bytes]:
    ids, rest = entry.payload[:24], entry.payload[24:]
    if ids != _NO_IDS:
        return (entry.project, ids[:16].hex(), ids[16:].hex()), rest
    (length,) = _LENGTH.unpack_from(rest)
    end = _LENGTH.size + length
    return (entry.project, "", rest[_LENGTH.size : end].decode()), rest[end:]
