"""Half-open ranges of UTC time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sightline_core.errors import CallerError


@dataclass(frozen=True, slots=True)
class TimeRange:
    """`start` ≤ t < `end`, both aware and in UTC.

    Raises `CallerError` when a bound is naive or `end` is not after `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise CallerError("time bounds need a time zone, for example 2026-01-31T12:00:00Z")
        if self.end <= self.start:
            raise CallerError("the end of a time range must be after its start")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @classmethod
    def last(cls, duration: timedelta, *, now: datetime) -> "TimeRange":
        """Return the `duration` that ends at `now`."""
        return cls(now - duration, now)

    @property
    def duration(self) -> timedelta:
        """Length of the range."""
        return self.end - self.start
