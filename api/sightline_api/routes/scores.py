"""Scores: what people, code and models think of spans, traces and sessions."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from sightline_api.dependencies import Caller, Editor, Range, Sender, Services
from sightline_api.score_models import OneOrMany, ScoreBody, ScoreList, ScoresWritten
from sightline_api.score_view import score_view
from sightline_api.validation_words import HexId
from sightline_core.auth import Principal
from sightline_core.errors import CallerError
from sightline_core.ids import parse_span_id, parse_trace_id
from sightline_core.nanoseconds import EPOCH, to_ns
from sightline_storage.scores.score_queries import ScoreFilter
from sightline_storage.scores.score_record import Score, score_type_of

router = APIRouter(tags=["scores"])

_CLOCK_AHEAD = timedelta(days=1)


@router.post("/scores")
def write_scores(services: Services, caller: Sender, body: OneOrMany) -> ScoresWritten:
    """Store one score or a list of them, all or none. Sending them again changes nothing.

    What is scored may arrive later. The newest `scored_at` of one target, name, source and author counts.
    """
    bodies = body if isinstance(body, list) else [body]
    now = services.now()
    scores: list[Score] = []
    for number, given in enumerate(bodies):
        try:
            scores.append(_score(given, caller, now))
        except CallerError as error:
            where = f"score {number}: " if len(bodies) > 1 else ""
            raise CallerError(f"{where}{error}") from error
    services.score_writer.write(caller.project, scores)
    return ScoresWritten(score_ids=[score.score_id for score in scores])


@router.get("/scores")
def list_scores(
    services: Services,
    caller: Caller,
    time_range: Range,
    trace_id: Annotated[str | None, Query(max_length=32)] = None,
    span_id: Annotated[str | None, Query(max_length=16)] = None,
    session: Annotated[str | None, Query(max_length=1000)] = None,
    name: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> ScoreList:
    """Return scores, newest first. Of a trace or a session all of them, else those given in the time range.

    `trace_id` includes the scores of its spans; `session` those on the session itself.
    """
    checked_trace, checked_span = _ids(trace_id, span_id)
    wanted = ScoreFilter(
        trace_ids=(checked_trace,) if checked_trace else (),
        span_id=checked_span,
        session=session or "",
        name=name or "",
        between_ns=None if checked_trace or session else (to_ns(time_range.start), to_ns(time_range.end)),
    )
    page = services.scores.find(caller.project, wanted, limit=limit, cursor=cursor)
    return ScoreList(scores=[score_view(score) for score in page.scores], next_cursor=page.next_cursor)


@router.delete("/scores/{score_id}", status_code=204, response_class=Response)
def delete_score(services: Services, caller: Editor, score_id: HexId) -> None:
    """Delete a score; what its comment said is no failure any more either."""
    services.deletions.delete_score(caller.project, score_id, services.now())


def _ids(trace_id: str | None, span_id: str | None) -> tuple[str, str]:
    """Return the ids in lower case, "" for those not given; raises `CallerError` for what is not an id."""
    trace = parse_trace_id(trace_id) if trace_id else ""
    span = parse_span_id(span_id) if span_id else ""
    if trace is None:
        raise CallerError("trace_id is 32 hex digits, not all zero")
    if span is None:
        raise CallerError("span_id is 16 hex digits, not all zero")
    return trace, span


def _score(body: ScoreBody, caller: Principal, now: datetime) -> Score:
    trace_id, span_id = _ids(body.trace_id, body.span_id)
    scored_at = body.scored_at or now
    # Compared before it is converted: UTC has no year 0 for the first day of year 1 in the east.
    if not EPOCH <= scored_at <= now + _CLOCK_AHEAD:
        raise CallerError("scored_at lies before 1970 or more than a day ahead")
    return Score(
        trace_id=trace_id,
        span_id=span_id,
        session=body.session or "",
        name=body.name,
        source=body.source,
        author=body.author or (caller.name if body.source == "human" else ""),
        value_type=body.value_type or score_type_of(body.value),
        value=body.value,
        comment=body.comment,
        scored_at=scored_at.astimezone(UTC),
    )
