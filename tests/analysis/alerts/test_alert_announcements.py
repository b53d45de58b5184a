from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.alerts.announcement import (
    Action,
    Handling,
    MuteWindow,
    Told,
    next_announcement,
    silenced_by,
)
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.state import AlertState, Phase
from sightline_core.errors import CallerError

T0 = datetime(2026, 11, 2, 12, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
CALM = AlertState()
WARNING = AlertState(Phase.WARNING, T0, Level.WARNING, 1, T0)
ALERT = AlertState(Phase.ALERT, T0, Level.ALERT, 2, T0)
SNOOZED = Handling(snoozed_until=T0 + HOUR)
ACKNOWLEDGED = Handling(acknowledged_by="ana")

TABLE: list[tuple[AlertState, Told, Handling, Action | None, Told]] = [
    (CALM, Told(), Handling(), None, Told()),
    (CALM, Told(2, T0), Handling(), "resolve", Told()),
    (CALM, Told(2, T0), SNOOZED, "resolve", Told()),
    (ALERT, Told(), Handling(), "trigger", Told(2, T0)),
    (ALERT, Told(), SNOOZED, None, Told()),
    (ALERT, Told(), Handling(parent_is_open=True), None, Told()),
    (ALERT, Told(1, T0), Handling(), "update", Told(2, T0)),
    (ALERT, Told(1, T0, True), ACKNOWLEDGED, "update", Told(2, T0)),
    (ALERT, Told(2, T0), ACKNOWLEDGED, "acknowledge", Told(2, T0, True)),
    (ALERT, Told(2, T0, True), ACKNOWLEDGED, None, Told(2, T0, True)),
    (ALERT, Told(2, T0 - HOUR), Handling(), "remind", Told(2, T0)),
    (ALERT, Told(2, T0 - HOUR, True), ACKNOWLEDGED, None, Told(2, T0 - HOUR, True)),
    (WARNING, Told(1, T0), Handling(), None, Told(1, T0)),
]


@pytest.mark.parametrize(("state", "told", "handling", "action", "after"), TABLE)
def test_the_table_of_what_channels_are_told_next(
    state: AlertState, told: Told, handling: Handling, action: Action | None, after: Told
) -> None:
    assert next_announcement(state, told, handling, at=T0, remind_every=HOUR) == (action, after)


def test_without_reminders_an_open_incident_is_told_once() -> None:
    assert next_announcement(ALERT, Told(2, T0 - 100 * HOUR), Handling(), at=T0)[0] is None


@given(st.lists(st.tuples(st.sampled_from([CALM, WARNING, ALERT]), st.booleans()), max_size=40))
def test_every_trigger_is_followed_by_one_resolve_whatever_is_silenced(
    history: list[tuple[AlertState, bool]],
) -> None:
    told, known = Told(), False
    for number, (state, silent) in enumerate([*history, (CALM, False)]):
        at = T0 + number * HOUR
        handling = Handling(snoozed_until=at + HOUR) if silent else Handling()
        action, told = next_announcement(state, told, handling, at=at, remind_every=HOUR)
        assert action != "trigger" or not known
        assert action in (None, "trigger") or known
        known = (known or action == "trigger") and action != "resolve"
    assert not known


NIGHT = MuteWindow((0,), time(22), time(6), "Europe/Berlin")


@pytest.mark.parametrize(
    ("local", "muted"),
    [
        ("2026-11-02T21:59+01:00", False),
        ("2026-11-02T22:00+01:00", True),
        ("2026-11-03T05:59+01:00", True),
        ("2026-11-03T06:00+01:00", False),
        ("2026-11-03T22:30+01:00", False),
        ("2026-11-02T05:00+01:00", False),
    ],
)
def test_a_mute_window_over_midnight_belongs_to_the_day_it_begins(local: str, muted: bool) -> None:
    at = datetime.fromisoformat(local).astimezone(UTC)
    assert NIGHT.covers(at) is muted
    assert silenced_by(at, Handling(), [NIGHT]) == ("mute" if muted else None)


def test_a_mute_window_within_a_day_ends_the_same_day() -> None:
    lunch = MuteWindow((0, 1), time(12), time(13))
    assert lunch.covers(T0)
    assert not lunch.covers(T0 + HOUR)


def test_a_mute_window_needs_real_days_and_a_real_zone() -> None:
    with pytest.raises(CallerError, match="between monday and sunday"):
        MuteWindow((7,), time(1), time(2))
    with pytest.raises(CallerError, match="unknown time zone"):
        MuteWindow((1,), time(1), time(2), "Mars/Olympus")
