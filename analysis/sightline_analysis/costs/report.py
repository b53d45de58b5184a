"""A cost report: rollup rows grouped by dimensions and cut into calendar buckets, beside the period before.

Groups add up to the total and buckets add up to their group, both to the last decimal place. Only where
groups share calls (`overlaps`: by tag) the total is counted apart, each call once.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain

from sightline_analysis.costs.calendar_buckets import Unit, calendar_buckets, load_zone
from sightline_analysis.costs.spend import Spend, SpendRow, total_spend
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

MAX_GROUPS = 1_000


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """One value of the dimensions. `series` is parallel to the report's `buckets`.

    `is_rest` marks the sum of all groups over the limit; its `key` is empty. A flag and not a name, because
    an app may well be called "other".
    """

    key: tuple[str, ...]
    spend: Spend
    previous: Spend
    series: tuple[Spend, ...]
    is_rest: bool = False

    @property
    def change_usd(self) -> Decimal:
        """Cost of this period minus cost of the period before."""
        return self.spend.cost_usd - self.previous.cost_usd


@dataclass(frozen=True, slots=True)
class CostReport:
    """Groups by cost, most expensive first; ties by key. `buckets` are starts in UTC."""

    dimensions: tuple[str, ...]
    time_range: TimeRange
    previous_range: TimeRange
    unit: Unit
    zone: str
    buckets: tuple[datetime, ...]
    groups: tuple[ReportGroup, ...]
    total: ReportGroup
    group_count: int
    overlaps: bool = False


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """What a report is about. `limit` groups are listed, the others are summed into one."""

    dimensions: tuple[str, ...]
    time_range: TimeRange
    previous_range: TimeRange
    unit: Unit
    zone: str
    limit: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_GROUPS:
            raise CallerError(f"the number of groups must be between 1 and {MAX_GROUPS}")


def build_report(
    question: ReportQuestion,
    rows: Iterable[SpendRow],
    previous: Iterable[SpendRow],
    *,
    group_count: int | None = None,
) -> CostReport:
    """Return the report over `rows` of the period and `previous` rows of the period before.

    Rows may come in any order and any number per bucket. `group_count` says how many groups there are when
    some have no rows of their own. A row outside its period is a fault of the reader and raises `ValueError`,
    because a report must not show less than it was given.
    """
    buckets = calendar_buckets(question.time_range, question.unit, load_zone(question.zone))
    cells: dict[_Group, _Cells] = defaultdict(lambda: defaultdict(list))
    for row in _rows_inside(rows, question.time_range):
        cells[row.is_rest, row.key][bisect_right(buckets, row.bucket) - 1].append(row.spend)
    before: dict[_Group, list[Spend]] = defaultdict(list)
    for row in _rows_inside(previous, question.previous_range):
        before[row.is_rest, row.key].append(row.spend)

    def add(groups: Iterable[_Group], key: tuple[str, ...] = (), *, is_rest: bool = False) -> ReportGroup:
        together: _Cells = defaultdict(list)
        earlier: list[Spend] = []
        for group in groups:
            for index, parts in cells.get(group, {}).items():
                together[index] += parts
            earlier += before.get(group, [])
        sums = {index: total_spend(parts) for index, parts in together.items()}
        series = tuple(sums.get(index, _NOTHING) for index in range(len(buckets)))
        return ReportGroup(key, total_spend(sums.values()), total_spend(earlier), series, is_rest)

    def rank(group: _Group) -> tuple[Decimal, int, Decimal, tuple[str, ...]]:
        spend = total_spend(chain.from_iterable(cells.get(group, {}).values()))
        previous = total_spend(before.get(group, []))
        return -spend.cost_usd, -spend.calls, -previous.cost_usd, group[1]

    found = {*cells, *before}
    groups = sorted((group for group in found if not group[0]), key=rank)
    # Only of those that are shown each bucket is summed: there may be thousands of groups, and of days.
    shown = [add([group], group[1]) for group in groups[: question.limit]]
    rest = [*groups[question.limit :], *(group for group in found if group[0])]
    return CostReport(
        dimensions=question.dimensions,
        time_range=question.time_range,
        previous_range=question.previous_range,
        unit=question.unit,
        zone=question.zone,
        buckets=tuple(buckets),
        groups=(*shown, add(rest, is_rest=True)) if rest else tuple(shown),
        total=add(found),
        group_count=len(groups) if group_count is None else max(group_count, len(groups)),
    )


_Group = tuple[bool, tuple[str, ...]]
"""Whether it is the rest, and the key."""

_Cells = dict[int, list[Spend]]
"""The rows of each bucket that has any, by its number."""

_NOTHING = Spend()


def _rows_inside(rows: Iterable[SpendRow], time_range: TimeRange) -> Iterator[SpendRow]:
    for row in rows:
        if not time_range.start <= row.bucket < time_range.end:
            raise ValueError(f"a rollup row of {row.bucket.isoformat()} is outside the period asked for")
        yield row
