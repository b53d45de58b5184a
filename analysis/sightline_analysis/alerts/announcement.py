"""What channels are told: the difference between what is true and what they have been told so far.

Nothing here remembers events. Each time, the open incident is compared with `Told`; so a muted, snoozed or
dependent alert that is still open when the silence ends is announced then, one that resolved meanwhile is
never mentioned, and a resolve always follows a trigger, silence or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal

from sightline_analysis.alerts.state import AlertState
from sightline_analysis.costs.calendar_buckets import load_zone
from sightline_core.errors import CallerError

Action = Literal["trigger", "update", "remind", "acknowledge", "resolve"]
SilencedBy = Literal["snooze", "mute", "parent"]


@dataclass(frozen=True, slots=True)
class MuteWindow:
    """A weekly window without announcements: from `start` to `end` local time on `days` (Monday = 0).

    An `end` at or before `start` is on the following day.
    """

    days: tuple[int, ...]
    start: time
    end: time
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.days or any(not 0 <= day <= 6 for day in self.days):
            raise CallerError("a mute window needs days between monday and sunday")
        load_zone(self.zone)

    def covers(self, at: datetime) -> bool:
        """Return whether `at` lies in the window."""
        local = at.astimezone(load_zone(self.zone))
        clock, today, yesterday = local.time(), local.weekday(), (local.weekday() - 1) % 7
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)


@dataclass(frozen=True, slots=True)
class Told:
    """What the channels know. `rank` 0 = they know of no incident."""

    rank: int = 0
    at: datetime | None = None
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Handling:
    """What people did with the incident, and what stands above it."""

    acknowledged_by: str = ""
    snoozed_until: datetime | None = None
    parent_is_open: bool = False


def silenced_by(at: datetime, handling: Handling, mutes: Sequence[MuteWindow]) -> SilencedBy | None:
    """Return why nothing is announced at `at`, or `None` when announcements go out."""
    if handling.snoozed_until is not None and at < handling.snoozed_until:
        return "snooze"
    if any(window.covers(at) for window in mutes):
        return "mute"
    return "parent" if handling.parent_is_open else None


def next_announcement(
    state: AlertState,
    told: Told,
    handling: Handling,
    *,
    at: datetime,
    mutes: Sequence[MuteWindow] = (),
    remind_every: timedelta | None = None,
) -> tuple[Action | None, Told]:
    """Return what to tell the channels now, if anything, and what they know afterwards."""
    if not state.is_open:
        return ("resolve" if told.rank else None), Told()
    if silenced_by(at, handling, mutes) is not None:
        return None, told
    if told.rank == 0:
        return "trigger", Told(state.rank, at, acknowledged=False)
    if state.rank > told.rank:
        return "update", Told(state.rank, at, acknowledged=False)
    if handling.acknowledged_by:
        return (None, told) if told.acknowledged else ("acknowledge", replace(told, acknowledged=True))
    if remind_every is not None and told.at is not None and at - told.at >= remind_every:
        return "remind", replace(told, at=at)
    return None, told
