"""Listening to a response body while the app reads it, byte for byte and never ahead of the app."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from time import time_ns
from typing import Any, cast

from sightline.call import Body, Call, note_open_stream
from sightline_semconv.kinds import StreamOutcome

_BASES = ("SyncByteStream", "AsyncByteStream")


class _Tap:
    """Takes the place of `response.stream`; ends the call when the body ends, unless a stream object does."""

    def __init__(self, inner: Any, call: Call) -> None:
        self._inner = inner
        self._call = call
        self._body = call.body = Body()
        self._exhausted = False

    def __getattr__(self, name: str) -> Any:
        """What else the original has: httpx2 reads `elapsed` from it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._inner, name)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._inner:
                self.heard(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self.failed(error)
            raise
        self.ended()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _AsyncChunks(self._inner, self)

    def heard(self, chunk: bytes) -> None:
        """Take what comes, on its way to the app."""
        if not self._call.first_chunk_ns:
            self._call.first_chunk_ns = time_ns()
        self._body.add(chunk)

    def ended(self) -> None:
        """The body was read to its end."""
        self._exhausted = True

    def failed(self, error: BaseException) -> None:
        """Reading raised."""
        if not self._call.reading:
            self._call.finish(outcome_of(error), error)

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._closed()

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._closed()

    def _closed(self) -> None:
        if not self._call.reading:
            self._call.finish(StreamOutcome.COMPLETE if self._exhausted else StreamOutcome.ABANDONED)

    def __del__(self) -> None:
        self._call.leave()


class _AsyncChunks(AsyncGenerator[bytes, None]):
    """The chunks of a body as they come.

    None of Python's own generators: the event loop would know it, and close it beside the one underneath, in
    whatever order. httpx2 closes what is a generator.
    """

    def __init__(self, stream: Any, tap: _Tap) -> None:
        self._chunks = aiter(stream)
        self._tap = tap

    async def __anext__(self) -> bytes:
        try:
            chunk: bytes = await anext(self._chunks)
        except StopAsyncIteration:
            self._tap.ended()
            raise
        except BaseException as error:
            self._tap.failed(error)
            raise
        self._tap.heard(chunk)
        return chunk

    async def asend(self, value: None) -> bytes:
        return await anext(self)

    async def athrow(self, *error: Any) -> bytes:
        return cast(bytes, await self._chunks.athrow(*error))

    async def aclose(self) -> None:
        if isinstance(self._chunks, AsyncGenerator):
            await self._chunks.aclose()


_tap_classes: dict[type, type[_Tap]] = {}


def tap_body(response: Any, call: Call) -> None:
    """Let `call` hear the body of an HTTP response that has not been read.

    The HTTP client insists on its own stream type, and there are two clients (httpx, httpx2): the tap
    inherits from whatever abstract streams the original does.
    """
    inner = response.stream
    kind = _tap_classes.get(type(inner))
    if kind is None:
        bases = tuple(base for base in type(inner).__mro__ if base.__name__ in _BASES)
        kind = _tap_classes[type(inner)] = type("TappedStream", (_Tap, *bases), {})
    response.stream = kind(inner, call)
    note_open_stream(call)


def outcome_of(error: BaseException) -> StreamOutcome:
    """How a stream ended that raised: cancelled by the app, cut on the way, or failed by the provider."""
    name = type(error).__name__
    if name in {"CancelledError", "Cancelled", "KeyboardInterrupt", "GeneratorExit", "SystemExit"}:
        return StreamOutcome.CANCELLED
    if name in {"APIError", "InternalServerError", "RateLimitError"}:
        return StreamOutcome.ERROR
    return StreamOutcome.CUT
