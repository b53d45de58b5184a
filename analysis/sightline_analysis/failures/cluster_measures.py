"""Failure clusters as measures of alert rules: how many became new, came back, or rise."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sightline_analysis.failures.lifecycle import NEW_FOR, WEEK, is_rising
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.failure_reader import FailureReader
from sightline_storage.failure_store import ClusterRow, FailureStore
from sightline_storage.measure_reader import GroupSums, Sums

NEW: Final = "new_failure_clusters"
REGRESSED: Final = "regressed_failure_clusters"
RISING: Final = "rising_failure_clusters"

_HOUR = timedelta(hours=1)


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
        sums: list[Sums] = []
        for window in windows:
            counts: dict[str, float | None] = {
                NEW: float(sum(_became_new(row, window) for row in clusters)),
                REGRESSED: float(sum(_came_back(row, window) for row in clusters)),
                RISING: float(rising.get(window, 0)),
            }
            sums.append({column: counts[column] for column in columns})
        return {(): sums}

    def _rising(
        self, project: ProjectId, windows: Sequence[TimeRange], clusters: Sequence[ClusterRow]
    ) -> dict[TimeRange, int]:
        if not windows or not clusters:
            return {}
        first, last = min(window.end for window in windows), max(window.end for window in windows)
        open_ones = {row.id for row in clusters if row.status == "open"}
        every = self._store.clusters_of(project)
        cluster_of = {fingerprint: cluster for fingerprint, cluster in every.items() if cluster in open_ones}
        hours = self._reader.hours(project, TimeRange(first - WEEK - 2 * _HOUR, last), cluster_of)
        found: dict[TimeRange, int] = {}
        for window in windows:
            # A window that ends with the hour is about that hour, not about the next one.
            moment = window.end - timedelta(microseconds=1)
            found[window] = sum(is_rising(counts, moment) for name, counts in hours.items() if name)
        return found


def _became_new(row: ClusterRow, window: TimeRange) -> bool:
    return window.start <= row.created_at < window.end and row.created_at - row.first_seen < NEW_FOR


def _came_back(row: ClusterRow, window: TimeRange) -> bool:
    return row.regressed_at is not None and window.start <= row.regressed_at < window.end
