"""Calendar budgets: steps of an amount per local day, week or month, and whether it will last."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from sightline_analysis.alerts.conditions import NO_DATA, Direction, Values
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import Unit as MeasureUnit
from sightline_analysis.costs.calendar_buckets import Unit, bucket_start, load_zone
from sightline_analysis.costs.forecast import MAX_PROFILE_DAYS, forecast_end
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

_WELL_BELOW = 0.95
"""Share of the amount from which on the end of a period is not expected to be inside it for sure."""


@dataclass(frozen=True, slots=True)
class CalendarBudget:
    """Warns at each step below the whole amount, alerts at the whole; each step is announced once a period.

    With `forecast` it also warns, as a step of its own between the others, as soon as the period is expected
    to end over the amount. What is expected changes by the hour: the warning stays until it is well below.
    """

    amount: float
    period: Unit = "month"
    zone: str = "UTC"
    steps: tuple[float, ...] = (0.5, 0.8, 1.0)
    forecast: bool = True
    direction: ClassVar[Direction] = "above"

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise CallerError("a budget needs a positive amount")
        if self.period == "hour":
            raise CallerError("a budget is for a day, a week or a month")
        if not self.steps or list(self.steps) != sorted(set(self.steps)) or self.steps[0] <= 0:
            raise CallerError("the steps of a budget must be positive and rising, for example 0.5, 0.8, 1.0")
        load_zone(self.zone)

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """The period so far; with a forecast also the local days that it rests on, newest first."""
        zone = load_zone(self.zone)
        last = end - timedelta(microseconds=1)
        ranges = [TimeRange(self._period_start(end), end)]
        if self.forecast:
            day = bucket_start(last, "day", zone)
            ranges.append(TimeRange(day, end))
            for _ in range(MAX_PROFILE_DAYS):
                following, day = day, bucket_start(day - timedelta(microseconds=1), "day", zone)
                ranges.append(TimeRange(day, following))
        return ranges

    def judge(self, end: datetime, values: Values, unit: MeasureUnit) -> Judgement:
        """Judge the period so far against the steps, then what it is expected to end at."""
        return replace(self._judge(end, values, unit), period_start=self._period_start(end))

    def _judge(self, end: datetime, values: Values, unit: MeasureUnit) -> Judgement:
        spent = values[0]
        if spent is None:
            return NO_DATA
        reached = [step for step in self.steps if spent >= step * self.amount]
        line = reached[-1] * self.amount if reached else self.amount
        if spent >= self.amount:
            reason = f"{spent / self.amount:.0%} of the budget of this {self.period}"
            return Judgement(Level.ALERT, 2 * len(reached) + 2, spent, line, reason)
        expected = self._expected(end, values)
        over = expected is not None and expected > self.amount
        forecast = f"; expected to end at {expected / self.amount:.0%}" if expected is not None else ""
        if not reached and not over:
            level = Level.OK if expected is None or expected < _WELL_BELOW * self.amount else Level.HOLD
            return Judgement(level, 0, spent, self.steps[0] * self.amount, f"inside the budget{forecast}")
        reason = f"{spent / self.amount:.0%} of the budget of this {self.period}{forecast}"
        return Judgement(Level.WARNING, 2 * len(reached) + over, spent, line, reason)

    def _period_start(self, end: datetime) -> datetime:
        # The look ends at the end of an open minute; its last instant is what belongs to the period.
        return bucket_start(end - timedelta(microseconds=1), self.period, load_zone(self.zone))

    def _expected(self, end: datetime, values: Values) -> float | None:
        if not self.forecast:
            return None
        zone = load_zone(self.zone)
        last = end - timedelta(microseconds=1)
        today = last.astimezone(zone).date()
        known = {
            today - timedelta(days=age): Decimal(repr(value))
            for age, value in enumerate(values[1:])
            if value is not None
        }
        forecast = forecast_end(known, self.period, last, zone)
        return float(forecast.expected_usd) if forecast.basis != "no_history" else None
