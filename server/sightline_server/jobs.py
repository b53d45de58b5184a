"""Background jobs: each runs at its own period in its own thread, and in one process at a time."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sightline_core.errors import BackendError
from sightline_core.outage import Outage
from sightline_server.turns import TurnEnded, Turns
from sightline_storage.metadata.job_failures import JobFailures
from sightline_storage.metadata.leases import Leases

logger = logging.getLogger(__name__)

_SHARE_OF_CPU = 0.02
_SHARE_OF_TIME = 0.2  # a turn waits mostly for the engine, whose CPU is not its thread's
_LONGEST_PAUSE_S = 20.0

_RENEW_EVERY_S = 10.0
_LONGEST_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Job:
    """`run` is safe to repeat and to be cut off; it returns whether it left work for a next run at once."""

    name: str
    period: timedelta
    run: Callable[[], bool]


@dataclass(slots=True)
class JobCounts:
    """Turns of one job in this process: those that were ours by the lease, and what became of them."""

    turns: int = 0
    failures: int = 0
    seconds: float = 0.0
    succeeded_at: float = 0.0
    """Unix time; 0: not yet."""
    is_failing: bool = False
    """Whether the last turn here failed."""


class JobRunner:
    """Runs jobs until it is stopped. A job that fails is logged and tried again at its next turn."""

    def __init__(
        self,
        jobs: Sequence[Job],
        leases: Leases,
        failures: JobFailures,
        stopping: threading.Event,
        *,
        renew_every_s: float = _RENEW_EVERY_S,
    ) -> None:
        """`stopping` is set when the process shall end, by whoever is first; see `turns.ends_turns`."""
        self._leases = leases
        self._failures = failures
        self._known_to_succeed: set[str] = set()
        """Jobs of which no failure is noted, unless another process had a turn."""
        self._turns = Turns(leases, renew_every_s)
        self._shortest_lease = timedelta(seconds=3 * renew_every_s)
        self.counts = {job.name: JobCounts() for job in jobs}
        self._stopping = stopping
        self._outages = {
            job.name: Outage(logger, "a background job fails", "a background job goes on", job=job.name)
            for job in jobs
        }
        self._threads = [
            threading.Thread(target=self._repeat, args=(job,), name=f"job-{job.name}") for job in jobs
        ]

    def start(self) -> None:
        """Begin with a first turn of every job."""
        with suppress(BackendError):  # the database is away; the next start will do
            self._failures.keep_only(self.counts.keys())
        self._turns.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait for the steps that are running, then give the leases back."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._turns.stop()

    def _repeat(self, job: Job) -> None:
        # A holder that dies is replaced after three missed turns, or renewals. Of a job that is rarely due
        # each worker has a turn of its own, as no lease waits for hours for one that may be gone.
        lease = max(min(3 * job.period, _LONGEST_LEASE), self._shortest_lease)
        before_s = job.period.total_seconds()
        while not self._stopping.is_set():
            begun_s, cpu_s = time.monotonic(), time.thread_time()
            more = self._take_turn(job, lease)
            rest_s = pause_s(job.period, time.thread_time() - cpu_s, time.monotonic() - begun_s)
            if more is None:
                self._stopping.wait(min(rest_s, lease.total_seconds()))
            elif not more:
                # One dear turn, as the first of a process is, delays nothing.
                self._stopping.wait(min(before_s, rest_s))
            before_s = rest_s
        with suppress(BackendError):  # it runs out by itself
            self._leases.release(job.name)

    def _take_turn(self, job: Job, lease: timedelta) -> bool | None:
        """Return whether the turn left work for a next one at once; None while another process has it."""
        counts, begun_s = self.counts[job.name], time.monotonic()
        try:
            with self._turns.turn(job.name, lease) as is_ours:
                if not is_ours:
                    self._is_anothers(job.name)
                    return None
                counts.turns += 1
                more = job.run()
        except TurnEnded:
            return False
        except Exception as error:
            # Whatever a job meets, the others and its next turn go on; the log is where an operator looks.
            self._note_failure(job.name, error)
            return False
        counts.seconds += time.monotonic() - begun_s
        self._note_success(job.name)
        return more

    def _is_anothers(self, job: str) -> None:
        self._outages[job].over()
        self.counts[job].is_failing = False
        self._known_to_succeed.discard(job)

    def _note_failure(self, job: str, error: Exception) -> None:
        self._outages[job].met(error)
        self.counts[job].failures += 1
        self.counts[job].is_failing = True
        self._known_to_succeed.discard(job)
        with suppress(BackendError):  # a database that is away is told by whoever looks at it
            self._failures.met(job, f"{type(error).__name__}: {self._outages[job].reason}")

    def _note_success(self, job: str) -> None:
        self._outages[job].over()
        self.counts[job].succeeded_at = time.time()
        self.counts[job].is_failing = False
        if job not in self._known_to_succeed:
            with suppress(BackendError):  # the next turn will do
                self._failures.over(job)
                self._known_to_succeed.add(job)


def pause_s(period: timedelta, turn_cpu_s: float, turn_s: float) -> float:
    """Return how long a job rests: its period, longer when its turns are dear.

    What a job looks at grows with the load, and just then it must not take the CPU from storing.
    """
    dear_s = max(turn_cpu_s / _SHARE_OF_CPU, turn_s / _SHARE_OF_TIME)
    return max(period.total_seconds(), min(dear_s, _LONGEST_PAUSE_S))


class Pace:
    """Takes a step of a job as seldom as its share of the time asks for; a cheap one at every turn."""

    def __init__(self, share: float, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock_s = clock_s
        self._next_s = 0.0

    def take(self, step: Callable[[], bool]) -> bool:
        """Take the step and return what it returns, or False when it is not due yet."""
        begun_s = self._clock_s()
        if begun_s < self._next_s:
            return False
        more = step()
        ended_s = self._clock_s()
        self._next_s = ended_s + (ended_s - begun_s) * (1 / self._share - 1)
        return more
