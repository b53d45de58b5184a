"""The live tail of traces as server-sent events."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from sightline_api.dependencies import Caller, QueryParam, Services
from sightline_api.models import TailSkip
from sightline_api.trace_tail import TailLook, TraceTail
from sightline_api.trace_view import trace_summary
from sightline_api.validation_words import Shape
from sightline_core.errors import BackendError, TooManyRequests, Unauthenticated
from sightline_core.fair_slots import FairSlots
from sightline_core.nanoseconds import to_ns

MAX_TAILS = 20
TAILS_OF_OTHERS = 5
_PERIOD_S = 1.0
_KEEP_ALIVE_LOOKS = 15

# Proxies that buffer, nginx for one, would hold events back.
_HEADERS = {"X-Accel-Buffering": "no"}

_EventId = Annotated[str, Shape("[0-9]{1,19}", "the id of an event of a tail")]

logger = logging.getLogger(__name__)

router = APIRouter(tags=["traces"])


def _slot(request: Request, caller: Caller) -> Iterator[None]:
    """Hold a slot for as long as the response is sent: each tail asks the store every second.

    It is for who may read: strangers are told that they may not, and take no room.
    """
    slots = request.app.state.tail_slots
    assert isinstance(slots, FairSlots)
    refusal = TooManyRequests(f"{MAX_TAILS} live tails are open, which is the limit; close one", 5)
    with slots.taken(caller.project, refusal):
        yield


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
    request: Request,
    services: Services,
    caller: Caller,
    node: QueryParam,
    last_event_id: Annotated[_EventId | None, Header()] = None,
) -> StreamingResponse:
    """Stream traces that fit the query as their spans arrive, until the caller leaves or the server stops.

    A trace comes again when more of it arrives. Who wants to miss none reads the list once the stream has
    begun. `Last-Event-ID`, which browsers send by themselves after an interruption, goes on after that event,
    at most ten minutes back. The stream of a key that is revoked ends.
    """

    def may_go_on() -> bool:
        try:
            return services.authenticate(dict(request.headers)) == caller
        except Unauthenticated:
            return False

    tail = TraceTail(services.tail, services.traces, caller.project, node, now_ns=to_ns(services.now()))
    after_ns = None if last_event_id is None else int(last_event_id)
    first = await run_in_threadpool(tail.start, after_ns)
    return StreamingResponse(
        _events(tail, first, services.stopping, may_go_on),
        media_type="text/event-stream",
        headers=_HEADERS,
    )


async def _events(
    tail: TraceTail, first: TailLook, stopping: threading.Event, may_go_on: Callable[[], bool]
) -> AsyncIterator[bytes]:
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
        try:
            if not may_go_on():
                return
            look = await run_in_threadpool(tail.look)
        except BackendError as error:
            # The caller comes back by itself and goes on after its last event.
            logger.warning("a live tail ended", extra={"reason": str(error)})
            return


def _encoded(look: TailLook) -> Iterator[bytes]:
    if look.skipped:
        yield format_sse_event(event="skipped", data_str=TailSkip(traces=look.skipped).model_dump_json())
    moments = [arrival.newest_ns for arrival, _ in look.traces]
    for (arrival, row), following in zip(look.traces, [*moments[1:], None], strict=False):
        # Traces of one request arrived at one moment: only the last of them may say that it was reached.
        yield format_sse_event(
            event="trace",
            data_str=trace_summary(row).model_dump_json(),
            id=None if following == arrival.newest_ns else str(arrival.newest_ns),
        )
