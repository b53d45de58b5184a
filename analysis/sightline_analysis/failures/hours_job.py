"""The background job that keeps the failing spans of an hour summed, for impacts over days."""

from datetime import datetime, timedelta

from sightline_core.time_range import TimeRange
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.rollups.write_follower import WriteFollower

HOURS_JOB = "failure hours"
_SUMMED = timedelta(days=90)


class HoursJob:
    """Safe to repeat and to be cut off. A turn reads whole hours, so that it is dear under load."""

    def __init__(self, hours: FailureHours, writes: WriteFollower) -> None:
        self._hours = hours
        self._writes = writes

    def run(self, now: datetime) -> bool:
        """Sum the hours that were written into since the last run; True when more are left."""
        written = self._writes.look(now)
        if written is None:
            return False
        hours = {(project, minute.replace(minute=0)) for project, minute in written.minutes}
        if self._writes.has_gap:
            hours.update(self._hours.failing(TimeRange(now - _SUMMED, now + timedelta(hours=1))))
        self._hours.refresh(sorted(hours), now)
        self._writes.advance(now)
        return written.more
