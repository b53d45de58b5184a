"""How a budget is used up: what was spent so far in its period, bucket by bucket, and where it is going."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

from sightline_analysis.costs.calendar_buckets import Unit, calendar_buckets, enclosing_bucket, load_zone
from sightline_analysis.costs.forecast import Forecast, forecast_end, forecast_history
from sightline_analysis.costs.reporting import cost_by_day
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_analysis.costs.spend_rows import spend_of
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.spend.spend_queries import Filters, Key
from sightline_storage.spend.spend_reader import SpendReader

MAX_GROUPS = 20


@dataclass(frozen=True, slots=True)
class BurnDown:
    """One group of a budget. `cumulative_usd` is parallel to the `buckets` of the period that have begun.

    A budget of a day has no forecast: there is no profile of hours.
    """

    key: Key
    spent: Spend
    cumulative_usd: tuple[Decimal, ...]
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """The period that `now` is in; groups that spent most first, at most `MAX_GROUPS` of `group_count`.

    `sampled`: sampled calls are in it, or in the days that its forecast rests on.
    """

    period: TimeRange
    buckets: tuple[datetime, ...]
    groups: tuple[BurnDown, ...]
    group_count: int
    sampled: bool = False


def read_budget_use(
    reader: SpendReader,
    project: ProjectId,
    *,
    period: Unit,
    zone: str,
    dimensions: Sequence[str],
    filters: Filters,
    now: datetime,
) -> BudgetUse:
    """Return how the budget of each group is used up. Without groups a budget has one, with an empty key."""
    local = load_zone(zone)
    current = enclosing_bucket(now, period, local)
    unit: Unit = "hour" if period == "day" else "day"
    read = current if period == "day" else forecast_history(period, now, local)
    bounds = calendar_buckets(read, unit, local)
    by_group: dict[Key, dict[datetime, Spend]] = defaultdict(dict)
    for row in reader.read_spend(project, read, dimensions, bounds, filters):
        if not row.is_rest:
            by_group[row.key][row.bucket] = spend_of(row.sums)
    if not dimensions:
        by_group.setdefault((), {})
    begun = tuple(bound for bound in bounds if current.start <= bound <= now)

    def burn_down(key: Key, spends: Mapping[datetime, Spend]) -> BurnDown:
        inside = [spends.get(bucket, Spend()) for bucket in begun]
        forecast = None if period == "day" else forecast_end(cost_by_day(spends, local), period, now, local)
        cumulative = tuple(accumulate(spend.cost_usd for spend in inside))
        return BurnDown(key, total_spend(inside), cumulative, forecast)

    groups = [burn_down(key, spends) for key, spends in by_group.items()]
    used = [group for group in groups if group.spent.calls or not dimensions]
    used.sort(key=lambda group: (-group.spent.cost_usd, group.key))
    sampled = reader.is_sampled(project, read, filters)
    return BudgetUse(current, begun, tuple(used[:MAX_GROUPS]), len(used), sampled)
