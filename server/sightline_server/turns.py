"""Turns of background jobs, each under a lease that is renewed while the turn lasts."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from sightline_core.outage import Outage
from sightline_storage.metadata.leases import Leases

logger = logging.getLogger(__name__)

_LONGEST_STOP_S = 1.0


class TurnEnded(BaseException):
    """The process stops, or another one may have the job by now, and the turn ends.

    No error, so that nobody takes it for one of theirs.
    """


@dataclass(slots=True, eq=False)
class _Turn:
    job: str
    lease: timedelta
    ours_until_s: float
    """By the monotonic clock; nobody else has the job before."""
    outage: Outage


_TURN: ContextVar[_Turn | None] = ContextVar("turn", default=None)
"""The turn that runs in this thread."""


def ends_turns(stopping: threading.Event) -> Callable[[], None]:
    """Return what jobs ask between their steps.

    It ends the turn of the thread that asks once the process stops or the turn's lease is lost.
    """

    def go_on() -> None:
        turn = _TURN.get()
        if stopping.is_set() or (turn is not None and time.monotonic() >= turn.ours_until_s):
            raise TurnEnded

    return go_on


class Turns:
    """Takes the leases of turns and renews them, in a thread of its own."""

    def __init__(self, leases: Leases, renew_every_s: float) -> None:
        """A lease should last for several renewals."""
        self._leases = leases
        self._renew_every_s = renew_every_s
        self._running: set[_Turn] = set()
        self._ended = threading.Event()
        # A metadata database that does not answer holds up no exit.
        self._thread = threading.Thread(target=self._renew_all, name="leases", daemon=True)

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more; call it once the last turn is over."""
        self._ended.set()
        self._thread.join(_LONGEST_STOP_S)

    @contextmanager
    def turn(self, job: str, lease: timedelta) -> Iterator[bool]:
        """Hold the job's lease for a turn in this thread; yields whether it is ours."""
        outage = Outage(logger, "a lease could not be renewed", "a lease is renewed again", job=job)
        turn = _Turn(job, lease, time.monotonic() + lease.total_seconds(), outage)
        if not self._leases.acquire(job, lease):
            yield False
            return
        self._running.add(turn)
        outer = _TURN.set(turn)
        try:
            yield True
        finally:
            _TURN.reset(outer)
            self._running.discard(turn)

    def _renew_all(self) -> None:
        while not self._ended.wait(self._renew_every_s):
            for turn in self._running.copy():
                self._renew(turn)

    def _renew(self, turn: _Turn) -> None:
        until_s = time.monotonic() + turn.lease.total_seconds()
        try:
            ours = self._leases.renew(turn.job, turn.lease)
        except Exception as error:
            # Whatever it is, the others' leases are renewed, and this one is tried again until it runs out.
            turn.outage.met(error)
            return
        turn.outage.over()
        turn.ours_until_s = until_s if ours else 0.0
        if not ours and turn in self._running:
            self._running.discard(turn)
            logger.warning("another process has taken over a background job", extra={"job": turn.job})
