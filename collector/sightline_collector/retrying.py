"""Asking the store, and the disk, again and again until they do what has to be done."""

import gc
import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sightline_collector.counters import Counters
from sightline_core.errors import BackendError, RowsRefused
from sightline_core.outage import Outage

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
_DISK_PAUSE_S = 1.0
_LONGEST_WAIT_FOR_DISK_S = 600.0

_T = TypeVar("_T")


class GivenUp(BaseException):
    """The store did not take what it was asked to before the process has to end.

    No `Exception`: whoever handles defects must not take it for one.
    """


class Retrying:
    """Of the flusher's thread; others may only set `giving_up`."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self.giving_up = threading.Event()
        """Set once nothing is waited for any more, as the process has to end."""
        self.refusals = 0
        """How often the store did not do what it was asked for."""
        self._store_outage = Outage(logger, "the store takes no spans", "the store takes spans again")
        self._disk_outage = Outage(logger, "held events are not saved", "held events are saved again")

    def check(self) -> None:
        """Raise `BackendError` while the disk does not take the events that wait for their span."""
        if self._disk_outage.reason:
            raise BackendError(f"held events are not saved: {self._disk_outage.reason}")

    def until_stored(self, ask: Callable[[], _T]) -> _T:
        """Ask the store until it does what is asked, or says that it cannot take these rows (`RowsRefused`).

        Raises `GivenUp` when the process must end.
        """
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                taken = ask()
            except BackendError as error:
                self._counters.store_refused()
                self.refusals += 1
                if isinstance(error, RowsRefused):
                    raise
                self._store_outage.met(error)
                gc.enable()  # the wait may be long, and the garbage is everybody's
                if self.giving_up.wait(pause_s):
                    raise GivenUp from error
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                self._store_outage.over()
                return taken

    def until_saved(self, save: Callable[[], None]) -> None:
        """Save on the disk what events wait for, however long it takes room for that.

        A disk without room for them is waited for, unless storing has to go on for there to be any. Raises
        `GivenUp` when the process must end.
        """
        give_up_s = time.monotonic() + _LONGEST_WAIT_FOR_DISK_S
        while True:
            try:
                save()
            except OSError as error:
                self._disk_outage.met(error)
                gc.enable()
                if time.monotonic() > give_up_s:
                    return
                if self.giving_up.wait(_DISK_PAUSE_S):
                    raise GivenUp from error
            else:
                self._disk_outage.over()
                return
