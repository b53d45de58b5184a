"""What a background job that follows the writes has not looked at yet."""

from datetime import datetime, timedelta

from sightline_core.nanoseconds import SECOND_NS
from sightline_storage.metadata.job_progress import SKEW, JobProgress
from sightline_storage.rollups.written_minutes import (
    MARK_DELAY_S,
    Place,
    WrittenMinutes,
    WrittenMinutesReader,
)

_MARKS_KEPT = timedelta(hours=20)


class WriteFollower:
    """Of one job, for one thread: `look`, do the work, then `advance`; a turn that is cut off is done again.

    `has_gap` says after a look that the last one is so long ago that marks in between are gone: then not only
    the minutes that were found may have changed. `first_look` is how far the very first one goes back;
    without it, as far as there are marks.
    """

    def __init__(
        self,
        job: str,
        progress: JobProgress,
        reader: WrittenMinutesReader,
        *,
        first_look: timedelta | None = None,
    ) -> None:
        self._job = job
        self._progress = progress
        self._reader = reader
        self._first_look = first_look
        self._after: Place | None = None
        self._found: WrittenMinutes | None = None
        self._done: WrittenMinutes | None = None
        self.has_gap = False

    def look(self, now: datetime) -> WrittenMinutes | None:
        """Return what was written since the last `advance`; None when it has seen all of it."""
        seen_s, now_s = self._progress.seen_ns(self._job, now) // SECOND_NS, int(now.timestamp())
        self.has_gap = now_s - seen_s >= _MARKS_KEPT.total_seconds()
        if seen_s > now_s:
            # The clock was set back: what is written from now on may be marked with a time from before.
            seen_s = now_s - int(SKEW.total_seconds())
        elif not seen_s and self._first_look is not None:
            seen_s = int((now - self._first_look).timestamp())
        if self._after is not None and self._after[0] > seen_s:
            self._after = None
        self._found = self._reader.since(max(0, seen_s - MARK_DELAY_S), self._after)
        return None if self._found == self._done else self._found

    def advance(self, now: datetime) -> None:
        """Remember that the job is done with what the last look found."""
        if self._found is not None:
            self._progress.set_seen_ns(self._job, self._found.seen_s(now) * SECOND_NS)
            self._done = self._found
            if self._found.more:
                # More minutes than one look finds may share a second, and would be found for ever.
                self._after = self._found.last_place
