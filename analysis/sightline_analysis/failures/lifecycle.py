"""In which state a cluster is, from what was decided and what was counted."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sightline_storage.failures.failure_records import ClusterRow

NEW_FOR = timedelta(hours=24)
QUIET_AFTER = timedelta(days=7)
WEEK = timedelta(days=7)
RISING_MIN = 5
_HOUR = timedelta(hours=1)


class ClusterState(StrEnum):
    """What is shown of a cluster; `state_of` says which one goes first."""

    NEW = "new"  # first seen within a day
    ONGOING = "ongoing"  # none of the others
    RISING = "rising"  # far more often than in the week before
    REGRESSED = "regressed"  # seen again within a week after it was resolved
    QUIET = "quiet"  # not seen for a week
    RESOLVED = "resolved"  # a person said so
    IGNORED = "ignored"  # a person said so, maybe until it occurs so many times more


def state_of(cluster: ClusterRow, hours: Mapping[int, int], now: datetime) -> ClusterState:
    """Return the state at `now`; `hours` holds occurrences by hour since the epoch, of at least a week.

    What people decided comes first, then that it came back, then how often it occurs: rising before new, as a
    new failure that rises needs eyes first. An ignored one comes back when it occurred as often as was said.
    """
    if cluster.status == "resolved":
        return ClusterState.RESOLVED
    if cluster.status == "ignored" and not _ignored_long_enough(cluster, hours):
        return ClusterState.IGNORED
    if cluster.regressed_at is not None and now - cluster.regressed_at < QUIET_AFTER:
        return ClusterState.REGRESSED
    if is_rising(hours, now):
        return ClusterState.RISING
    if now - cluster.last_seen >= QUIET_AFTER:
        return ClusterState.QUIET
    return ClusterState.NEW if now - cluster.first_seen < NEW_FOR else ClusterState.ONGOING


def _ignored_long_enough(cluster: ClusterRow, hours: Mapping[int, int]) -> bool:
    if cluster.ignore_until == 0:
        return False
    since = sum(count for hour, count in hours.items() if hour >= hour_of(cluster.status_at) - 1)
    return since >= cluster.ignore_until


def hour_of(time: datetime) -> int:
    """Return the hour since the epoch."""
    return int(time.timestamp()) // 3600


def is_rising(hours: Mapping[int, int], now: datetime) -> bool:
    """Return whether the current or the last whole hour stands out of the week before it.

    At least 5 occurrences, more than the week's highest hour, and more than mean + 3·max(sd, √mean): √mean is
    the deviation of a Poisson process, so that a rare failure's first pair does not count as a rise.
    """
    this_hour = hour_of(now)
    for hour in (this_hour, this_hour - 1):
        count = hours.get(hour, 0)
        if count < RISING_MIN:
            continue
        past = [hours.get(hour - step, 0) for step in range(1, int(WEEK / _HOUR) + 1)]
        mean = sum(past) / len(past)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in past) / len(past))
        if count > max(past) and count > mean + 3 * max(deviation, math.sqrt(mean)):
            return True
    return False


def regression(cluster: ClusterRow, seen_at: datetime, app_version: str) -> dict[str, object] | None:
    """Return the columns to change when a resolved cluster's failure came back, else `None`.

    Resolved "in the next version" names the version it was still seen in: failures of that version, or of no
    version, do not reopen it.
    """
    if cluster.status != "resolved" or seen_at <= cluster.status_at:
        return None
    if cluster.resolved_version and app_version in ("", cluster.resolved_version):
        return None
    return {"status": "open", "status_at": seen_at, "regressed_at": seen_at, "regressed_version": app_version}
