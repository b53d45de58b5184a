"""Up to when all that arrived is stored and summed, as far as is known."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

_USUAL: Final = timedelta(seconds=10)
_SUMS_FOLLOW_IN: Final = timedelta(seconds=30)
SENDERS_COME_BACK_IN: Final = timedelta(seconds=90)
"""After a restart: exporters wait for up to a minute between two tries."""


class StoredUntil:
    """Of one thread. Who stores spans here is far behind after an outage, and then catches up.

    `waiting_since` returns when the oldest span arrived that waits, here or in a collector; None: none does.
    Where this process is what they are sent to, senders come back a while after it began.
    """

    def __init__(
        self,
        waiting_since: Callable[[], datetime | None] = lambda: None,
        senders_come_back_in: timedelta = timedelta(0),
    ) -> None:
        self._waiting_since = waiting_since
        self._senders_come_back_in = senders_come_back_in
        self._begun: datetime | None = None
        self._behind: datetime | None = None
        self._caught_up: datetime | None = None

    def __call__(self, now: datetime) -> datetime:
        """Return a moment up to which nothing that arrived is lacking in spans and sums."""
        self._begun = self._begun or now
        since = self._waiting_since()
        if since is not None and now - since > _USUAL:
            self._behind, self._caught_up = since, None
        elif self._behind is not None:
            self._caught_up = self._caught_up or now
            if not timedelta(0) <= now - self._caught_up < _SUMS_FOLLOW_IN:
                self._behind = None
        return self._behind or now

    def senders_are_back(self, now: datetime) -> bool:
        """Return whether what was sent while no process was there had time to be sent again."""
        return self._begun is None or not timedelta(0) <= now - self._begun < self._senders_come_back_in
