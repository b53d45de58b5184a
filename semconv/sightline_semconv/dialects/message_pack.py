"""MessagePack, as msgpack.org specifies it, without extensions: Datadog packs objects into it."""

import struct
from typing import Any

_MAX_DEPTH = 24


class MessagePack:
    """Reads values one after the other. Keys become text, as in JSON, and bytes become text, too."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, depth: int = 0) -> Any:
        """Return the next value; raises `ValueError` for what is none."""
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        code = self._take(1)[0]
        if code < 0x80 or code >= 0xE0:
            return code if code < 0x80 else code - 0x100
        if code < 0xC0:
            size = code & (0x0F if code < 0xA0 else 0x1F)
            return self._sized("map" if code < 0x90 else "list" if code < 0xA0 else "text", size, depth)
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        if code in _FLOATS:
            return struct.unpack(_FLOATS[code], self._take(struct.calcsize(_FLOATS[code])))[0]
        if code in _NUMBERS:
            return int.from_bytes(self._take(1 << (code & 3)), "big", signed=code >= 0xD0)
        if code in _SIZED:
            kind, length = _SIZED[code]
            return self._sized(kind, int.from_bytes(self._take(length), "big"), depth)
        raise ValueError("unknown code")

    def _sized(self, kind: str, size: int, depth: int) -> Any:
        if kind == "text":
            return self._take(size).decode("utf-8", "replace")
        if kind == "list":
            return [self.read(depth + 1) for _ in range(size)]
        return {str(self.read(depth + 1)): self.read(depth + 1) for _ in range(size)}

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError("cut short")
        self._at += size
        return taken


_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_FLOATS = {0xCA: ">f", 0xCB: ">d"}
_NUMBERS = frozenset(range(0xCC, 0xD4))
_SIZED = {
    **{0xC4 + power: ("text", 1 << power) for power in range(3)},  # bytes
    **{0xD9 + power: ("text", 1 << power) for power in range(3)},
    **{0xDC + power: ("list", 2 << power) for power in range(2)},
    **{0xDE + power: ("map", 2 << power) for power in range(2)},
}
"""Code → what follows, and in how many bytes its size is."""
