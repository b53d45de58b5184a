"""What one look at one window of one group says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """`HOLD` is between the line that fires and the line that recovers (hysteresis): it changes nothing."""

    OK = "ok"
    HOLD = "hold"
    WARNING = "warning"
    ALERT = "alert"
    NO_DATA = "no_data"

    @property
    def fires(self) -> bool:
        """Whether an incident is, or is about to be, open."""
        return self in (Level.WARNING, Level.ALERT)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The level, the value that was compared and with what, and a sentence that says so.

    `rank` orders the steps within a condition: 0 does not fire, each higher rank is announced once (the 50,
    80 and 100 % of a budget are three ranks). `period_start` is that of the calendar period it is about, if
    any: ranks of another period are no steps of this one.
    """

    level: Level
    rank: int
    value: float | None
    threshold: float | None
    reason: str
    period_start: datetime | None = None
