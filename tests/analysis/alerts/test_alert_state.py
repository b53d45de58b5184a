from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.state import AlertState, Phase, Timing, Transition, advance

T0 = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLOW = Timing(fire_after=2 * MINUTE, recover_after=2 * MINUTE)
AT_ONCE = Timing()
RANKS = {Level.WARNING: 1, Level.ALERT: 2}


def judged(level: Level) -> Judgement:
    return Judgement(level, RANKS.get(level, 0), None if level is Level.NO_DATA else 1.0, 1.0, "")


def state_in(phase: Phase, level: Level = Level.OK, *, age: timedelta = timedelta(0)) -> AlertState:
    """A state that has been in `phase` for `age` when the look at T0 comes."""
    since = T0 - age
    is_open = phase in (Phase.WARNING, Phase.ALERT, Phase.RECOVERING)
    return AlertState(phase, since, level, RANKS.get(level, 0), since if is_open else None, since, since)


OK, PENDING = state_in(Phase.OK), state_in(Phase.PENDING)
WARNING, ALERT = state_in(Phase.WARNING, Level.WARNING), state_in(Phase.ALERT, Level.ALERT)
RECOVERING_WARNING = state_in(Phase.RECOVERING, Level.WARNING)
RECOVERING_ALERT = state_in(Phase.RECOVERING, Level.ALERT)
DUE_PENDING = state_in(Phase.PENDING, age=2 * MINUTE)
DUE_RECOVERY = state_in(Phase.RECOVERING, Level.ALERT, age=2 * MINUTE)
LONG_SILENT = state_in(Phase.ALERT, Level.ALERT, age=timedelta(hours=24))

# state before, level seen, phase with delays (SLOW), transition, phase without delays (AT_ONCE), transition
TABLE: list[tuple[AlertState, Level, Phase, Transition | None, Phase, Transition | None]] = [
    (OK, Level.OK, Phase.OK, None, Phase.OK, None),
    (OK, Level.HOLD, Phase.OK, None, Phase.OK, None),
    (OK, Level.NO_DATA, Phase.OK, None, Phase.OK, None),
    (OK, Level.WARNING, Phase.PENDING, None, Phase.WARNING, "opened"),
    (OK, Level.ALERT, Phase.PENDING, None, Phase.ALERT, "opened"),
    (PENDING, Level.OK, Phase.OK, None, Phase.OK, None),
    (PENDING, Level.HOLD, Phase.OK, None, Phase.OK, None),
    (PENDING, Level.NO_DATA, Phase.PENDING, None, Phase.PENDING, None),
    (PENDING, Level.WARNING, Phase.PENDING, None, Phase.WARNING, "opened"),
    (PENDING, Level.ALERT, Phase.PENDING, None, Phase.ALERT, "opened"),
    (DUE_PENDING, Level.WARNING, Phase.WARNING, "opened", Phase.WARNING, "opened"),
    (DUE_PENDING, Level.ALERT, Phase.ALERT, "opened", Phase.ALERT, "opened"),
    (WARNING, Level.OK, Phase.RECOVERING, None, Phase.OK, "resolved"),
    (WARNING, Level.HOLD, Phase.WARNING, None, Phase.WARNING, None),
    (WARNING, Level.NO_DATA, Phase.WARNING, None, Phase.WARNING, None),
    (WARNING, Level.WARNING, Phase.WARNING, None, Phase.WARNING, None),
    (WARNING, Level.ALERT, Phase.ALERT, "raised", Phase.ALERT, "raised"),
    (ALERT, Level.OK, Phase.RECOVERING, None, Phase.OK, "resolved"),
    (ALERT, Level.HOLD, Phase.ALERT, None, Phase.ALERT, None),
    (ALERT, Level.NO_DATA, Phase.ALERT, None, Phase.ALERT, None),
    (ALERT, Level.WARNING, Phase.ALERT, None, Phase.ALERT, None),
    (ALERT, Level.ALERT, Phase.ALERT, None, Phase.ALERT, None),
    (RECOVERING_ALERT, Level.OK, Phase.RECOVERING, None, Phase.OK, "resolved"),
    (RECOVERING_ALERT, Level.HOLD, Phase.ALERT, None, Phase.ALERT, None),
    (RECOVERING_ALERT, Level.NO_DATA, Phase.RECOVERING, None, Phase.RECOVERING, None),
    (RECOVERING_ALERT, Level.WARNING, Phase.ALERT, None, Phase.ALERT, None),
    (RECOVERING_ALERT, Level.ALERT, Phase.ALERT, None, Phase.ALERT, None),
    (RECOVERING_WARNING, Level.WARNING, Phase.WARNING, None, Phase.WARNING, None),
    (RECOVERING_WARNING, Level.ALERT, Phase.ALERT, "raised", Phase.ALERT, "raised"),
    (DUE_RECOVERY, Level.OK, Phase.OK, "resolved", Phase.OK, "resolved"),
    (DUE_RECOVERY, Level.NO_DATA, Phase.RECOVERING, None, Phase.RECOVERING, None),
    (LONG_SILENT, Level.NO_DATA, Phase.OK, "closed_without_data", Phase.OK, "closed_without_data"),
    (LONG_SILENT, Level.HOLD, Phase.ALERT, None, Phase.ALERT, None),
]


@pytest.mark.parametrize(("before", "level", "slow", "slow_event", "fast", "fast_event"), TABLE)
def test_the_transition_table_of_an_alert(
    before: AlertState,
    level: Level,
    slow: Phase,
    slow_event: Transition | None,
    fast: Phase,
    fast_event: Transition | None,
) -> None:
    with_delays = advance(before, T0, judged(level), SLOW)
    assert (with_delays.state.phase, with_delays.transition) == (slow, slow_event)
    at_once = advance(before, T0, judged(level), AT_ONCE)
    assert (at_once.state.phase, at_once.transition) == (fast, fast_event)


def test_the_table_names_every_phase_with_every_level() -> None:
    assert {(state.phase, level) for state, level, *_ in TABLE} == {
        (phase, level) for phase in Phase for level in Level
    }


# Late looks: state before, level, phase after, transition. They raise and never calm.
LATE: list[tuple[AlertState, Level, Phase, Transition | None]] = [
    (OK, Level.ALERT, Phase.ALERT, "opened"),
    (PENDING, Level.WARNING, Phase.WARNING, "opened"),
    (WARNING, Level.ALERT, Phase.ALERT, "raised"),
    (ALERT, Level.WARNING, Phase.ALERT, None),
    (RECOVERING_ALERT, Level.ALERT, Phase.RECOVERING, None),
    *((state, level, state.phase, None) for state in (PENDING, ALERT) for level in (Level.OK, Level.NO_DATA)),
]


@pytest.mark.parametrize(("before", "level", "phase", "transition"), LATE)
def test_late_spans_can_raise_an_alert_but_never_calm_one(
    before: AlertState, level: Level, phase: Phase, transition: Transition | None
) -> None:
    step = advance(before, T0, judged(level), SLOW, late=True)
    assert (step.state.phase, step.transition) == (phase, transition)
    assert step.state.last_sample_at == before.last_sample_at


def test_time_without_data_does_not_count_as_recovery() -> None:
    state = advance(RECOVERING_ALERT, T0 + 3 * MINUTE, judged(Level.NO_DATA), SLOW).state
    state = advance(state, T0 + 4 * MINUTE, judged(Level.OK), SLOW).state
    assert state.phase is Phase.RECOVERING
    assert advance(state, T0 + 5 * MINUTE, judged(Level.OK), SLOW).transition == "resolved"


def test_a_clock_that_goes_back_stops_time_and_fires_nothing_early() -> None:
    pending = advance(OK, T0, judged(Level.ALERT), SLOW).state
    assert advance(pending, T0 - timedelta(hours=1), judged(Level.ALERT), SLOW).state == pending


def test_a_budget_step_of_the_same_level_raises_again_and_keeps_since() -> None:
    half = Judgement(Level.WARNING, 1, 50, 50, "")
    more = replace(half, rank=2)
    opened = advance(OK, T0, half, AT_ONCE).state
    step = advance(opened, T0 + MINUTE, more, AT_ONCE)
    assert (step.transition, step.state.rank, step.state.since) == ("raised", 2, T0)


levels = st.sampled_from(list(Level))
looks = st.lists(st.tuples(levels, st.booleans()), max_size=60)


@given(looks, st.sampled_from([SLOW, AT_ONCE]))
def test_incidents_open_once_and_close_once_and_never_step_down(
    sequence: list[tuple[Level, bool]], timing: Timing
) -> None:
    state, is_open, highest = AlertState(), False, 0
    for number, (level, late) in enumerate(sequence):
        step = advance(state, T0 + number * MINUTE, judged(level), timing, late=late)
        if step.transition == "opened":
            assert not is_open
            is_open, highest = True, step.state.rank
        elif step.transition == "raised":
            assert is_open
            assert step.state.rank > highest
            highest = step.state.rank
        elif step.transition is not None:
            assert is_open
            assert not late
            assert level in (Level.OK, Level.NO_DATA)
            is_open = False
        state = step.state
        assert state.is_open is is_open
        assert state.rank == (highest if is_open else 0)


def test_late_spans_of_the_month_before_raise_no_incident_of_this_one() -> None:
    november, december = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    begun = Judgement(Level.WARNING, 1, 5.0, 100.0, "expected to end at 110%", december)
    whole = Judgement(Level.ALERT, 8, 101.0, 100.0, "101% of the budget", november)
    opened = advance(AlertState(), december + MINUTE, begun, Timing())
    late = advance(opened.state, december + 2 * MINUTE, whole, Timing(), late=True)
    assert (late.state, late.transition) == (opened.state, None)
    assert (
        advance(
            opened.state, december + 2 * MINUTE, replace(whole, period_start=december), Timing()
        ).transition
        == "raised"
    )
