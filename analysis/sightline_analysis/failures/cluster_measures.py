"""Failure clusters as measures of alert rules: how many became new, came back, or rise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sightline_analysis.failures.lifecycle import NEW_FOR, WEEK, is_rising
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_records import ClusterRow
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.rollups.measure_reader import GroupSums, Sums

NEW: Final = "new_failure_clusters"
REGRESSED: Final = "regressed_failure_clusters"
RISING: Final = "rising_failure_clusters"

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AffectingCluster:
    """A cluster that was counted in a window, and what it hit until the end of that."""

    id: str
    title: str
    traces: int
    cost_usd: Decimal


class ClusterMeasures:
    """Thread-safe. What people ignore is not counted."""

    def __init__(self, store: FailureStore, reader: FailureReader) -> None:
        self._store = store
        self._reader = reader

    def measure(
        self, project: ProjectId, windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int
    ) -> GroupSums:
        """Return the counts of each window, of the project as a whole: clusters have no other group.

        A cluster is new when the job founded it, however late its spans came; one that is founded from spans
        of days ago (an import, a split) is not. It rises in the hour in which a window ends.
        """
        clusters = [row for row in self._store.clusters(project) if row.status != "ignored"]
        rising = self._rising(project, windows, clusters) if RISING in columns else {}
        sums: list[Sums] = [
            {column: float(len(_counted(column, clusters, window, rising))) for column in columns}
            for window in windows
        ]
        return {(): sums}

    def most_affecting(
        self, project: ProjectId, window: TimeRange, column: str, limit: int
    ) -> list[AffectingCluster]:
        """Return the clusters that `measure` counts in a window, those that hit most traces first.

        Spans are stored before their cluster is founded: what they hit in the hour before counts as well, and
        of a new one all that it ever hit.
        """
        clusters = [row for row in self._store.clusters(project) if row.status != "ignored"]
        rising = self._rising(project, [window], clusters) if column == RISING else {}
        counted = _counted(column, clusters, window, rising)
        ids = {row.id for row in counted}
        cluster_of = {key: name for key, name in self._store.clusters_of(project).items() if name in ids}
        first_seen = (row.first_seen for row in counted if column == NEW)
        start = min([window.start - _HOUR, *first_seen])
        impact = self._reader.impact(project, TimeRange(start, window.end), cluster_of)
        found = [
            AffectingCluster(row.id, row.title, hit.traces if hit else 0, hit.cost_usd if hit else Decimal(0))
            for row in counted
            for hit in [impact.get(row.id)]
        ]
        return sorted(found, key=lambda one: (-one.traces, -one.cost_usd, one.id))[:limit]

    def _rising(
        self, project: ProjectId, windows: Sequence[TimeRange], clusters: Sequence[ClusterRow]
    ) -> dict[TimeRange, set[str]]:
        if not windows or not clusters:
            return {}
        first, last = min(window.end for window in windows), max(window.end for window in windows)
        open_ones = {row.id for row in clusters if row.status == "open"}
        every = self._store.clusters_of(project)
        cluster_of = {fingerprint: cluster for fingerprint, cluster in every.items() if cluster in open_ones}
        hours = self._reader.hours(project, TimeRange(first - WEEK - 2 * _HOUR, last), cluster_of)
        found: dict[TimeRange, set[str]] = {}
        for window in windows:
            # A window that ends with the hour is about that hour, not about the next one.
            moment = window.end - timedelta(microseconds=1)
            found[window] = {name for name, counts in hours.items() if name and is_rising(counts, moment)}
        return found


def _counted(
    column: str, clusters: Sequence[ClusterRow], window: TimeRange, rising: dict[TimeRange, set[str]]
) -> list[ClusterRow]:
    if column == NEW:
        return [row for row in clusters if _became_new(row, window)]
    if column == REGRESSED:
        return [row for row in clusters if _came_back(row, window)]
    return [row for row in clusters if row.id in rising.get(window, ())]


def _became_new(row: ClusterRow, window: TimeRange) -> bool:
    return window.start <= row.created_at < window.end and row.created_at - row.first_seen < NEW_FOR


def _came_back(row: ClusterRow, window: TimeRange) -> bool:
    return row.regressed_at is not None and window.start <= row.regressed_at < window.end
