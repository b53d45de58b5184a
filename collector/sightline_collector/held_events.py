"""Events of spans, in bounded memory and in a file that survives a restart.

Those of a span are held for ten minutes after the last of them came, joined or not: their span may be
delivered again without them, here or through another collector. What comes, and which version of a span is
stored with all its events, is appended to the file. It is written anew, without what was let go, when as much
again was appended or ten minutes have passed.
"""

import logging
import os
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sightline_collector.segment import Damage, Entry, Signal, encode, read_entries
from sightline_core.nanoseconds import SECOND_NS
from sightline_storage.durable import put_in_place

logger = logging.getLogger(__name__)

EventTarget = tuple[str, str, str]
"""What an event is about: project, trace id, span id; or project, "" and a response's id."""

MAX_EVENTS = 2_048
"""Events of one span. Each that comes has all of them read again."""

_LIFETIME_NS = 600 * SECOND_NS
_FIRST_WAIT_NS = 2 * SECOND_NS
_JOINED_WAIT_NS = 60 * SECOND_NS
_TOGETHER_NS = 10 * SECOND_NS
_MAX_SPANS = 20_000
_MAX_SIZE = 32 * 1024 * 1024
_LET_GO = 0
_LEAST_APPENDED = 4 * 1024 * 1024


@dataclass(slots=True)
class _Held:
    """`payloads` are serialised log records in the order of arrival; the same one twice is there once.

    `received_ns` is when the last of them came, by which spans are let go in order.
    `version` is that of the span which is stored with all of them; 0 while none is.
    """

    received_ns: int
    look_ns: int
    wait_ns: int = _FIRST_WAIT_NS
    version: int = 0
    payloads: dict[bytes, int] = field(default_factory=dict)


class HeldEvents:
    """Events by span."""

    def __init__(self, path: Path) -> None:
        """Take over what an earlier process held."""
        self._path = path
        self._held: OrderedDict[EventTarget, _Held] = OrderedDict()
        self._size = 0
        self._saved = True
        self._news: list[bytes] = []
        # The size of the file when it was written anew; None: it may end in the middle of a record.
        self._rewritten: int | None = None
        self._rewritten_ns = self._appended = 0
        self._load()

    def __bool__(self) -> bool:
        """Whether any event is held."""
        return bool(self._held)

    def add(self, key: EventTarget, payload: bytes, received_ns: int) -> bool:
        """Hold one event of the span; return whether it is one of the first `MAX_EVENTS`.

        Of the others one is held: it tells, also after a restart, that there were more.
        """
        held = self._held.setdefault(key, _Held(received_ns, received_ns + _FIRST_WAIT_NS))
        if payload in held.payloads:
            return True
        if len(held.payloads) > MAX_EVENTS:
            return False
        held.payloads[payload] = held.received_ns = received_ns
        self._held.move_to_end(key)
        held.version, held.wait_ns, held.look_ns = 0, _FIRST_WAIT_NS, received_ns + _FIRST_WAIT_NS
        self._size += len(payload)
        self._tell(key, payload, received_ns)
        return len(held.payloads) <= MAX_EVENTS

    def waits(self, key: EventTarget) -> bool:
        """Return whether the span has events that were not stored with it yet."""
        held = self._held.get(key)
        return held is not None and not held.version

    def lacks(self, key: EventTarget, version: int) -> bool:
        """Return whether the span, of which this version is stored, may be without some of its events."""
        held = self._held.get(key)
        return held is not None and held.version < version

    def of(self, key: EventTarget) -> list[tuple[bytes, int]]:
        """Return the span's events, at most `MAX_EVENTS`, with the time of their arrival."""
        held = self._held.get(key)
        return list(islice(held.payloads.items(), MAX_EVENTS)) if held else []

    def had_more(self, key: EventTarget) -> bool:
        """Return whether there were more events of the span than are held."""
        held = self._held.get(key)
        return held is not None and len(held.payloads) > MAX_EVENTS

    def joined(self, key: EventTarget, version: int, now_ns: int) -> None:
        """Note that this version of the span is stored with its events; of a response any time will do."""
        held = self._held.get(key)
        if held and held.version < version:
            if not held.version:
                # Those that were joined in the same while are looked for together.
                look_ns = now_ns + _JOINED_WAIT_NS
                held.wait_ns, held.look_ns = _JOINED_WAIT_NS, look_ns - look_ns % _TOGETHER_NS
            held.version = version
            self._tell(key, None, version)

    def due(self, now_ns: int, limit: int) -> list[EventTarget]:
        """Return spans to look for in the store; each is due again after twice the time.

        Also joined ones, as a copy may have come through another collector since.
        """
        # A look that is further off than its wait was planned by a clock that was set back since.
        due = [key for key, held in self._held.items() if not now_ns < held.look_ns <= now_ns + held.wait_ns][
            :limit
        ]
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
            if not held.version:
                lost += len(held.payloads)
            self._tell(key, None, _LET_GO)
        return lost

    def save(self, now_ns: int) -> None:
        """Return once what is held survives a power loss; raises `OSError`."""
        old = self._appended and abs(now_ns - self._rewritten_ns) >= _LIFETIME_NS
        if self._saved and not old:
            return
        rewritten, self._rewritten = self._rewritten, None
        news, self._news = b"".join(self._news), []
        self._appended += len(news)
        if rewritten is None or old or not self._held or self._appended > max(rewritten, _LEAST_APPENDED):
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
                for payload, received_ns in held.payloads.items():
                    file.writelines(_record(key, payload, received_ns))
                if held.version:
                    file.writelines(_record(key, None, held.version))
            size = file.tell()
        put_in_place(fresh, self._path)
        return size

    def _tell(self, key: EventTarget, payload: bytes | None, time_ns: int) -> None:
        """Have the next save write a record."""
        self._saved = False
        if self._rewritten is not None:
            self._news += _record(key, payload, time_ns)

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
                elif entry.received_ns == _LET_GO:
                    if held := self._held.pop(key, None):
                        self._size -= sum(map(len, held.payloads))
                elif key in self._held:
                    self.joined(key, entry.received_ns, self._held[key].received_ns)
        self._saved = True


_NO_IDS = bytes(24)
_LENGTH = struct.Struct("<H")


def _record(key: EventTarget, payload: bytes | None, time_ns: int) -> tuple[bytes, bytes]:
    """A record of the journal; without an event, its time is the version that is stored with those before."""
    count = 0 if payload is None else 1
    return encode(Entry(key[0], Signal.LOGS, time_ns, count, _pack(key) + (payload or b"")))


def _pack(key: EventTarget) -> bytes:
    """Trace and span id; where there are none, zeros and the response id with its length in front."""
    _, trace_id, named = key
    if trace_id:
        return bytes.fromhex(trace_id + named)
    response_id = named.encode()
    return _NO_IDS + _LENGTH.pack(len(response_id)) + response_id


def _unpack(entry: Entry) -> tuple[EventTarget, bytes]:
    ids, rest = entry.payload[:24], entry.payload[24:]
    if ids != _NO_IDS:
        return (entry.project, ids[:16].hex(), ids[16:].hex()), rest
    (length,) = _LENGTH.unpack_from(rest)
    end = _LENGTH.size + length
    return (entry.project, "", rest[_LENGTH.size : end].decode()), rest[end:]
