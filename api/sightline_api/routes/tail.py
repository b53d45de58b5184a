"""The live tail of traces as server-sent events."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from sightline_api.dependencies import Caller, QueryParam, Services
from sightline_api.models import TailSkip, TraceSummary
from sightline_api.trace_tail import TailLook, TraceTail
from sightline_api.trace_view import trace_summary
from sightline_core.errors import TooManyRequests
from sightline_storage.sql import to_ns

MAX_TAILS = 20
_PERIOD_S = 1.0
_KEEP_ALIVE_LOOKS = 15

router = APIRouter(tags=["traces"])


class TailSlots:
    """How many tails may run at once in this process: each asks the store every second."""

    def __init__(self, limit: int) -> None:
        self._free = threading.BoundedSemaphore(limit)

    def taken(self) -> Iterator[None]:
        """Hold a slot for as long as the response is sent; raises `TooManyRequests` when none is free."""
        if not self._free.acquire(blocking=False):
            raise TooManyRequests(f"{MAX_TAILS} live tails are open, which is the limit; close one", 5)
        try:
            yield
        finally:
            self._free.release()


def _slot(request: Request) -> Iterator[None]:
    slots = request.app.state.tail_slots
    assert isinstance(slots, TailSlots)
    yield from slots.taken()


_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `trace` (data: a TraceSummary) and `skipped` (data: a TailSkip), with ids.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/traces/tail",
    response_class=StreamingResponse,
    responses=_EVENT_STREAM,
    dependencies=[Depends(_slot)],
)
async def tail_traces(
    services: Services,
    caller: Caller,
    node: QueryParam,
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,19}$")] = None,
) -> StreamingResponse:
    """Stream traces that fit the query as their spans arrive, until the caller leaves or the server stops.

    A trace comes again when more of it arrives. `Last-Event-ID`, which browsers send by themselves after an
    interruption, goes on after that event, at most ten minutes back.
    """
    tail = TraceTail(services.tail, services.traces, caller.project, node, now_ns=to_ns(services.now()))
    after_ns = None if last_event_id is None else int(last_event_id)
    first = await run_in_threadpool(tail.start, after_ns)
    events = _events(tail, first, services.stopping)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(tail: TraceTail, first: TailLook, stopping: threading.Event) -> AsyncIterator[bytes]:
    yield KEEPALIVE_COMMENT  # headers reach the caller now, not with the first trace
    look, idle = first, 0
    while True:
        for event in _encoded(look):
            yield event
        idle = 0 if look.traces else idle + 1
        if idle == _KEEP_ALIVE_LOOKS:
            yield KEEPALIVE_COMMENT
            idle = 0
        if stopping.is_set():
            return
        await asyncio.sleep(_PERIOD_S)
        look = await run_in_threadpool(tail.look)


def _encoded(look: TailLook) -> Iterator[bytes]:
    if look.skipped:
        yield format_sse_event(event="skipped", data_str=TailSkip(traces=look.skipped).model_dump_json())
    for arrival, row in look.traces:
        data: TraceSummary = trace_summary(row)
        yield format_sse_event(event="trace", data_str=data.model_dump_json(), id=str(arrival.newest_ns))
