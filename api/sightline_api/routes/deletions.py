"""Deletions: traces, and all traces of a user or a session, on request."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightline_api.deletion_models import DeletionBody, DeletionList, DeletionModel
from sightline_api.dependencies import Caller, Editor, Services
from sightline_core.errors import BackendError, CallerError
from sightline_core.ids import parse_trace_id
from sightline_storage.lifecycle.deletion_requests import DeletionRequest

router = APIRouter(tags=["deletions"])


@router.get("/deletions")
def list_deletions(
    services: Services, caller: Caller, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> DeletionList:
    """Return the deletions of the last day, newest first, and how far each of them is."""
    requests = services.deletions.newest(caller.project, limit + 1)
    return DeletionList(
        deletions=[_model(request) for request in requests[:limit]], more=len(requests) > limit
    )


@router.post("/deletions")
def ask_for_deletion(services: Services, caller: Editor, body: DeletionBody) -> DeletionModel:
    """Delete a trace, or every trace with a span of a user or a session, whole, with their scores.

    When it returns they are gone for every reader, unless it is `waiting`: then the store was away, and the
    request is carried out when it is back. What is still on its way is deleted when it arrives.
    """
    value = body.value
    if body.kind == "trace":
        trace_id = parse_trace_id(value)
        if trace_id is None:
            raise CallerError("a trace id is 32 hex digits, not all zero")
        value = trace_id
    now = services.now()
    request = services.deletions.ask(caller.project, body.kind, value, by=caller.name, now=now)
    try:
        return _model(services.deletions.carry_out(request, now))
    except BackendError:
        return _model(request)


def _model(request: DeletionRequest) -> DeletionModel:
    return DeletionModel(
        id=request.id,
        kind=request.kind,
        value=request.value,
        state=request.state,
        traces=request.traces,
        asked_by=request.asked_by,
        requested_at=request.requested_at,
        purged_at=request.purged_at,
    )
