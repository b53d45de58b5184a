"""Bodies as sent → plain bytes, never more than the limit: a small body may claim to be gigabytes."""

import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from sightline_core.errors import CallerError, PayloadTooLarge, UnsupportedMedia

# What one step becomes is in memory before it is counted: of deflate a thousand times the step at most, of
# zstd 32 MiB for each KiB, whatever its header claims.
_DEFLATE_STEP = 16 * 1024
_ZSTD_STEP = 1024
# More of them than a 64 MiB body cut into blocks of 64 KiB has; each costs time, also when it is empty.
_MAX_MEMBERS = 4_096


class _Member(Protocol):
    """One of the compressed streams that a body holds one after the other; most have one."""

    @property
    def eof(self) -> bool:
        """Whether its end was read."""

    @property
    def unused_data(self) -> bytes:
        """What was given to it after its end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what a step of input becomes."""


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the plain body.

    Raises `UnsupportedMedia` for an unknown encoding, `PayloadTooLarge` over `limit` bytes, and `CallerError`
    when the body is not what it claims to be or ends too early.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        if len(body) > limit:
            raise _too_large(limit)
        return body
    try:
        match name:
            case "gzip" | "x-gzip":
                return _unpack(body, lambda: zlib.decompressobj(31), _DEFLATE_STEP, limit)
            case "deflate":
                return _deflate(body, limit)
            case "zstd":
                frames = zstandard.ZstdDecompressor(max_window_size=2**27)
                return _unpack(body, frames.decompressobj, _ZSTD_STEP, limit)
    except (zlib.error, zstandard.ZstdError) as error:
        raise CallerError(f"the body is not valid {name}: {error}") from error
    raise UnsupportedMedia(f"content encoding {name[:40]!r} is not gzip, deflate or zstd")


def _deflate(body: bytes, limit: int) -> bytes:
    """RFC 9110 means the zlib format; some clients send a bare deflate stream."""
    try:
        return _unpack(body, lambda: zlib.decompressobj(15), _DEFLATE_STEP, limit)
    except zlib.error:
        return _unpack(body, lambda: zlib.decompressobj(-15), _DEFLATE_STEP, limit)


def _unpack(body: bytes, begin: Callable[[], _Member], step: int, limit: int) -> bytes:
    """Gzip (RFC 1952) and zstd (RFC 8878) allow several members one after the other.

    In small steps: what one leaves over is copied, and the rest of a large body would be copied for each.
    """
    parts: list[bytes] = []
    size = at = members = 0
    while at < len(body):
        member = begin()
        members += 1
        if members > _MAX_MEMBERS:
            raise CallerError(f"the compressed body has more than {_MAX_MEMBERS} members")
        while not member.eof:
            if at >= len(body):
                raise CallerError("the compressed body ends too early")
            parts.append(member.decompress(body[at : at + step]))
            at += step
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
        at = min(at, len(body)) - len(member.unused_data)
    return b"".join(parts)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"the body decompresses to more than {limit} bytes")
