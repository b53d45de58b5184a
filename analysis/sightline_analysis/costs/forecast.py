"""What a calendar month will have cost at its end, from the daily totals so far.

With three weeks of history a remaining day is expected to cost the median of that weekday, scaled by how
the last seven days compare with their weekdays; with less, the mean of the last seven. The range is the
same sum with the 10th and 90th percentile of past days' ratio to their expectation, days taken as moving
together (a bad week is bad every day), which is wider than independent days would be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import mean, median
from typing import Literal
from zoneinfo import ZoneInfo

from sightline_analysis.costs.calendar_buckets import Unit, enclosing_bucket
from sightline_core.money import CENT, COST_STEP
from sightline_core.time_range import TimeRange

Basis = Literal["weekday_profile", "daily_mean", "no_history"]

MIN_PROFILE_DAYS = 21
MAX_PROFILE_DAYS = 56
_LEVEL_DAYS = 7


@dataclass(frozen=True, slots=True)
class Forecast:
    """Money at the end of the period; `expected_usd` is never below `spent_usd`, which is exact.

    The others are rounded to cents, below a dollar to the smallest amount that there is.
    `basis` says what it rests on; with `no_history` expected, low and high are just what was spent.
    """

    spent_usd: Decimal
    expected_usd: Decimal
    low_usd: Decimal
    high_usd: Decimal
    basis: Basis


def forecast_history(unit: Unit, now: datetime, zone: ZoneInfo) -> TimeRange:
    """Return the local days up to today that the forecast of the period of `now` rests on."""
    period, today = enclosing_bucket(now, unit, zone), enclosing_bucket(now, "day", zone)
    first = min(period.start, today.start - timedelta(days=MAX_PROFILE_DAYS))
    return TimeRange(enclosing_bucket(first, "day", zone).start, today.end)


def forecast_end(daily_usd: Mapping[date, Decimal], unit: Unit, now: datetime, zone: ZoneInfo) -> Forecast:
    """Return the forecast of the period of `now` from the local days of its history."""
    period, today = enclosing_bucket(now, unit, zone), enclosing_bucket(now, "day", zone)
    return forecast_period_end(
        daily_usd,
        first_day=period.start.astimezone(zone).date(),
        end_day=period.end.astimezone(zone).date(),
        today=now.astimezone(zone).date(),
        day_elapsed=(now - today.start) / today.duration,
    )


def forecast_period_end(
    daily_usd: Mapping[date, Decimal], *, first_day: date, end_day: date, today: date, day_elapsed: float
) -> Forecast:
    """Return the forecast for the local days `first_day` ≤ d < `end_day`.

    `daily_usd` holds local days up to and including `today`, before `first_day` too as history; a day that is
    missing after the first one counts as zero. `day_elapsed` is the share of today that is over (0 to 1).
    """
    spent = sum((usd for day, usd in daily_usd.items() if first_day <= day < end_day), Decimal(0))
    past = _complete_days(daily_usd, today)
    if not past or today >= end_day:
        return _forecast(spent, [spent] * 3, "no_history" if today < end_day else "daily_mean")
    expect, basis = _expectation(past, today)
    ratios = sorted(float(past[day]) / expect[day.weekday()] for day in past if expect[day.weekday()] > 0)
    low, high = _quantile(ratios, 0.1), _quantile(ratios, 0.9)
    remaining = expect[today.weekday()] * (1 - min(max(day_elapsed, 0.0), 1.0))
    remaining += sum(expect[(today + timedelta(days=n)).weekday()] for n in range(1, (end_day - today).days))
    scales = (1.0, min(low, 1.0), max(high, 1.0))
    return _forecast(spent, [spent + Decimal(repr(remaining * scale)) for scale in scales], basis)


def _forecast(spent: Decimal, values: Sequence[Decimal], basis: Basis) -> Forecast:
    rounded = (value.quantize(CENT if value >= 1 else COST_STEP) for value in values)
    expected, low, high = (max(spent, value) for value in rounded)
    return Forecast(spent, expected, low, high, basis)


def _complete_days(daily_usd: Mapping[date, Decimal], today: date) -> dict[date, Decimal]:
    """Return the days before today, newest `MAX_PROFILE_DAYS`, with gaps filled by zero."""
    known = [day for day in daily_usd if day < today]
    if not known:
        return {}
    first = max(min(known), today - timedelta(days=MAX_PROFILE_DAYS))
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    return {day: daily_usd.get(day, Decimal(0)) for day in days}


def _expectation(past: Mapping[date, Decimal], today: date) -> tuple[dict[int, float], Basis]:
    """Return the expected cost of a day by weekday (Monday = 0)."""
    recent = [float(usd) for day, usd in past.items() if day >= today - timedelta(days=_LEVEL_DAYS)]
    if len(past) < MIN_PROFILE_DAYS:
        return dict.fromkeys(range(7), mean(recent)), "daily_mean"
    by_weekday = {
        weekday: median(float(usd) for day, usd in past.items() if day.weekday() == weekday)
        for weekday in range(7)
    }
    usual = sum(by_weekday.values())
    if usual == 0:
        return dict.fromkeys(range(7), mean(recent)), "daily_mean"
    level = sum(recent) / usual
    return {weekday: value * level for weekday, value in by_weekday.items()}, "weekday_profile"


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 1.0
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
