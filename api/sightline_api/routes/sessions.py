"""Sessions as conversations. A session's id is any text, so it is a parameter, not a part of the path."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from sightline_api.activity_models import Conversation, SessionList, SortParam, order_of
from sightline_api.activity_view import session_summary, session_turns
from sightline_api.dependencies import Caller, QueryParam, Range, Services
from sightline_api.score_view import score_view
from sightline_core.limits import MAX_ID
from sightline_core.nanoseconds import time_of
from sightline_core.time_range import TimeRange
from sightline_storage.scores.score_queries import ScoreFilter
from sightline_storage.scores.score_reader import ScorePage

router = APIRouter(tags=["sessions"])

_MAX_SCORES = 1000


@router.get("/sessions")
def list_sessions(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    sort: SortParam = "-last",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=6000)] = None,
) -> SessionList:
    """Return sessions with a trace that fits the query, those with the most of `sort` first.

    Their figures are about all of their traces in the time range.
    """
    page = services.activity.find(
        "session", caller.project, time_range, node, sort=order_of(sort), limit=limit, cursor=cursor
    )
    return SessionList(sessions=[session_summary(row) for row in page.rows], next_cursor=page.next_cursor)


@router.get("/sessions/conversation")
def read_conversation(
    services: Services,
    caller: Caller,
    time_range: Range,
    session: Annotated[str, Query(min_length=1, max_length=MAX_ID)],
    limit: Annotated[int, Query(ge=1, le=200, description="turns")] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Conversation:
    """Return a session with its traces in the time range, in order, and the newest scores on it and them."""
    project = caller.project
    summary = services.activity.read("session", project, time_range, session)
    # The time that it lasted is far shorter than the range of somebody who asks for all time.
    lasted = TimeRange(time_of(summary.first_ns), time_of(summary.last_ns) + timedelta(seconds=1))
    page = services.activity.turns(project, lasted, session, limit=limit, cursor=cursor)
    trace_ids = tuple(turn.trace.trace_id for turn in page.turns)
    on_session = ScoreFilter(session=session)
    found = services.scores.find(project, on_session, limit=_MAX_SCORES, cursor=None)
    on_traces = (
        services.scores.find(project, ScoreFilter(trace_ids), limit=_MAX_SCORES, cursor=None)
        if trace_ids
        else ScorePage([], None)
    )
    return Conversation(
        session=session_summary(summary),
        scores=[score_view(score) for score in found.scores],
        turns=session_turns(page.turns, on_traces.scores),
        more_scores=bool(found.next_cursor or on_traces.next_cursor),
        next_cursor=page.next_cursor,
    )
