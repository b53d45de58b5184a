"""Replaying a rule over history: when would it have fired, for whom, and how noisy is it.

The same windows, judgements and state machine as live evaluation, over a measure that is asked for any range.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sightline_analysis.alerts.announcement import Handling, Told, next_announcement
from sightline_analysis.alerts.conditions import Values
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.looking import is_lack
from sightline_analysis.alerts.rule import KNOWN_FOR, Rule
from sightline_analysis.alerts.state import AlertState, advance
from sightline_core.time_range import TimeRange

Measured = Callable[[TimeRange], float | None]
"""The rule's measure of one group in a range; `None` where nothing was measured."""


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident that would have been. `resolved_at` is `None` when it was still open at the end."""

    opened_at: datetime
    resolved_at: datetime | None
    level: Level
    value: float | None
    threshold: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """What one group would have seen. `messages` counts everything that channels would have been sent."""

    incidents: tuple[PastIncident, ...]
    messages: int
    looks: int


def look_ends_of(period: TimeRange, step: timedelta) -> list[datetime]:
    """Return the ends of the looks of a replay; the last one is of the window that the period ends in."""
    return [period.start + number * step for number in range(period.duration // step + 2)]


def replay(rule: Rule, measured: Measured, period: TimeRange, step: timedelta) -> Backtest:
    """Return `replay_looks` over a measure that is asked for each window."""

    def values_at(end: datetime) -> Values:
        return [measured(window) for window in rule.condition.windows(end, rule.window)]

    return replay_looks(rule, values_at, period, step)


def replay_looks(
    rule: Rule, values_at: Callable[[datetime], Values], period: TimeRange, step: timedelta
) -> Backtest:
    """Return what the rule would have done when it was evaluated every `step` through the period.

    The last window goes on after the period. It can show, as live, that something is reached, but neither
    calm nor a lack.
    """
    state, told = AlertState(), Told()
    incidents: list[PastIncident] = []
    messages = looks = 0
    known_until: datetime | None = None
    for end in look_ends_of(period, step):
        values = values_at(end)
        if any(value is not None for value in values):
            known_until = end + rule.window + KNOWN_FOR
        is_unseen = known_until is None or end >= known_until
        judgement = rule.judge_unseen(end) if is_unseen else rule.judge(end, values)
        if end > period.end and (not judgement.level.fires or is_lack(rule, judgement)):
            break
        at = min(end, period.end)
        done = advance(state, at, judgement, rule.timing)
        state = done.state
        if done.transition in ("opened", "raised"):
            opened = state.opened_at or at
            if done.transition == "raised":
                incidents.pop()
            incidents.append(
                PastIncident(
                    opened, None, state.level, judgement.value, judgement.threshold, judgement.reason
                )
            )
        elif done.transition is not None:
            incidents.append(replace(incidents.pop(), resolved_at=at))
        action, told = next_announcement(
            state, told, Handling(), at=at, mutes=rule.mutes, remind_every=rule.remind_every
        )
        messages += action is not None
        looks += 1
    return Backtest(tuple(incidents), messages, looks)
