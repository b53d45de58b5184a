"""Recorded model calls, to be made again: as a command, as a program, or by the server."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from sightline_api.dependencies import Caller, Editor, Services, SpanIdParam, TraceIdParam
from sightline_api.models import ReplayedCall
from sightline_api.replay_request import replay_request
from sightline_api.replay_script import curl_command, python_program
from sightline_core.errors import Conflict

router = APIRouter(tags=["replay"])

_SCRIPT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The script.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/traces/{trace_id}/spans/{span_id}/replay", response_class=PlainTextResponse, responses=_SCRIPT)
def read_replay_script(
    services: Services,
    caller: Caller,
    trace_id: TraceIdParam,
    span_id: SpanIdParam,
    form: Annotated[Literal["curl", "python"], Query(alias="format")] = "curl",
) -> PlainTextResponse:
    """Return the call as a shell command or a program; key and address come from whoever runs it.

    409 when the span is no call that can be made again. What was not recorded is named in comments.
    """
    request = replay_request(services.traces.read_span(caller.project, trace_id, span_id))
    script = curl_command(request) if form == "curl" else python_program(request)
    # A prompt in it may look like a page to a browser that guesses.
    return PlainTextResponse(script, headers={"X-Content-Type-Options": "nosniff"})


@router.post("/traces/{trace_id}/spans/{span_id}/replay")
def replay_call(
    services: Services, caller: Editor, trace_id: TraceIdParam, span_id: SpanIdParam
) -> ReplayedCall:
    """Make the call again at the endpoint that the operator configured, and record it as a trace.

    The new span links to the old one. 409 when no endpoint is configured, or when the call cannot be made
    as it was, because parts of it were not recorded.
    """
    original = services.traces.read_span(caller.project, trace_id, span_id)
    request = replay_request(original)
    if request.missing:
        raise Conflict(
            f"the call cannot be made as it was; not recorded: {'; '.join(request.missing)}"[:1000]
        )
    replayed = services.replay.replay(caller.project, request, original)
    return ReplayedCall(
        trace_id=replayed.trace_id,
        span_id=replayed.span_id,
        http_status=replayed.http_status or None,
        error=replayed.error or None,
    )
