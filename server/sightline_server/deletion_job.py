"""The background job behind deletions: repeat them while something may be on its way, then free the disk."""

from datetime import datetime, timedelta

from sightline_storage import Store
from sightline_storage.deletion_requests import DeletionRequests

_PURGE_PERIOD = timedelta(minutes=10)
"""A purge rewrites whole days, so that many deletions share one."""


class DeletionJob:
    """Used by one thread."""

    def __init__(self, requests: DeletionRequests, store: Store) -> None:
        self._requests = requests
        self._store = store
        self._purged_at: datetime | None = None
        self._is_clean = False

    def run(self, now: datetime) -> bool:
        """Do what is due; there is never more to do at once."""
        if self._requests.repeat(now):
            self._is_clean = False
        if not self._is_clean and (self._purged_at is None or now - self._purged_at >= _PURGE_PERIOD):
            asked = self._requests.open()
            self._store.purge()
            self._requests.mark_purged([request for request in asked if request.state == "deleted"], now)
            self._purged_at, self._is_clean = now, not asked
        return False
