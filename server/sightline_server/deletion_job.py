"""The background job behind deletions: repeat them while something may be on its way, then free the disk."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sightline_core.one_by_one import one_by_one
from sightline_storage import Store
from sightline_storage.lifecycle.deletion_requests import CLOCKS_APART, DeletionRequest, DeletionRequests

_PURGE_PERIOD = timedelta(minutes=10)
"""A purge rewrites whole days, so that many deletions share one."""


class DeletionJob:
    """Used by one thread."""

    def __init__(self, requests: DeletionRequests, store: Store) -> None:
        self._requests = requests
        self._store = store
        self._purged_at: datetime | None = None

    def run(self, now: datetime) -> bool:
        """Do what is due; there is never more to do at once."""
        one_by_one(
            [
                ("deleting", lambda: self._requests.repeat(now)),
                ("taking off the disk", lambda: self._free_disk(now)),
            ]
        )
        return False

    def _free_disk(self, now: datetime) -> None:
        on_disk = [request for request in self._requests.open() if request.is_on_disk]
        if self._purged_at is None:
            self._purge(on_disk, None, now)  # once in a process of everything: single scores have no request
        elif on_disk and not timedelta(0) <= now - self._purged_at < _PURGE_PERIOD:  # it may be set back
            since = min(request.purged_at or request.requested_at for request in on_disk)
            self._purge(on_disk, since - CLOCKS_APART, now)
        self._requests.forget_old(now)

    def _purge(self, on_disk: Sequence[DeletionRequest], since: datetime | None, now: datetime) -> None:
        self._store.purge(since)
        self._requests.mark_purged(on_disk, now)
        self._purged_at = now
