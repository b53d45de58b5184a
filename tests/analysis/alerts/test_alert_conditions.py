from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.alerts.anomaly import Anomaly
from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.conditions import Absence, BurnRate, Change, Condition, Threshold
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.costs.forecast import MAX_PROFILE_DAYS
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def level(condition: Condition, *values: float | None) -> Level:
    return condition.judge(NOW, values, "usd").level


SPEND = Threshold(warn=5, alert=10, recover=4)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Level.NO_DATA),
        (3.99, Level.OK),
        (4, Level.HOLD),
        (4.99, Level.HOLD),
        (5, Level.WARNING),
        (10, Level.ALERT),
    ],
)
def test_a_threshold_has_lines_for_recovery_warning_and_alert(value: float | None, expected: Level) -> None:
    assert level(SPEND, value) is expected


def test_a_threshold_below_reads_the_other_way_round() -> None:
    hit_rate = Threshold(warn=0.5, alert=0.2, recover=0.6, direction="below")
    readings = [level(hit_rate, value) for value in (0.7, 0.55, 0.5, 0.2)]
    assert readings == [Level.OK, Level.HOLD, Level.WARNING, Level.ALERT]


@pytest.mark.parametrize(
    "lines",
    [{}, {"warn": 5, "alert": 4}, {"alert": 5, "recover": 6}, {"alert": 5, "warn": 4, "direction": "below"}],
)
def test_lines_in_the_wrong_order_are_refused(lines: dict[str, float]) -> None:
    with pytest.raises(CallerError):
        Threshold(**lines)  # type: ignore[arg-type]


BURN = BurnRate(
    amount=720, period=30 * DAY, fast=5 * timedelta(minutes=1), slow=HOUR, factor=10, warn_factor=2
)


def test_a_burn_rate_fires_only_when_the_slow_and_the_fast_window_agree() -> None:
    assert level(BURN, 10, 10 / 12) is Level.ALERT
    assert level(BURN, 10, 0) is Level.OK
    assert level(BURN, 10, None) is Level.OK
    assert level(BURN, 1, 1) is Level.OK
    assert level(BURN, 2, 2) is Level.WARNING
    assert level(BURN, None, None) is Level.NO_DATA
    assert [window.duration for window in BURN.windows(NOW, HOUR)] == [HOUR, timedelta(minutes=5)]


def test_a_change_needs_the_ratio_and_the_floor() -> None:
    doubled = Change(ratio=1.0, floor=5)
    assert level(doubled, 20, 10) is Level.ALERT
    assert level(doubled, 19, 10) is Level.OK
    assert level(doubled, 3, 1) is Level.OK
    assert level(doubled, 20, None) is Level.OK
    assert level(doubled, None, 10) is Level.NO_DATA
    assert level(Change(ratio=0.5, floor=0, direction="below"), 4, 10) is Level.ALERT
    assert level(Change(ratio=0.5, floor=0), 0, 0) is Level.OK


def test_what_a_value_is_compared_with_is_said_in_its_unit() -> None:
    slower = Change(ratio=1.0, floor=0).judge(NOW, [5e9, 1.25e9], "ns")
    assert slower.reason == "changed from 1.25 s in the period before"
    unusual = Anomaly().judge(NOW, [5e9, *[1.25e9] * 12], "ns")
    assert unusual.reason == "usually 1.25 s at this hour of the week"


def test_absence_fires_on_silence_and_on_nothing_but_silence() -> None:
    assert [level(Absence(), value) for value in (None, 0, 0.1)] == [Level.ALERT, Level.ALERT, Level.OK]


def test_an_anomaly_is_measured_against_the_median_and_the_spread_of_past_weeks() -> None:
    anomaly = Anomaly(deviations=5, floor=1, min_ratio=0.2)
    usual = [10, 11, 9, 10, 10, 12, 8, 10, 11, 9, 10, 1000]  # one past incident does not move the line
    assert level(anomaly, 16, *usual) is Level.OK
    assert level(anomaly, 20, *usual) is Level.ALERT
    assert level(anomaly, 0, *usual) is Level.OK
    assert level(Anomaly(direction="both", min_ratio=0.2), 0, *usual) is Level.ALERT
    assert level(anomaly, None, *usual) is Level.NO_DATA


def test_an_anomaly_learns_before_it_judges_and_a_floor_keeps_cents_quiet() -> None:
    young = Anomaly().judge(NOW, [1000.0, 1, 1, 1, *[None] * 9], "usd")
    assert (young.level, young.reason) == (Level.OK, "learning: 3 past windows are too few")
    flat = [0.01] * 12
    assert level(Anomaly(floor=1), 0.5, *flat) is Level.OK
    assert level(Anomaly(floor=1), 1.5, *flat) is Level.ALERT
    assert level(Anomaly(), 0.1, *[0.0] * 12) is Level.OK  # what is usually nothing has no measure of its own


def test_an_anomaly_compares_the_same_local_hour_when_summer_time_ends() -> None:
    end = datetime(2026, 10, 26, 8, tzinfo=UTC)  # 09:00 in Berlin, winter time since the day before
    windows = Anomaly(weeks=2, zone="Europe/Berlin").windows(end, HOUR)
    assert windows[2].end == datetime(2026, 10, 19, 7, tzinfo=UTC)
    assert len(windows) == 1 + 3 * 2


@given(st.floats(0, 1e6), st.lists(st.floats(0, 1e6), min_size=12, max_size=12), st.floats(0, 1e6))
def test_a_larger_value_is_never_less_of_an_anomaly(low: float, past: list[float], more: float) -> None:
    anomaly = Anomaly(floor=1)
    if level(anomaly, low, *past) is Level.ALERT:
        assert level(anomaly, low + more, *past) is Level.ALERT


def spending(daily: list[float], *, end: datetime = NOW, forecast: bool = True) -> tuple[Level, int]:
    """Judge a monthly budget of 100 where `daily` are the latest days, newest (today) first."""
    budget = CalendarBudget(amount=100, forecast=forecast)
    spent = sum(daily[: end.day])
    days = [*daily, *[0.0] * (MAX_PROFILE_DAYS + 1 - len(daily))]
    judged = budget.judge(end, [spent, *days], "usd")
    return judged.level, judged.rank


def test_each_step_of_a_budget_has_its_own_rank_and_the_whole_is_an_alert() -> None:
    assert spending([49], forecast=False) == (Level.OK, 0)
    assert spending([50], forecast=False) == (Level.WARNING, 2)
    assert spending([80], forecast=False) == (Level.WARNING, 4)
    assert spending([100], forecast=False) == (Level.ALERT, 8)


def test_a_budget_whose_first_step_is_beyond_the_whole_alerts_at_the_whole() -> None:
    judged = CalendarBudget(amount=100, steps=(1.5,), forecast=False).judge(NOW, [120.0], "usd")
    assert (judged.level, judged.rank, judged.threshold) == (Level.ALERT, 2, 100)


def test_a_budget_warns_when_the_month_is_expected_to_end_over_it() -> None:
    assert spending([2.0] * 16) == (Level.OK, 0)
    assert spending([3.0] * 16 + [3.0] * 15) == (Level.OK, 0)
    assert spending([3.4] * 16 + [3.4] * 15) == (Level.WARNING, 3)  # half is gone, and it will be 102
    # It will be 97, and may be 101 in an hour.
    assert spending([3.25] * 40, end=NOW - 8 * DAY) == (Level.HOLD, 0)
    assert spending([3.1] * 15 + [3.1] * 16, end=NOW - 8 * DAY)[0] is Level.OK


def test_a_budget_looks_at_its_local_month_and_at_the_days_before() -> None:
    budget = CalendarBudget(amount=100, zone="Europe/Berlin")
    month, today, yesterday, *_ = budget.windows(NOW, HOUR)
    assert month == TimeRange(datetime(2026, 10, 31, 23, tzinfo=UTC), NOW)
    assert today == TimeRange(datetime(2026, 11, 15, 23, tzinfo=UTC), NOW)
    assert yesterday.end == today.start
    midnight = datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert budget.windows(midnight, HOUR)[0].duration == 31 * DAY + HOUR


@pytest.mark.parametrize(
    "options", [{"amount": 0}, {"steps": ()}, {"steps": (1.0, 0.5)}, {"period": "hour"}, {"zone": "Nowhere"}]
)
def test_a_budget_that_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(CallerError):
        CalendarBudget(**{"amount": 10, **options})  # type: ignore[arg-type]
