"""A trace beside others, and what is inside it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from sightline_api.dependencies import (
    Caller,
    OtherSpanIdParam,
    OtherTraceIdParam,
    Services,
    SpanIdParam,
    TraceIdParam,
)
from sightline_api.trace_diff_models import SpanMatches, StepDiff, TraceBaseline, TraceDiff, TraceNeighbours
from sightline_api.trace_diff_view import Side, step_diff, trace_diff
from sightline_api.trace_view import trace_summary
from sightline_core.errors import NotFound
from sightline_core.ids import TraceId
from sightline_storage.contract import TraceRow
from sightline_storage.traces.trace_inspector import BASELINE_DAYS, median_run

router = APIRouter(tags=["traces"])


@router.get("/traces/{trace_id}/diff/{other_trace_id}", response_model=TraceDiff)
def diff_traces(
    services: Services,
    caller: Caller,
    trace_id: TraceIdParam,
    other_trace_id: OtherTraceIdParam,
    limit: Annotated[int, Query(ge=1, le=10_000, description="steps of one page")] = 5_000,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Return two traces aligned step by step: the first is the left side, the other the right."""

    def side(trace: TraceId) -> Side:
        row, spans = services.traces.read_trace(caller.project, trace)
        return row, spans, services.inspector.content_digests(caller.project, trace)

    page = trace_diff(side(trace_id), side(other_trace_id), limit=limit, cursor=cursor)
    # Serialised here: FastAPI would validate every value of thousands of steps a second time.
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/traces/{trace_id}/diff/{other_trace_id}/steps/{span_id}/{other_span_id}")
def diff_steps(
    services: Services,
    caller: Caller,
    trace_id: TraceIdParam,
    other_trace_id: OtherTraceIdParam,
    span_id: SpanIdParam,
    other_span_id: OtherSpanIdParam,
) -> StepDiff:
    """Return the texts of two spans beside each other: errors, prompts, tools, arguments, outputs."""
    return step_diff(
        services.traces.read_span(caller.project, trace_id, span_id),
        services.traces.read_span(caller.project, other_trace_id, other_span_id),
    )


@router.get("/traces/{trace_id}/baseline")
def read_trace_baseline(services: Services, caller: Caller, trace_id: TraceIdParam) -> TraceBaseline:
    """Return the median good run of the same kind, to hold a failing trace beside.

    Good runs have the same app and root name, ended in the days before without an error or a failure; the
    newest 50 of them count, and the median is that of their durations.
    """
    row = _row(services, caller, trace_id)
    runs = services.inspector.good_runs(caller.project, row)
    median = median_run(runs)
    return TraceBaseline(
        trace=trace_summary(median) if median else None, candidates=len(runs), days=BASELINE_DAYS
    )


@router.get("/traces/{trace_id}/neighbours")
def read_trace_neighbours(services: Services, caller: Caller, trace_id: TraceIdParam) -> TraceNeighbours:
    """Return the traces of the same session before and after this one, within 30 days."""
    row = _row(services, caller, trace_id)
    found = services.inspector.session_neighbours(caller.project, row)
    return TraceNeighbours(
        previous=trace_summary(found.previous) if found.previous else None,
        next=trace_summary(found.next) if found.next else None,
    )


def _row(services: Services, caller: Caller, trace_id: TraceId) -> TraceRow:
    rows = services.traces.read_rows(caller.project, [trace_id])
    if not rows:
        raise NotFound(f"no trace {trace_id} is stored")
    return rows[0]


@router.get("/traces/{trace_id}/search")
def search_trace(
    services: Services,
    caller: Caller,
    trace_id: TraceIdParam,
    text: Annotated[str, Query(min_length=1, max_length=500, description="letter case does not matter")],
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> SpanMatches:
    """Return the spans of a trace that hold a text in their name, errors, prompts or answers."""
    found = services.inspector.find_text(caller.project, trace_id, text, limit + 1)
    return SpanMatches(span_ids=found[:limit], more=len(found) > limit)
