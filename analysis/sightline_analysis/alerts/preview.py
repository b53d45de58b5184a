"""Preview of a rule on stored history: when would it have fired, for whom, and how noisy is it.

It measures what a live evaluation would have measured at each look.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sightline_analysis.alerts.backtest import Backtest, look_ends_of, replay_looks
from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.alerts.rule import Rule
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.alerts.alert_records import Group

MAX_PERIOD = timedelta(days=30)
MAX_LOOKS = 3_000
MAX_SPAN_LOOKS = 750
"""Of rules that are asked of spans: every hour of 30 days."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What each group would have seen; groups that would have been told most come first."""

    period: TimeRange
    step: timedelta
    groups: dict[Group, Backtest]


def preview_rule(measures: RuleMeasures, project: ProjectId, rule: Rule, now: datetime) -> Preview:
    """Return the preview over the last 30 days, less when a short window needs too many looks."""
    width = rule.course.window
    step = _HOUR if width % _HOUR == timedelta(0) else width
    looks = MAX_LOOKS if rule.scope is not None else MAX_SPAN_LOOKS
    end = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    period = TimeRange(end - min(MAX_PERIOD, looks * step), now)
    ends = look_ends_of(period, step)
    groups = {
        group: replay_looks(rule, looks_of.__getitem__, period, step)
        for group, looks_of in measures.measure(project, [rule], {rule.key: ends})[rule.key].items()
    }
    noisy_first = sorted(groups, key=lambda group: (-groups[group].messages, group))
    return Preview(period, step, {group: groups[group] for group in noisy_first})
