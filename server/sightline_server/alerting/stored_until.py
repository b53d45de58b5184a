"""Up to when all that arrived is stored and summed, as far as this process knows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

_USUAL: Final = timedelta(seconds=10)
_SUMS_FOLLOW_IN: Final = timedelta(seconds=30)


class StoredUntil:
    """Of one thread. Who stores spans here is far behind after an outage, and then catches up.

    `waiting_since` returns when the oldest span arrived that waits; None: none does, or other processes know.
    """

    def __init__(self, waiting_since: Callable[[], datetime | None] = lambda: None) -> None:
        self._waiting_since = waiting_since
        self._behind: datetime | None = None
        self._caught_up: datetime | None = None

    def __call__(self, now: datetime) -> datetime:
        """Return a moment up to which nothing that arrived is lacking in spans and sums."""
        since = self._waiting_since()
        if since is not None and now - since > _USUAL:
            self._behind, self._caught_up = since, None
        elif self._behind is not None:
            self._caught_up = self._caught_up or now
            if not timedelta(0) <= now - self._caught_up < _SUMS_FOLLOW_IN:
                self._behind = None
        return self._behind or now
