"""OTLP/HTTP: read, authenticate, check, journal, acknowledge."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sightline_collector.compression import decompress
from sightline_collector.config import CollectorConfig
from sightline_collector.intake import Intake
from sightline_collector.logs_request import logs_acceptance
from sightline_collector.metrics_answer import answer_metrics
from sightline_collector.otlp_response import JSON, PROTOBUF, accepted, encode, failed, refused
from sightline_collector.trace_request import TraceRequest
from sightline_core.auth import Principal
from sightline_core.errors import PayloadTooLarge, SightlineError, UnsupportedMedia

logger = logging.getLogger(__name__)

# Below this, handing work to a thread costs more than it saves the event loop.
_INLINE_SIZE = 32 * 1024

_MAX_REST = 64 * 1024 * 1024

_THREADS = 8

_SLOWED_STEPS = 40
_SLOWED_STEP_S = 0.01

_T = TypeVar("_T")

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Receiver:
    """The HTTP door of the collector."""

    def __init__(self, config: CollectorConfig, intake: Intake) -> None:
        self._config = config
        self._intake = intake
        # Not those that API requests use: all of them may be waiting for the store.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="otlp")

    def routes(self) -> list[BaseRoute]:
        """Return routes for every path below /v1, so that every wrong turn gets an OTLP answer."""
        return [
            Route("/v1/traces", self._guarded(self._traces), methods=_METHODS),
            Route("/v1/logs", self._guarded(self._logs), methods=_METHODS),
            Route("/v1/metrics", self._guarded(self._metrics), methods=_METHODS),
            Route("/v1/{path:path}", self._not_found, methods=_METHODS),
        ]

    def _guarded(
        self, handle: Callable[[Request, bool], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Turn every error into an OTLP `Status` in the request's encoding."""

        async def answer(request: Request) -> Response:
            is_json = _is_json(request)
            if request.method != "POST":
                return failed(
                    405, f"{request.method} is not allowed; use POST", is_json=is_json, headers=_ALLOW
                )
            try:
                return await handle(request, is_json)
            except SightlineError as error:
                self._intake.refused(error)
                await _read_rest(request)
                return refused(error, is_json=is_json)
            except ClientDisconnect:
                self._intake.incomplete()
                return failed(400, "the client went away", is_json=is_json)
            except Exception:
                self._intake.refused(None)
                logger.exception("a request could not be handled")
                return failed(500, "internal error", is_json=is_json)

        return answer

    async def _not_found(self, request: Request) -> Response:
        message = f"{request.url.path[:100]} is not an OTLP path; traces go to /v1/traces"
        return failed(404, message, is_json=_is_json(request))

    async def _traces(self, request: Request, is_json: bool) -> Response:
        principal = self._admit(request)
        self._intake.check_rate(principal)
        limits = self._config.limits_of(principal.project)
        body = await _read_body(request, limits.max_body_size)
        encoding = request.headers.get("content-encoding", "")
        read = partial(self._read_spans, body, encoding, limits.max_decompressed_size, is_json=is_json)
        # What a compressed body will be is not known before.
        parsed = await self._in_thread(read) if encoding or len(body) > _INLINE_SIZE else read()
        await asyncio.wrap_future(self._intake.journal(principal, parsed))
        await self._slow_down()
        return accepted(parsed.rejected, is_json=is_json)

    def _read_spans(self, body: bytes, encoding: str, limit: int, *, is_json: bool) -> TraceRequest:
        return self._intake.read_spans(decompress(body, encoding, limit), is_json=is_json)

    async def _slow_down(self) -> None:
        """Hold the answer back for a moment while the store is behind: one sender shall not run far ahead.

        Not for longer, as what waits in a sender is lost more easily than what waits in the journal.
        """
        for _ in range(_SLOWED_STEPS):
            if not self._intake.is_behind():
                return
            await asyncio.sleep(_SLOWED_STEP_S)

    async def _logs(self, request: Request, is_json: bool) -> Response:
        principal = self._admit(request)
        self._intake.check_rate(principal)
        body = await self._plain_body(request, principal)
        events = await self._in_thread(partial(self._intake.read_events, body, is_json=is_json))
        await asyncio.wrap_future(self._intake.journal_events(principal, events))
        return encode(logs_acceptance(events.rejected), 200, is_json=is_json)

    async def _metrics(self, request: Request, is_json: bool) -> Response:
        body = await self._plain_body(request, self._admit(request))
        answer = await self._in_thread(partial(answer_metrics, body, is_json=is_json))
        return encode(answer, 200, is_json=is_json)

    async def _plain_body(self, request: Request, principal: Principal) -> bytes:
        limits = self._config.limits_of(principal.project)
        body = await _read_body(request, limits.max_body_size)
        encoding = request.headers.get("content-encoding", "")
        return await self._in_thread(partial(decompress, body, encoding, limits.max_decompressed_size))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _admit(self, request: Request) -> Principal:
        principal = self._intake.admit(dict(request.headers))
        kind = _media_type(request)
        if kind not in (PROTOBUF, JSON):
            raise UnsupportedMedia(f"content type {kind[:60]!r} is neither {PROTOBUF} nor {JSON}")
        return principal


async def _read_body(request: Request, limit: int) -> bytes:
    """Read at most the limit; a longer body is refused by its announced length, or once it gets there."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise PayloadTooLarge(f"the body is over the limit of {limit} bytes")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise PayloadTooLarge(f"the body is over the limit of {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _read_rest(request: Request) -> None:
    """Let go of what is on its way from a client that asked for the connection's end with the answer.

    An end before that would be a reset, and the client would not learn why it was refused.
    """
    announced = request.headers.get("content-length", "")
    closes = "close" in request.headers.get("connection", "").lower() and "expect" not in request.headers
    if closes and announced.isdigit() and int(announced) <= _MAX_REST:
        with suppress(RuntimeError, ClientDisconnect):  # the first: it was read to its end before
            async for _ in request.stream():
                pass


_ALLOW = {"Allow": "POST"}


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(request: Request) -> bool:
    """Protobuf is OTLP's default; JSON is also what a person with curl can read."""
    kind = _media_type(request)
    return kind not in (PROTOBUF, "application/protobuf", "")
