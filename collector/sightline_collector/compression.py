"""Bodies as sent → plain bytes, never more than the limit: a small body may claim to be gigabytes."""

import zlib

import zstandard

from sightline_core.errors import CallerError, PayloadTooLarge, UnsupportedMedia

_STEP = 1024


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
                return _inflate(body, 31, limit)
            case "deflate":
                return _deflate(body, limit)
            case "zstd":
                return _zstd(body, limit)
    except (zlib.error, zstandard.ZstdError) as error:
        raise CallerError(f"the body is not valid {name}: {error}") from error
    raise UnsupportedMedia(f"content encoding {name[:40]!r} is not gzip, deflate or zstd")


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    """Gzip allows several members one after the other."""
    parts: list[bytes] = []
    room = limit
    while body:
        member = zlib.decompressobj(window)
        part = member.decompress(body, room + 1)
        if len(part) > room:
            raise _too_large(limit)
        if not member.eof:
            raise CallerError("the compressed body ends too early")
        parts.append(part)
        room -= len(part)
        body = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _deflate(body: bytes, limit: int) -> bytes:
    """RFC 9110 means the zlib format; some clients send a bare deflate stream."""
    try:
        return _inflate(body, 15, limit)
    except zlib.error:
        return _inflate(body, -15, limit)


def _zstd(body: bytes, limit: int) -> bytes:
    """In small steps: one step of input can become at most 32 MiB, whatever the header claims."""
    frame = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    parts: list[bytes] = []
    size = 0
    for start in range(0, len(body), _STEP):
        part = frame.decompress(body[start : start + _STEP])
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if frame.eof:
            break
    if not frame.eof:
        raise CallerError("the compressed body ends too early")
    return b"".join(parts)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"the body decompresses to more than {limit} bytes")
