"""Keeps what a process holds of the metadata database fresh, away from the threads that serve."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from sightline_core.errors import BackendError

logger = logging.getLogger(__name__)

PERIOD = timedelta(seconds=2)


class Refresher:
    """Calls functions again and again; one that fails is tried at the next turn."""

    def __init__(self, refreshes: Sequence[Callable[[], None]], period: timedelta = PERIOD) -> None:
        self._refreshes = refreshes
        self._period_s = period.total_seconds()
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="sightline-refresh", daemon=True)

    def start(self) -> None:
        """Refresh once, so that the first request finds everything, then go on in the background."""
        for refresh in self._refreshes:
            refresh()
        self._thread.start()

    def stop(self) -> None:
        """Return when no refresh runs any more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            try:
                for refresh in self._refreshes:
                    refresh()
                self._failing = False
            except Exception as error:
                if not self._failing:  # one line for an outage, not one every two seconds
                    logger.warning(
                        "Keys and prices cannot be read; the last ones known count",
                        extra={"reason": str(error)},
                        exc_info=not isinstance(error, BackendError),
                    )
                self._failing = True
