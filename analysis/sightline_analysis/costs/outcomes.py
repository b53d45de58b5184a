"""Unit costs: what one trace, session, user and success of a group cost.

A success is a trace whose root ended without an error and without a failure. All money of the group is
divided by the successes, so that what failed attempts cost is in the price of those that worked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sightline_analysis.costs.reporting import whole_minutes
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_analysis.costs.spend_rows import spend_of
from sightline_core.ids import ProjectId
from sightline_core.money import COST_STEP
from sightline_core.time_range import TimeRange
from sightline_storage.spend.spend_queries import Filters, Key
from sightline_storage.spend.spend_reader import Outcomes, SpendReader

NOTHING = Outcomes(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """One group; `key` is empty for the rest and for the total."""

    key: Key
    is_rest: bool
    spend: Spend
    outcomes: Outcomes

    def per(self, count: int) -> Decimal | None:
        """Return the cost of one of `count`; `None` when there is none, or when no call has a price."""
        known = self.spend.priced_calls + self.spend.estimated_calls
        return (self.spend.cost_usd / count).quantize(COST_STEP) if count and known else None


@dataclass(frozen=True, slots=True)
class UnitReport:
    """The groups that cost most with the rest at the end, and the total; estimates where it is `sampled`."""

    groups: list[UnitCosts]
    total: UnitCosts
    sampled: bool


def read_unit_costs(
    reader: SpendReader,
    project: ProjectId,
    time_range: TimeRange,
    dimensions: Sequence[str],
    *,
    filters: Filters,
    limit: int,
) -> UnitReport:
    """Return what one of each kind cost in the range, widened to full minutes. Reads spans.

    A trace with calls of several groups counts in each of them, and once in the total.
    """
    period = whole_minutes(time_range)
    listed, _ = reader.find_costliest(project, period, dimensions, filters, limit)
    start = [period.start]
    rows = reader.read_spend(project, period, dimensions, start, filters, listed)
    whole = reader.read_spend(project, period, [], start, filters, [()])
    found, every = reader.read_outcomes(project, period, dimensions, filters, listed)
    own = {row.key: spend_of(row.sums) for row in rows if not row.is_rest}
    groups = [UnitCosts(key, False, own.get(key, Spend()), found.get(key, NOTHING)) for key in listed]
    if None in found:
        rest = total_spend(spend_of(row.sums) for row in rows if row.is_rest or row.key not in listed)
        groups.append(UnitCosts((), True, rest, found[None]))
    total = total_spend(spend_of(row.sums) for row in whole)
    sampled = reader.is_sampled(project, period, filters)
    return UnitReport(groups, UnitCosts((), False, total, every), sampled)
