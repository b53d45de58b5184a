"""What a query found, as response models."""

from datetime import datetime, timedelta
from decimal import Decimal

from sightline_api.amounts import cost_of, cost_of_span
from sightline_api.search_models import (
    Facet,
    FacetValue,
    Histogram,
    HistogramBucket,
    SpanSummary,
    TraceGroup,
    TraceGroups,
)
from sightline_api.trace_view import status_of
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import SECOND_NS, time_of, to_ns
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange
from sightline_storage.contract import CostTotals
from sightline_storage.search.span_search import SpanHit
from sightline_storage.search.trace_search import TraceFigures, TraceSearch, ValueCount

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_YEARS = timedelta(days=800)
_NOTHING = TraceFigures(
    traces=0, errors=0, p50_ns=0, p95_ns=0, tokens=0, cost=CostTotals(Decimal(0), 0, 0, 0)
)


def facet_of(field: str, seen: list[ValueCount], limit: int) -> Facet:
    """Return a facet of at most `limit` values."""
    shown = seen[:limit]
    return Facet(
        field=field,
        values=[FacetValue(value=each.value, traces=each.traces) for each in shown],
        more=len(seen) > limit,
        sampled=any(each.sampled for each in shown),
    )


def groups_of(by: str, found: list[tuple[str, TraceFigures]], limit: int) -> TraceGroups:
    """Return at most `limit` groups."""
    groups = [TraceGroup(value=value, **_figures(figures)) for value, figures in found[:limit]]
    return TraceGroups(by=by, groups=groups, more=len(found) > limit)


def histogram_of(
    search: TraceSearch, project: ProjectId, time_range: TimeRange, node: Node, most: int
) -> Histogram:
    """Return at most `most` buckets, of a width that is easy to read and starts at multiples of itself."""
    bucket_s = bucket_width_s(time_range, most)
    bucket_ns = bucket_s * SECOND_NS
    first = to_ns(time_range.start) // bucket_ns
    found = search.histogram(project, time_range, node, bucket_ns=bucket_ns)
    count = -(-to_ns(time_range.end) // bucket_ns) - first
    return Histogram(
        start=time_range.start,
        end=time_range.end,
        bucket_s=bucket_s,
        buckets=[
            HistogramBucket(start=time_of(number * bucket_ns), **_figures(found.get(number, _NOTHING)))
            for number in range(first, first + count)
        ],
    )


def is_years(time_range: TimeRange) -> bool:
    """Return whether the range is so long, as "all time" is, that most of it may be empty."""
    return time_range.end - time_range.start > _YEARS


def begin_with(first_hour: datetime | None, time_range: TimeRange) -> TimeRange:
    """Return the range without what is before the first hour with spans; a day of it is left in any case."""
    if first_hour is None:
        return time_range
    start = min(first_hour, time_range.end - timedelta(days=1))
    return TimeRange(max(start, time_range.start), time_range.end)


def bucket_width_s(time_range: TimeRange, most: int) -> int:
    """Return the smallest round width in seconds with which aligned buckets are at most `most`."""
    length_s = (time_range.end - time_range.start).total_seconds()
    wanted = length_s / max(1, most - 1)
    for step in _STEPS_S:
        if step >= wanted:
            return step
    days = -(-wanted // 86_400)
    return int(days) * 86_400


def _figures(figures: TraceFigures) -> dict[str, object]:
    return {
        "traces": figures.traces,
        "errors": figures.errors,
        "p50_ns": figures.p50_ns,
        "p95_ns": figures.p95_ns,
        "tokens": figures.tokens,
        "cost": cost_of(figures.cost),
        "sampled": figures.sampled,
    }


def span_summary(hit: SpanHit) -> SpanSummary:
    """Return one row of the list of spans."""
    return SpanSummary(
        trace_id=hit.trace_id,
        span_id=hit.span_id,
        parent_span_id=hit.parent_span_id,
        name=hit.name,
        kind=hit.kind,
        app=hit.app,
        environment=hit.environment,
        session=hit.session,
        user=hit.user,
        status=status_of(hit.status),
        start_time=time_of(hit.start_ns),
        duration_ns=hit.duration_ns,
        time_to_first_token_ns=hit.time_to_first_token_ns,
        provider=hit.provider,
        model=hit.model,
        input_tokens=hit.input_tokens,
        output_tokens=hit.output_tokens,
        cost=cost_of_span(hit.cost_usd, hit.cost_state),
        failure_category=hit.failure_category,
        input_preview=hit.input_preview,
        output_preview=hit.output_preview,
    )
