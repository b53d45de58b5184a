"""Cost questions answered from a store: the report, what moved, and where the month is going."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sightline_analysis.costs.calendar_buckets import (
    Unit,
    calendar_buckets,
    enclosing_bucket,
    load_zone,
    previous_period,
)
from sightline_analysis.costs.forecast import Forecast, forecast_period_end
from sightline_analysis.costs.movers import Change, Mover, add_changes, top_movers
from sightline_analysis.costs.report import CostReport, ReportQuestion, build_report
from sightline_analysis.costs.spend import Spend
from sightline_analysis.costs.spend_rows import spend_of, spend_rows
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.spend_reader import SpendReader

Filters = Mapping[str, Sequence[str]]

FORECAST_HISTORY = timedelta(days=56)


def read_report(
    reader: SpendReader,
    project: ProjectId,
    time_range: TimeRange,
    dimensions: Sequence[str],
    *,
    unit: Unit,
    zone: str,
    filters: Filters,
    limit: int,
) -> CostReport:
    """Return the report of the range, widened to full minutes, beside the period before it."""
    period = _whole_minutes(time_range)
    before = previous_period(period, load_zone(zone))
    question = ReportQuestion(tuple(dimensions), period, before, unit, zone, limit)
    buckets = calendar_buckets(period, unit, load_zone(zone))
    rows = reader.read_spend(project, period, dimensions, buckets, filters)
    earlier = reader.read_spend(project, before, dimensions, [before.start], filters)
    # A first bucket that began before the range is named by the range's own start.
    inside = [replace(row, bucket=max(row.bucket, period.start)) for row in rows]
    return build_report(question, spend_rows(inside), spend_rows(earlier))


def read_movers(
    reader: SpendReader,
    project: ProjectId,
    time_range: TimeRange,
    dimensions: Sequence[str],
    *,
    zone: str,
    filters: Filters,
    limit: int,
) -> tuple[list[Mover], Change]:
    """Return the groups that changed most against the period before, and the change of all groups."""
    period = _whole_minutes(time_range)
    before = previous_period(period, load_zone(zone))
    asked = [*(name for name in dimensions if name != "model"), "model"]

    def by_group(of: TimeRange) -> dict[tuple[str, ...], dict[str, Spend]]:
        groups: dict[tuple[str, ...], dict[str, Spend]] = defaultdict(dict)
        for row in reader.read_spend(project, of, asked, [of.start], filters):
            value = dict(zip(asked, row.key, strict=True))
            groups[tuple(value[name] for name in dimensions)][value["model"]] = spend_of(row.sums)
        return groups

    earlier, later = by_group(before), by_group(period)
    movers = top_movers(earlier, later, limit=len({*earlier, *later}) or 1)
    return movers[:limit], add_changes([mover.change for mover in movers])


def read_forecast(
    reader: SpendReader, project: ProjectId, now: datetime, *, zone: str, filters: Filters
) -> tuple[TimeRange, Forecast]:
    """Return the calendar month of `now` and what it is expected to cost at its end."""
    local = load_zone(zone)
    month, today = enclosing_bucket(now, "month", local), enclosing_bucket(now, "day", local)
    first = enclosing_bucket(min(month.start, today.start - FORECAST_HISTORY), "day", local).start
    history = TimeRange(first, today.end)
    days = calendar_buckets(history, "day", local)
    daily: dict[datetime, Decimal] = defaultdict(Decimal)
    for row in reader.read_spend(project, history, [], days, filters):
        daily[row.bucket] += row.sums["cost_usd"]
    forecast = forecast_period_end(
        {start.astimezone(local).date(): usd for start, usd in daily.items()},
        first_day=month.start.astimezone(local).date(),
        end_day=month.end.astimezone(local).date(),
        today=now.astimezone(local).date(),
        day_elapsed=(now - today.start) / today.duration,
    )
    return month, forecast


def _whole_minutes(time_range: TimeRange) -> TimeRange:
    start = time_range.start.replace(second=0, microsecond=0)
    end = time_range.end.replace(second=0, microsecond=0)
    return TimeRange(start, end if end == time_range.end else end + timedelta(minutes=1))
