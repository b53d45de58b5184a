from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import Mock

import pytest

from sightline_analysis.alerts.backtest import Measured, replay
from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.conditions import BurnRate
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.alerts.preview import preview_rule
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_rule
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.time_range import TimeRange

START = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def per_minute(spend: dict[int, float]) -> Measured:
    """Spend by minute since START; other minutes measured nothing."""

    def measured(window: TimeRange) -> float | None:
        inside = [
            usd for minute, usd in spend.items() if window.start <= START + minute * MINUTE < window.end
        ]
        return sum(inside) if inside else None

    return measured


def rule(**changes: Any) -> Any:
    base = {
        "key": "spend",
        "name": "Spend",
        "measure": "cost",
        "window": "5m",
        "no_data": "zero",
        "condition": {"kind": "threshold", "warn": 5, "alert": 10},
    }
    return parse_rule(base | changes)


def test_a_replay_shows_when_a_rule_would_have_fired_and_how_it_would_have_ended() -> None:
    spend = per_minute({30: 6.0, 31: 6.0, 90: 6.0})
    result = replay(rule(), spend, TimeRange(START, START + 2 * HOUR), MINUTE)
    first, second = result.incidents
    assert (first.opened_at, first.resolved_at, first.level) == (
        START + 31 * MINUTE,
        START + 37 * MINUTE,
        Level.ALERT,
    )
    assert (second.opened_at, second.level, second.value) == (START + 91 * MINUTE, Level.WARNING, 6.0)
    assert result.messages == 5  # trigger, update, resolve; trigger, resolve
    assert result.looks == 121


def test_each_month_of_a_budget_that_is_always_exceeded_has_its_own_incident_and_steps() -> None:
    budget = rule(condition={"kind": "budget", "amount": 100}, window="1h")

    def four_a_day(window: TimeRange) -> float:
        return 4 * (window.duration / timedelta(days=1))

    december, january = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    result = replay(budget, four_a_day, TimeRange(START + HOUR, january - HOUR), HOUR)
    first, second = result.incidents
    assert (first.level, first.resolved_at) == (Level.ALERT, december + HOUR)
    assert (second.level, second.opened_at) == (Level.ALERT, december + 2 * HOUR)
    assert second.reason == "100% of the budget of this month"
    # It will not last, then 50, 80 and 100 %; the end of the first.
    assert result.messages == 4 + 1 + 4


def test_a_replay_leaves_open_what_has_not_ended() -> None:
    result = replay(rule(no_data="keep"), per_minute({50: 20.0}), TimeRange(START, START + HOUR), MINUTE)
    assert [incident.resolved_at for incident in result.incidents] == [None]


def test_what_is_not_over_yet_is_neither_silent_nor_calm_but_may_have_reached_the_line() -> None:
    """Previews ended at the next full hour: an app that is heard of was about to fall silent."""
    heard = per_minute(dict.fromkeys(range(51), 20.0))
    period = TimeRange(START, START + 51 * MINUTE)
    silence = rule(measure="calls", no_data="keep", group_by=["app"], condition={"kind": "absence"})
    assert replay(silence, heard, period, 5 * MINUTE).incidents == ()
    burst = replay(rule(), per_minute({50: 20.0}), period, 5 * MINUTE)
    assert [(each.opened_at, each.resolved_at) for each in burst.incidents] == [(period.end, None)]
    ending = replay(rule(), per_minute({46: 20.0}), period, 5 * MINUTE)
    assert [(each.opened_at, each.resolved_at) for each in ending.incidents] == [(START + 50 * MINUTE, None)]


class EachHourMore:
    """Every window of an app has measured a little more than what the clock shows."""

    def measure(self, project: str, rules: list[Rule], ends: dict[str, list[datetime]]) -> Any:
        (asked,) = rules
        count = 2 if isinstance(asked.condition, BurnRate) else 1
        return {asked.key: {("chat",): {end: [99.0 + end.hour] * count for end in ends[asked.key]}}}


def test_a_preview_of_a_burn_rate_misses_no_fast_window() -> None:
    burning = {"kind": "burn_rate", "amount": 1, "period": "1d", "fast": "5m", "slow": "1h", "factor": 9}
    preview = preview_rule(
        cast(RuleMeasures, EachHourMore()), DEFAULT_PROJECT, rule(condition=burning, window="15m"), START
    )
    assert preview.step == 5 * MINUTE


def test_a_preview_of_a_budget_looks_each_hour_and_works_no_windows_out_for_each_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two months of days for each group and quarter of an hour took the server a minute."""
    budget = rule(condition={"kind": "budget", "amount": 100, "forecast": False}, window="15m")
    monkeypatch.setattr(CalendarBudget, "windows", Mock(side_effect=AssertionError))
    preview = preview_rule(cast(RuleMeasures, EachHourMore()), DEFAULT_PROJECT, budget, START)
    assert preview.groups["chat",].looks == 30 * 24 + 1
    assert preview.groups["chat",].incidents[0].value == 100


def test_a_delay_before_firing_swallows_a_short_spike() -> None:
    spike = per_minute({30: 20.0})
    assert (
        replay(rule(window="1m", fire_after="3m"), spike, TimeRange(START, START + HOUR), MINUTE).incidents
        == ()
    )


def test_an_app_is_not_absent_before_it_was_first_seen_nor_for_ever_after_it_is_gone() -> None:
    absence = rule(
        measure="calls", window="1h", no_data="keep", group_by=["app"], condition={"kind": "absence"}
    )
    seen = per_minute(dict.fromkeys(range(2 * 24 * 60, 3 * 24 * 60), 1.0))
    period = TimeRange(START, START + timedelta(days=6))
    result = replay(absence, seen, period, HOUR)
    (incident,) = result.incidents
    assert incident.opened_at == START + timedelta(days=3) + HOUR
    assert incident.resolved_at == START + timedelta(days=4, hours=1)
