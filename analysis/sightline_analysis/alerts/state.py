"""The life of an alert for one rule and group, as a pure state machine.

    ok ──fires──▶ pending ──for──▶ warning / alert ──recovers──▶ recovering ──recover_for──▶ ok (resolved)

An incident is open in warning, alert and recovering, and keeps the highest level it reached: stepping down
while it is still open would be noise. A sample about an earlier window (late spans) can raise, never calm,
and absence of data neither fires nor resolves unless the rule says so. `tests/analysis/alerts` holds the
transition table.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from sightline_analysis.alerts.judgement import Judgement, Level

NoDataPolicy = Literal["keep", "zero", "alert"]
"""`keep`: stay as it is; `zero`: an additive measure of a silent group is 0; `alert`: silence fires."""

Transition = Literal["opened", "raised", "resolved", "closed_without_data"]


class Phase(StrEnum):
    """Where an alert is in its life."""

    OK = "ok"
    PENDING = "pending"
    WARNING = "warning"
    ALERT = "alert"
    RECOVERING = "recovering"


OPEN_PHASES = frozenset({Phase.WARNING, Phase.ALERT, Phase.RECOVERING})


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things last before they count."""

    fire_after: timedelta = timedelta(0)
    recover_after: timedelta = timedelta(0)
    close_without_data_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AlertState:
    """`since` is when the phase began; `level`, `rank` are the incident's highest, and `opened_at` its start.

    `last_sample_at` is the last look that was not late; `last_data_at` the last that measured something.
    `period_start` is that of the calendar period that the incident is about, if any.
    """

    phase: Phase = Phase.OK
    since: datetime | None = None
    level: Level = Level.OK
    rank: int = 0
    opened_at: datetime | None = None
    last_sample_at: datetime | None = None
    last_data_at: datetime | None = None
    period_start: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is an incident."""
        return self.phase in OPEN_PHASES


@dataclass(frozen=True, slots=True)
class Step:
    """The state after a sample, and what happened to the incident, if anything."""

    state: AlertState
    transition: Transition | None = None


def advance(
    state: AlertState, at: datetime, judgement: Judgement, timing: Timing, *, late: bool = False
) -> Step:
    """Return the state after a look made at `at`.

    `late` looks are about an earlier window whose spans arrived late: they open or raise at once, without
    waiting for `fire_after` (the crossing is a fact), and change nothing else. An incident ends with the
    period that it is about: the next one begins with its own steps. Should the clock go back, time stands
    still until it has caught up.
    """
    if late:
        return _advance_late(state, at, judgement)
    if state.last_sample_at is not None:
        at = max(at, state.last_sample_at)
    seen = replace(
        state,
        last_sample_at=at,
        last_data_at=state.last_data_at if judgement.value is None else at,
    )
    if state.is_open and _is_of_later_period(judgement, state):
        return Step(closed(seen, at), "resolved")
    if judgement.level.fires:
        return _advance_firing(seen, at, judgement, timing)
    if judgement.level is Level.NO_DATA:
        return _advance_without_data(seen, at, timing)
    if judgement.level is Level.HOLD:
        return _advance_held(seen, at)
    return _advance_calm(seen, at, timing)


def _advance_late(state: AlertState, at: datetime, judgement: Judgement) -> Step:
    if not judgement.level.fires or state.phase is Phase.RECOVERING:
        return Step(state)
    if state.is_open and _is_of_earlier_period(judgement, state):
        return Step(state)
    if state.is_open:
        return _raise(state, at, judgement)
    return _open(state, at, judgement)


def _is_of_later_period(judgement: Judgement, state: AlertState) -> bool:
    # Incidents of old versions do not say of which period they are.
    about = state.period_start or state.opened_at
    return judgement.period_start is not None and about is not None and judgement.period_start > about


def _is_of_earlier_period(judgement: Judgement, state: AlertState) -> bool:
    judged, about = judgement.period_start, state.period_start
    return judged is not None and about is not None and judged < about


def _advance_firing(state: AlertState, at: datetime, judgement: Judgement, timing: Timing) -> Step:
    if state.phase is Phase.RECOVERING:
        back = replace(state, phase=_phase_of(state.level), since=at)
        return _raise(back, at, judgement)
    if state.is_open:
        return _raise(state, at, judgement)
    if state.phase is Phase.OK and timing.fire_after > timedelta(0):
        return Step(replace(state, phase=Phase.PENDING, since=at))
    if state.phase is Phase.PENDING and state.since is not None and at - state.since < timing.fire_after:
        return Step(state)
    return _open(state, at, judgement)


def _advance_calm(state: AlertState, at: datetime, timing: Timing) -> Step:
    if state.phase is Phase.PENDING:
        return Step(replace(state, phase=Phase.OK, since=at))
    if not state.is_open:
        return Step(state)
    if state.phase is not Phase.RECOVERING and timing.recover_after > timedelta(0):
        return Step(replace(state, phase=Phase.RECOVERING, since=at))
    if (
        state.phase is Phase.RECOVERING
        and state.since is not None
        and at - state.since < timing.recover_after
    ):
        return Step(state)
    return Step(closed(state, at), "resolved")


def _advance_held(state: AlertState, at: datetime) -> Step:
    if state.phase is Phase.PENDING:
        return Step(replace(state, phase=Phase.OK, since=at))
    if state.phase is Phase.RECOVERING:
        return Step(replace(state, phase=_phase_of(state.level), since=at))
    return Step(state)


def _advance_without_data(state: AlertState, at: datetime, timing: Timing) -> Step:
    if not state.is_open:
        return Step(state)
    last = state.last_data_at or state.opened_at or at
    if at - last >= timing.close_without_data_after:
        return Step(closed(state, at), "closed_without_data")
    # Time without data is not time of recovery.
    return Step(replace(state, since=at) if state.phase is Phase.RECOVERING else state)


def _open(state: AlertState, at: datetime, judgement: Judgement) -> Step:
    opened = replace(
        state,
        phase=_phase_of(judgement.level),
        since=at,
        level=judgement.level,
        rank=judgement.rank,
        opened_at=at,
        period_start=judgement.period_start,
    )
    return Step(opened, "opened")


def _raise(state: AlertState, at: datetime, judgement: Judgement) -> Step:
    if judgement.rank <= state.rank:
        return Step(state)
    phase = _phase_of(judgement.level)
    raised = replace(
        state,
        phase=phase,
        since=state.since if phase is state.phase else at,
        level=judgement.level,
        rank=judgement.rank,
    )
    return Step(raised, "raised")


def closed(state: AlertState, at: datetime) -> AlertState:
    """Return the state after the end of its incident."""
    return replace(state, phase=Phase.OK, since=at, level=Level.OK, rank=0, opened_at=None, period_start=None)


def _phase_of(level: Level) -> Phase:
    return Phase.ALERT if level is Level.ALERT else Phase.WARNING
