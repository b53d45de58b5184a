"""Background jobs rest longer when their turns are dear, and one process has a job while its turn lasts."""

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from tests.e2e.polling import until

from sightline_core.errors import BackendError
from sightline_server.jobs import Job, JobRunner, Pace, pause_s
from sightline_server.turns import TurnEnded, ends_turns
from sightline_storage.metadata.job_failures import JobFailures, failing_jobs
from sightline_storage.metadata.leases import Leases
from sightline_storage.metadata.metadata_tables import LEASES


@pytest.mark.parametrize(
    ("turn_cpu_s", "turn_s", "expected"),
    [
        (0.0, 0.0, 5.0),
        (0.05, 0.1, 5.0),
        (0.2, 0.3, 10.0),
        (0.05, 3.0, 15.0),
        (0.1, 7.0, 20.0),
        (30.0, 30.0, 20.0),
    ],
    ids=["idle", "cheap", "dear", "dear to the engine", "very dear to the engine", "very dear"],
)
def test_a_job_takes_a_share_of_cpu_and_time_and_never_rests_for_long(
    turn_cpu_s: float, turn_s: float, expected: float
) -> None:
    assert pause_s(timedelta(seconds=5), turn_cpu_s, turn_s) == pytest.approx(expected)


def test_a_job_that_is_rarely_due_keeps_its_period() -> None:
    assert pause_s(timedelta(hours=1), 30.0, 60.0) == 3_600


def test_a_dear_step_is_left_out_until_it_has_rested() -> None:
    now_s, taken = 100.0, []

    def step() -> bool:
        nonlocal now_s
        taken.append(now_s)
        now_s += 0.5
        return True

    pace = Pace(share=0.05, clock_s=lambda: now_s)
    assert pace.take(step)
    now_s += 9.4
    assert not pace.take(step)
    now_s += 0.2
    assert pace.take(step)
    assert taken == [100.0, pytest.approx(110.1)]


class Workers:
    """One that runs a job, once, and another that wants the job; only a test moves their clock."""

    def __init__(self, metadata: Engine) -> None:
        self.now = datetime(2026, 9, 21, 12, tzinfo=UTC)
        self.one, self.two = (Leases(metadata, name, clock=lambda _: self.now) for name in ("one", "two"))
        self.metadata = metadata

    def run(self, turn: Callable[[], None]) -> JobRunner:
        """Let the first run a turn and stop; it has a lease of 15 seconds, renewed at once."""
        stopping = threading.Event()

        def run() -> bool:
            try:
                turn()
            finally:
                stopping.set()
            return False

        jobs = [Job("job", timedelta(seconds=5), run)]
        failures = JobFailures(self.metadata, "one")
        runner = JobRunner(jobs, self.one, failures, stopping, renew_every_s=0.01)
        runner.start()
        stopping.wait()
        runner.stop()
        return runner

    def takes_over(self) -> bool:
        return self.two.acquire("job", timedelta(seconds=15))

    def lease_ends(self) -> datetime:
        with self.metadata.begin() as connection:
            ends: datetime = connection.execute(select(LEASES.c.expires_at)).scalar_one()
        return ends


@pytest.fixture
def workers(metadata: Engine) -> Workers:
    return Workers(metadata)


def test_a_job_stays_with_its_worker_for_as_long_as_a_turn_lasts(workers: Workers) -> None:
    taken = []

    def turn() -> None:
        for _ in range(4):
            workers.now += timedelta(seconds=10)
            until(lambda: workers.lease_ends() == workers.now + timedelta(seconds=15))
            taken.append(workers.takes_over())

    assert workers.run(turn).counts["job"].failures == 0
    assert taken == [False] * 4
    assert workers.takes_over()


def test_a_turn_ends_at_its_next_step_when_another_worker_has_its_job(workers: Workers) -> None:
    ended, go_on = [], ends_turns(threading.Event())

    def turn() -> None:
        while not workers.takes_over():
            workers.now += timedelta(minutes=1)
        try:
            until(go_on)
        except TurnEnded:
            ended.append(True)
            raise

    assert workers.run(turn).counts["job"].failures == 0
    assert ended
    assert not workers.one.acquire("job", timedelta(seconds=15))


def test_a_job_that_is_rarely_due_does_not_wait_for_hours_for_a_worker_that_is_gone(
    workers: Workers,
) -> None:
    had: list[timedelta] = []

    def die() -> bool:
        with workers.metadata.connect() as connection:
            until_at = connection.execute(select(LEASES.c.expires_at)).scalar_one()
        had.append(until_at.replace(tzinfo=UTC) - workers.now)
        return False

    stopping = threading.Event()
    job = Job("rare", timedelta(hours=1), die)
    runner = JobRunner([job], workers.one, JobFailures(workers.metadata, "one"), stopping)
    runner.start()
    until(lambda: had)
    stopping.set()
    runner.stop()
    assert had[0] <= timedelta(minutes=2)


def test_a_turn_whose_lease_cannot_be_renewed_ends_when_it_runs_out(
    metadata: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    stopping, go_on, ended = threading.Event(), ends_turns(threading.Event()), []

    def rename(table: str, to: str) -> None:
        with metadata.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))

    def run() -> bool:
        rename("leases", "moved")
        with suppress(TurnEnded):
            until(go_on)
            return False
        ended.append(True)
        rename("moved", "leases")
        stopping.set()
        return False

    job = Job("job", timedelta(seconds=0.1), run)
    runner = JobRunner(
        [job], Leases(metadata, "one"), JobFailures(metadata, "one"), stopping, renew_every_s=0.1
    )
    runner.start()
    stopping.wait()
    runner.stop()
    assert ended
    assert caplog.messages.count("a lease could not be renewed") == 1


def test_an_outage_is_told_when_it_begins_when_it_changes_and_when_it_ends(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    stopping, tries = threading.Event(), iter([*[BackendError("away")] * 3, *[KeyError("ours")] * 2])

    def run() -> bool:
        for error in tries:
            raise error
        stopping.set()
        return False

    job = Job("job", timedelta(milliseconds=1), run)
    runner = JobRunner([job], workers.one, JobFailures(workers.metadata, "one"), stopping)
    runner.start()
    stopping.wait()
    runner.stop()
    told = [record for record in caplog.records if record.name == "sightline_server.jobs"]
    assert [(record.levelname, record.message, bool(record.exc_info)) for record in told] == [
        ("WARNING", "a background job fails", False),
        ("ERROR", "a background job fails", True),
        ("WARNING", "a background job goes on", False),
    ]
    assert told[0].__dict__["reason"] == "away"
    assert told[2].__dict__["after_s"] >= 0
    assert runner.counts["job"].failures == 5


def test_a_job_that_fails_is_known_to_all_until_a_turn_of_any_worker_succeeds(metadata: Engine) -> None:
    def worker(name: str, turn: Callable[[], bool]) -> JobRunner:
        job = Job("job", timedelta(milliseconds=1), turn)
        leases, failures = Leases(metadata, name), JobFailures(metadata, name)
        runner = JobRunner([job], leases, failures, threading.Event())
        runner.start()
        return runner

    tries = itertools.count(1)

    def fails() -> bool:
        raise BackendError(f"away, {next(tries)}")

    one = worker("one", fails)
    until(lambda: one.counts["job"].failures > 3)
    one.stop()
    (noted,) = failing_jobs(metadata)
    assert noted.reason == f"BackendError: away, {one.counts['job'].failures}"
    assert (noted.name, noted.holder, one.counts["job"].is_failing) == ("job", "one", True)
    assert noted.since < datetime.now(UTC)

    two = worker("two", lambda: False)
    until(lambda: not failing_jobs(metadata))
    two.stop()
    assert not two.counts["job"].is_failing


def test_what_failed_in_a_job_that_is_no_more_is_forgotten(workers: Workers) -> None:
    failures = JobFailures(workers.metadata, "one")
    failures.met("failure titles", "no model answers")
    workers.run(lambda: None)
    assert failing_jobs(workers.metadata) == []
