"""Anomaly: the window against the same hours of past weeks.

Robust statistics, because past incidents are in the history: the middle is the median, the spread is the
median absolute deviation times 1.4826, which estimates the standard deviation of a normal distribution
(Hampel 1974; Rousseeuw & Croux, "Alternatives to the Median Absolute Deviation", JASA 88, 1993).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from sightline_analysis.alerts.conditions import NO_DATA, AnyDirection, Values
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import Unit, format_value
from sightline_analysis.costs.calendar_buckets import load_zone
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

MAD_TO_SIGMA = 1.4826
MIN_HISTORY = 4
"""Below so many past values there is no judgement: a rule that has just been made learns first."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Fires when the value leaves median ± max(`deviations` · spread, `min_ratio` · median, `floor`).

    History is the same window of each of the past `weeks`, at the same local time in `zone`, and its two
    neighbours, so that a habit that moves by a window's length is still the same habit. `floor` is in the
    measure's unit and keeps cents from waking people.
    """

    deviations: float = 5.0
    floor: float = 0.0
    min_ratio: float = 0.8
    weeks: int = 4
    direction: AnyDirection = "above"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.deviations <= 0 or self.floor < 0 or self.min_ratio < 0:
            raise CallerError("deviations must be positive, floor and min_ratio not negative")
        if not 2 <= self.weeks <= 12:
            raise CallerError("an anomaly compares with 2 to 12 past weeks")
        load_zone(self.zone)

    def windows(self, end: datetime, window: timedelta) -> list[TimeRange]:
        """The window, then for each past week the window before, at and after the same local time."""
        ends = [end]
        local = end.astimezone(load_zone(self.zone))
        for week in range(1, self.weeks + 1):
            # Wall-clock arithmetic: the same hour of the week also across a change to summer time.
            past = (local - timedelta(weeks=week)).astimezone(UTC)
            ends += [past - window, past, past + window]
        return [TimeRange(stop - window, stop) for stop in ends]

    def judge(self, end: datetime, values: Values, unit: Unit) -> Judgement:
        """Compare with the median of what is known of the past."""
        now, *past = values
        if now is None:
            return NO_DATA
        known = [value for value in past if value is not None]
        if len(known) < MIN_HISTORY:
            return Judgement(Level.OK, 0, now, None, f"learning: {len(known)} past windows are too few")
        middle = median(known)
        spread = MAD_TO_SIGMA * median(abs(value - middle) for value in known)
        margin = max(self.deviations * spread, self.min_ratio * abs(middle), self.floor)
        line = middle + margin if now >= middle else middle - margin
        wanted = self.direction in ("both", "above" if now >= middle else "below")
        if wanted and margin > 0 and abs(now - middle) > margin:
            return Judgement(
                Level.ALERT, 2, now, line, f"usually {format_value(unit, middle)} at this hour of the week"
            )
        return Judgement(Level.OK, 0, now, line, "as usual for this hour of the week")
