"""Traces and their spans."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from sightline_api.dependencies import Caller, QueryParam, Range, Services, SpanIdParam, TraceIdParam
from sightline_api.models import SpanDetail, Trace, TraceList
from sightline_api.span_view import span_detail
from sightline_api.trace_pages import trace_page
from sightline_api.trace_view import trace_summary
from sightline_storage.search.trace_search import Order

router = APIRouter(tags=["traces"])

TraceSort = Literal["-start", "start", "-duration", "duration", "-cost", "cost", "-tokens", "tokens"]


@router.get("/traces")
def list_traces(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    sort: Annotated[TraceSort, Query(description="- is descending")] = "-start",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> TraceList:
    """Return the traces that fit the query; `cursor` is the `next_cursor` of a page of the same list.

    A trace's place in time is that of its first span that fits, or its start when no single span can fit.
    """
    order = Order(sort.removeprefix("-"), descending=sort.startswith("-"))
    page = services.search.find_traces(
        caller.project, time_range, node, order=order, limit=limit, cursor=cursor
    )
    return TraceList(traces=[trace_summary(row) for row in page.traces], next_cursor=page.next_cursor)


@router.get("/traces/{trace_id}", response_model=Trace)
def read_trace(
    services: Services,
    caller: Caller,
    trace_id: TraceIdParam,
    limit: Annotated[int, Query(ge=1, le=30_000, description="spans of one page")] = 10_000,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Return a trace with its spans in tree order, without their content."""
    row, spans = services.traces.read_trace(caller.project, trace_id)
    page = trace_page(row, spans, limit=limit, cursor=cursor)
    # Serialised here: FastAPI would validate some 200,000 values a second time.
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/traces/{trace_id}/spans/{span_id}")
def read_span(services: Services, caller: Caller, trace_id: TraceIdParam, span_id: SpanIdParam) -> SpanDetail:
    """Return one span with its content."""
    return span_detail(services.traces.read_span(caller.project, trace_id, span_id))
