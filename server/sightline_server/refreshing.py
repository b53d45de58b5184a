"""Keeps what a process holds of the metadata database fresh, away from the threads that serve."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from sightline_core.errors import BackendError
from sightline_core.outage import Outage

logger = logging.getLogger(__name__)

PERIOD = timedelta(seconds=2)
_PATIENCE_S = 20.0


class Refresher:
    """Calls functions again and again; one that fails is tried at the next turn."""

    def __init__(self, refreshes: Sequence[Callable[[], None]], period: timedelta = PERIOD) -> None:
        self._refreshes = refreshes
        self._period_s = period.total_seconds()
        self._stopping = threading.Event()
        self._outage = Outage(
            logger,
            "Keys and prices cannot be read; the last ones known count",
            "Keys and prices are read again",
        )
        self._is_known = False
        self._begun_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="sightline-refresh", daemon=True)

    def start(self, *, may_be_away: bool) -> None:
        """Refresh once, so that the first request finds everything, then go on in the background.

        Where the database `may_be_away`, that may be later; if not, this raises what a refresh raises.
        """
        if may_be_away:
            self._refresh()
        else:
            self._read()
        self._thread.start()

    def stop(self) -> None:
        """Return when no refresh runs any more."""
        self._stopping.set()
        self._thread.join()

    def check(self) -> None:
        """Raise `BackendError` when the last refresh failed, or gets no answer."""
        if self._outage.reason:
            raise BackendError(self._outage.reason)
        if time.monotonic() - self._begun_s > _PATIENCE_S:
            raise BackendError(f"the metadata database has not answered for {_PATIENCE_S:.0f} seconds")

    def check_known(self) -> None:
        """Raise `BackendError` until everything was read once."""
        if not self._is_known:
            raise BackendError(self._outage.reason or "keys and prices are not read yet")

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            self._refresh()

    def _refresh(self) -> None:
        self._begun_s = time.monotonic()
        try:
            self._read()
        except Exception as error:
            self._outage.met(error)
        else:
            self._outage.over()

    def _read(self) -> None:
        for refresh in self._refreshes:
            refresh()
        self._is_known = True
