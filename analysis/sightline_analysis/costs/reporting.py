"""Cost questions answered from a store: the report, what moved, and where the month is going."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sightline_analysis.costs.calendar_buckets import (
    Unit,
    calendar_buckets,
    enclosing_bucket,
    load_zone,
    previous_period,
)
from sightline_analysis.costs.forecast import Forecast, forecast_end, forecast_history
from sightline_analysis.costs.movers import Change, Mover, add_changes, explain_change, top_movers
from sightline_analysis.costs.report import CostReport, ReportQuestion, build_report
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_analysis.costs.spend_rows import spend_of, spend_rows
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.spend.spend_queries import OVERLAPPING, Filters, Key
from sightline_storage.spend.spend_reader import CallLatency, SpendReader

MOVERS_LISTED = 500
_DAY, _YEARS = timedelta(days=1), timedelta(days=800)
UNMEASURED = CallLatency(None, None, None)


@dataclass(frozen=True, slots=True)
class MeasuredReport:
    """A report with the latency of its groups, by key: `None` is the rest, `total_latency` all calls.

    `sampled`: sampled calls are in the period, and all of its figures are estimates.
    """

    report: CostReport
    latency: Mapping[Key | None, CallLatency]
    total_latency: CallLatency
    sampled: bool


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
) -> MeasuredReport:
    """Return the report of the range, widened to full minutes, beside the period before it."""
    period = _known_period(reader, project, time_range)
    before = previous_period(period, load_zone(zone))
    question = ReportQuestion(tuple(dimensions), period, before, unit, zone, limit)
    buckets = calendar_buckets(period, unit, load_zone(zone))

    def read(asked: Sequence[str], listed: Sequence[Key] | None, count: int | None) -> CostReport:
        rows = reader.read_spend(project, period, asked, buckets, filters, listed)
        earlier = reader.read_spend(project, before, asked, [before.start], filters, listed)
        # A first bucket that began before the range is named by the range's own start.
        inside = [replace(row, bucket=max(row.bucket, period.start)) for row in rows]
        return build_report(question, spend_rows(inside), spend_rows(earlier), group_count=count)

    listed, count = reader.find_listed(project, period, dimensions, filters, limit)
    report = read(dimensions, listed, count)
    if OVERLAPPING.intersection(dimensions):
        report = replace(report, total=read([], [()], 1).total, overlaps=True)
    keys = [group.key for group in report.groups if not group.is_rest]
    latency = reader.read_latency(project, period, dimensions, filters, keys)
    whole = reader.read_latency(project, period, [], filters, [()])
    sampled = reader.is_sampled(project, period, filters)
    return MeasuredReport(report, latency, whole.get((), UNMEASURED), sampled)


@dataclass(frozen=True, slots=True)
class Movers:
    """Groups that changed most. `rest` are groups too small to be listed, if they changed; `total` is all.

    `sampled`: sampled calls are in one of the periods, and the amounts are estimates.
    """

    groups: list[Mover]
    rest: Change | None
    total: Change
    sampled: bool


def read_movers(
    reader: SpendReader,
    project: ProjectId,
    time_range: TimeRange,
    dimensions: Sequence[str],
    *,
    zone: str,
    filters: Filters,
    limit: int,
) -> Movers:
    """Return the groups that changed most against the period before, and the change of all groups.

    Where groups are without a bound, the costliest of each period are looked at one by one, and the others as
    one group.
    """
    period = _known_period(reader, project, time_range)
    before = previous_period(period, load_zone(zone))
    asked = [*(name for name in dimensions if name != "model"), "model"]
    if OVERLAPPING.intersection(asked):
        raise CallerError("a change by tag has no causes that add up; ask by tags, the whole set of them")
    found = [reader.find_listed(project, of, asked, filters, MOVERS_LISTED)[0] for of in (before, period)]
    listed = None if found[0] is None else sorted({key for keys in found for key in keys or ()})

    def by_group(of: TimeRange) -> tuple[dict[Key, dict[str, Spend]], dict[str, Spend]]:
        groups: dict[Key, dict[str, Spend]] = defaultdict(dict)
        rest: dict[str, Spend] = {}
        for row in reader.read_spend(project, of, asked, [of.start], filters, listed):
            if row.is_rest:
                rest[""] = spend_of(row.sums)
                continue
            value = dict(zip(asked, row.key, strict=True))
            groups[tuple(value[name] for name in dimensions)][value["model"]] = spend_of(row.sums)
        return groups, rest

    (earlier, rest_before), (later, rest_after) = by_group(before), by_group(period)
    movers = top_movers(earlier, later, limit=len({*earlier, *later}) or 1)
    rest = explain_change(rest_before, rest_after)
    # Groups that did not change are in no list, but their calls belong to the totals.
    total = replace(
        add_changes([*(mover.change for mover in movers), rest]),
        before=_sum_models([*earlier.values(), rest_before]),
        after=_sum_models([*later.values(), rest_after]),
    )
    sampled = reader.is_sampled(project, TimeRange(before.start, period.end), filters)
    return Movers(movers[:limit], rest if rest.change_usd else None, total, sampled)


def _sum_models(groups: Iterable[Mapping[str, Spend]]) -> Spend:
    return total_spend(spend for models in groups for spend in models.values())


@dataclass(frozen=True, slots=True)
class MonthForecast:
    """The calendar month of now. `spent` tells whether the calls so far have prices; `days` go to today.

    `sampled`: sampled calls are in the month or in the days that the forecast rests on.
    """

    month: TimeRange
    forecast: Forecast
    spent: Spend
    days: Mapping[date, Decimal]
    sampled: bool


def read_forecast(
    reader: SpendReader, project: ProjectId, now: datetime, *, zone: str, filters: Filters
) -> MonthForecast:
    """Return the calendar month of `now` and what it is expected to cost at its end."""
    local = load_zone(zone)
    month, history = enclosing_bucket(now, "month", local), forecast_history("month", now, local)
    daily: dict[datetime, Spend] = {}
    for row in reader.read_spend(project, history, [], calendar_buckets(history, "day", local), filters):
        daily[row.bucket] = spend_of(row.sums)
    inside = {start: spend for start, spend in daily.items() if start >= month.start}
    return MonthForecast(
        month,
        forecast_end(cost_by_day(daily, local), "month", now, local),
        total_spend(inside.values()),
        cost_by_day(inside, local),
        reader.is_sampled(project, history, filters),
    )


def cost_by_day(daily: Mapping[datetime, Spend], zone: ZoneInfo) -> dict[date, Decimal]:
    """Return the cost of local days from the spend since the start of each."""
    return {start.astimezone(zone).date(): spend.cost_usd for start, spend in daily.items()}


def _known_period(reader: SpendReader, project: ProjectId, time_range: TimeRange) -> TimeRange:
    """Return the range in full minutes. One of years, as "all time" is, begins where there are calls."""
    period = whole_minutes(time_range)
    if period.duration <= _YEARS:
        return period
    first = reader.first_hour(project)
    start = max(period.start, min(first, period.end - _DAY) if first else period.end - _DAY)
    return TimeRange(start, period.end)


def whole_minutes(time_range: TimeRange) -> TimeRange:
    """Return the range widened to full minutes, which rollups can answer."""
    start = time_range.start.replace(second=0, microsecond=0)
    end = time_range.end.replace(second=0, microsecond=0)
    return TimeRange(start, end if end == time_range.end else end + timedelta(minutes=1))
