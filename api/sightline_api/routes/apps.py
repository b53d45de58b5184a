"""Apps seen, and how they do."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightline_api.activity_models import AppOverview
from sightline_api.activity_view import app_health
from sightline_api.dependencies import Caller, QueryParam, Range, Services
from sightline_api.models import AppList
from sightline_api.trace_view import app_summary
from sightline_core.nanoseconds import EPOCH, time_of
from sightline_core.time_range import TimeRange

router = APIRouter(tags=["apps"])


@router.get("/apps")
def list_apps(
    services: Services,
    caller: Caller,
    time_range: Range,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
) -> AppList:
    """Return the apps with spans in the time range, most traces first."""
    rows = services.traces.list_apps(caller.project, time_range, limit=limit + 1)
    return AppList(apps=[app_summary(row) for row in rows[:limit]], more=len(rows) > limit)


@router.get("/apps/overview")
def read_app_overview(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    buckets: Annotated[int, Query(ge=1, le=200)] = 48,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 1_000,
) -> AppOverview:
    """Return the apps with traces that fit the query, their figures over time and those of the period before.

    A trace counts for every app that has a span in it.
    """
    read = services.app_reader.overview
    found = read(caller.project, time_range, node, buckets=buckets, limit=limit + 1)
    shown, period = found.apps[:limit], _before(time_range)
    names = [row.app for row in shown]
    before = read(caller.project, period, node, buckets=1, limit=limit, only=names).apps if period else []
    earlier = {row.app: row for row in before}
    return AppOverview(
        start=time_of(found.start_ns),
        bucket_s=found.bucket_ns / 1e9,
        apps=[app_health(row, earlier.get(row.app)) for row in shown],
        more=len(found.apps) > limit,
    )


def _before(time_range: TimeRange) -> TimeRange | None:
    """Return the range of the same length that ends where this one starts; None before there was time."""
    start = max(time_range.start - time_range.duration, EPOCH)
    return TimeRange(start, time_range.start) if start < time_range.start else None
