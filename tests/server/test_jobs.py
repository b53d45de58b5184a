"""Background jobs rest longer when their turns are dear."""

from datetime import timedelta

import pytest

from sightline_server.jobs import Job, pause_s


def _job(period: timedelta, share_of_time: float = 0.2) -> Job:
    return Job("sums", period, lambda: False, share_of_time)


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
    assert pause_s(_job(timedelta(seconds=5)), turn_cpu_s, turn_s) == pytest.approx(expected)


def test_a_job_that_is_rarely_due_keeps_its_period() -> None:
    assert pause_s(_job(timedelta(hours=1)), 30.0, 60.0) == 3_600


def test_a_job_that_may_take_less_of_the_time_rests_for_longer() -> None:
    assert pause_s(_job(timedelta(seconds=2), share_of_time=0.05), 0.0, 0.5) == 10
