"""Preview of a rule on stored history: when would it have fired, for whom, and how noisy is it.

History is read once, in steps, and every window is summed from it, so a preview costs one query however many
windows the rule looks at.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from sightline_analysis.alerts.backtest import Backtest, Measured, replay
from sightline_analysis.alerts.measures import MEASURES, Measure
from sightline_analysis.alerts.rule import Group, Rule
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.spend_queries import SPEND_SUMS
from sightline_storage.spend_reader import SpendReader, SpendSums

MAX_PERIOD = timedelta(days=30)
MAX_LOOKS = 3_000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What each group would have seen; groups that would have been told most come first."""

    period: TimeRange
    step: timedelta
    groups: dict[Group, Backtest]


def preview_rule(reader: SpendReader, project: ProjectId, rule: Rule, now: datetime) -> Preview:
    """Return the preview over the last 30 days, less when a short window needs too many looks.

    Raises `CallerError` for measures that cannot be put together from steps of history.
    """
    columns = MEASURES[rule.measure].columns
    if any(column not in SPEND_SUMS for column in columns):
        raise CallerError(
            f"a preview of {rule.measure.value} is not possible; amounts and rates of calls are"
        )
    step = _HOUR if rule.window % _HOUR == timedelta(0) else rule.window
    end = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    period = TimeRange(end - min(MAX_PERIOD, MAX_LOOKS * step), end)
    earliest = min(window.start for window in rule.condition.windows(period.start, rule.window))
    history = TimeRange(earliest.replace(minute=0, second=0, microsecond=0), end)
    bounds = [history.start + number * step for number in range((history.duration // step) + 1)]
    rows = reader.read_spend(project, history, rule.group_by, bounds, dict(rule.scope))
    by_group: dict[Group, list[SpendSums]] = defaultdict(list)
    for row in rows:
        by_group[row.key].append(row)
    largest = sorted(by_group, key=lambda group: (-len(by_group[group]), group))[: rule.group_cap]
    groups = {
        group: replay(rule, _measured(rule.measure, by_group[group]), period, step) for group in largest
    }
    noisy_first = sorted(groups, key=lambda group: (-groups[group].messages, group))
    return Preview(period, step, {group: groups[group] for group in noisy_first})


def _measured(measure: Measure, rows: Sequence[SpendSums]) -> Measured:
    spec = MEASURES[measure]
    ordered = sorted(rows, key=lambda row: row.bucket)
    times = [row.bucket for row in ordered]
    running = {
        column: [0.0, *accumulate(float(row.sums[column]) for row in ordered)] for column in spec.columns
    }

    def measured(window: TimeRange) -> float | None:
        first, last = bisect_left(times, window.start), bisect_left(times, window.end)
        if first == last:
            return None
        return spec.value_of({column: sums[last] - sums[first] for column, sums in running.items()})

    return measured
