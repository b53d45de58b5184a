"""What a query finds beside the list: facets, histogram, groups, spans, and help with writing it."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightline_api.dependencies import Caller, QueryParam, Range, Services
from sightline_api.search_models import (
    Completion,
    CompletionOption,
    Facets,
    Histogram,
    SpanList,
    TraceGroups,
)
from sightline_api.search_view import (
    begin_with,
    facet_of,
    groups_of,
    histogram_of,
    is_years,
    span_summary,
)
from sightline_core.query_completion import find_place
from sightline_core.query_parser import MAX_LENGTH
from sightline_core.query_printer import quote_value
from sightline_core.query_tree import EVERYTHING

MAX_FACETS = 20
MAX_BUCKETS = 500
_OPTIONS = 12

router = APIRouter(tags=["search"])


@router.get("/traces/facets")
def list_facets(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    field: Annotated[list[str], Query(max_length=MAX_FACETS, description="fields or attr.NAME")],
    limit: Annotated[int, Query(ge=1, le=100, description="values of each field")] = 10,
) -> Facets:
    """Return the most frequent values of fields among the traces that fit the query."""
    return Facets(
        facets=[
            facet_of(
                name,
                services.search.facet(caller.project, time_range, node, field=name, limit=limit + 1),
                limit,
            )
            for name in field
        ]
    )


@router.get("/traces/histogram")
def read_histogram(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    buckets: Annotated[int, Query(ge=1, le=MAX_BUCKETS, description="at most so many")] = 60,
) -> Histogram:
    """Return counts, errors, latency and cost over time of the traces that fit the query.

    Of a range of years, buckets before the first span of the project are left out.
    """
    if is_years(time_range):
        time_range = begin_with(services.spend.first_hour(caller.project), time_range)
    return histogram_of(services.search, caller.project, time_range, node, buckets)


@router.get("/traces/groups")
def list_groups(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    by: Annotated[str, Query(max_length=300, description="a text field, or attr.NAME")],
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
) -> TraceGroups:
    """Return figures of the traces that fit the query, for each value of a field."""
    found = services.search.groups(caller.project, time_range, node, by=by, limit=limit + 1)
    return groups_of(by, found, limit)


@router.get("/spans")
def list_spans(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> SpanList:
    """Return spans that fit the query, newest first; `cost`, `latency` and the like are those of the span."""
    page = services.span_search.find_spans(caller.project, time_range, node, limit=limit, cursor=cursor)
    return SpanList(spans=[span_summary(hit) for hit in page.spans], next_cursor=page.next_cursor)


@router.get("/query/completion")
def complete_query(
    services: Services,
    caller: Caller,
    time_range: Range,
    position: Annotated[int, Query(ge=0, le=MAX_LENGTH, description="of the caret, counted from 0")],
    q: Annotated[str, Query(max_length=MAX_LENGTH)] = "",
) -> Completion:
    """Return what can be written at a place of a query; values are those seen in the time range."""
    place = find_place(q, position)
    options = [
        CompletionOption(text=known.text, kind=known.kind, meaning=known.meaning, traces=None)
        for known in place.suggestions
    ]
    if place.field is not None:
        seen = services.search.facet(
            caller.project,
            time_range,
            EVERYTHING,
            field=place.field.name,
            limit=_OPTIONS,
            prefix=place.prefix,
        )
        options += [
            CompletionOption(
                text=quote_value(each.value), kind="value", meaning=each.value, traces=each.traces
            )
            for each in seen
        ]
    return Completion(start=place.start, end=place.end, options=options)
