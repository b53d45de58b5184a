"""Conditions: which windows a rule looks at, and what their values mean.

`windows(end, window)` lists the ranges whose measure is wanted for the look that ends at `end`; `judge`
takes the values in the same order (`None` = nothing was measured). Evaluation, preview and backtest all go
through these two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import Unit, format_number, format_value
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

Values = Sequence[float | None]
Direction = Literal["above", "below"]
AnyDirection = Literal["above", "below", "both"]

MIN_WINDOW, MAX_WINDOW = timedelta(minutes=1), timedelta(days=31)
NO_DATA = Judgement(Level.NO_DATA, 0, None, None, "nothing was measured in the window")


class Condition(Protocol):
    """When a rule fires."""

    @property
    def direction(self) -> AnyDirection:
        """On which side of its line the value fires."""

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """Return the ranges to measure for the look that ends at `end`."""

    def judge(self, end: datetime, values: Values, unit: Unit) -> Judgement:
        """Return what the values of `windows` mean; `unit` is theirs, for the words."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Fires at `warn` and `alert`; recovers past `recover`, which defaults to the lowest line that fires."""

    alert: float | None = None
    warn: float | None = None
    recover: float | None = None
    direction: Direction = "above"

    def __post_init__(self) -> None:
        if self.alert is None and self.warn is None:
            raise CallerError("a threshold needs a value for alert, warn or both")
        lines = [line for line in (self.recover, self.warn, self.alert) if line is not None]
        ordered = sorted(lines, reverse=self.direction == "below")
        if lines != ordered:
            raise CallerError(
                "recover, warn and alert must follow each other in the direction of the threshold"
            )

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """One window."""
        return [TimeRange(end - window, end)]

    def judge(self, end: datetime, values: Values, unit: Unit) -> Judgement:
        """Compare with the highest line first."""
        (value,) = values
        if value is None:
            return NO_DATA
        for level, rank, line in ((Level.ALERT, 2, self.alert), (Level.WARNING, 1, self.warn)):
            if line is not None and self._reaches(value, line):
                return Judgement(level, rank, value, line, f"at or {self.direction} the {level.value} line")
        lowest = self.warn if self.warn is not None else self.alert
        if self.recover is not None and self._reaches(value, self.recover):
            return Judgement(Level.HOLD, 0, value, self.recover, "between the line that fires and recovery")
        return Judgement(Level.OK, 0, value, lowest, "inside the threshold")

    def _reaches(self, value: float, line: float) -> bool:
        return value >= line if self.direction == "above" else value <= line


@dataclass(frozen=True, slots=True)
class BurnRate:
    """Fires when money (or tokens) is used faster than a budget lasts, in a slow and a fast window together.

    The slow window shows that it matters, the fast one that it still goes on (Google SRE Workbook, chapter 5,
    "Multiwindow, multi-burn-rate alerts"). A rate of 1 uses `amount` up in exactly `period`.
    """

    amount: float
    period: timedelta
    fast: timedelta
    slow: timedelta
    factor: float
    warn_factor: float | None = None
    direction: ClassVar[Direction] = "above"

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.factor <= 0 or self.period <= timedelta(0):
            raise CallerError("a burn rate needs a positive amount, period and factor")
        if not timedelta(0) < self.fast < self.slow <= self.period:
            raise CallerError("the fast window must be shorter than the slow one, and that within the period")
        if self.fast % MIN_WINDOW or self.slow % MIN_WINDOW or self.slow > MAX_WINDOW:
            raise CallerError("the windows of a burn rate are whole minutes, 31 days at most")
        if self.warn_factor is not None and not 0 < self.warn_factor <= self.factor:
            raise CallerError("the warning factor must be positive and not above the alert factor")

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """The slow and the fast window; the rule's own window is not used."""
        return [TimeRange(end - self.slow, end), TimeRange(end - self.fast, end)]

    def judge(self, end: datetime, values: Values, unit: Unit) -> Judgement:
        """The lower of the two rates decides."""
        slow, fast = values
        if slow is None:
            return NO_DATA
        rate = min(self._rate(slow, self.slow), self._rate(fast or 0.0, self.fast))
        for level, rank, factor in ((Level.ALERT, 2, self.factor), (Level.WARNING, 1, self.warn_factor)):
            if factor is not None and rate >= factor:
                return Judgement(
                    level, rank, rate, factor, f"{format_number(rate)} times as fast as the budget lasts"
                )
        line = self.warn_factor if self.warn_factor is not None else self.factor
        return Judgement(Level.OK, 0, rate, line, "inside the burn rate")

    def _rate(self, used: float, window: timedelta) -> float:
        return used / self.amount * (self.period / window)


@dataclass(frozen=True, slots=True)
class Change:
    """Fires when the window differs from the one before it by `ratio` (0.5 = 50 %) and by at least
    `floor`.
    """

    ratio: float
    floor: float
    direction: Direction = "above"

    def __post_init__(self) -> None:
        if self.ratio <= 0 or self.floor < 0:
            raise CallerError("a change needs a positive ratio and a floor that is not negative")

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """The window and the one directly before it."""
        return [TimeRange(end - window, end), TimeRange(end - 2 * window, end - window)]

    def judge(self, end: datetime, values: Values, unit: Unit) -> Judgement:
        """A period before without data is no ground for a comparison."""
        now, before = values
        if now is None:
            return NO_DATA
        if before is None:
            return Judgement(Level.OK, 0, now, None, "there is no period before to compare with")
        sign = 1 if self.direction == "above" else -1
        line = before + sign * max(self.ratio * abs(before), self.floor)
        if sign * (now - line) >= 0 and now != before:
            return Judgement(
                Level.ALERT, 2, now, line, f"changed from {format_value(unit, before)} in the period before"
            )
        return Judgement(Level.OK, 0, now, line, "no such change against the period before")


@dataclass(frozen=True, slots=True)
class Absence:
    """Fires when nothing was measured in the window, or only zero."""

    direction: ClassVar[Direction] = "below"

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """One window."""
        return [TimeRange(end - window, end)]

    def judge(self, end: datetime, values: Values, unit: Unit) -> Judgement:
        """Silence is the finding here, so it is never `NO_DATA`."""
        (value,) = values
        if not value:
            return Judgement(Level.ALERT, 2, value, None, "no data arrived in the window")
        return Judgement(Level.OK, 0, value, None, "data arrives")
