"""Background jobs rest longer when their turns are dear."""

from datetime import timedelta

import pytest

from sightline_server.jobs import Pace, pause_s


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
