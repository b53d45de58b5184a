"""Which window decides: the one that holds the present minute, or the last complete one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.looking import LookEnds, judge_now, look_ends
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_rule

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ENDS = LookEnds((NOON + MINUTE, NOON))
ABOVE = {"kind": "threshold", "alert": 10, "recover": 4}
BELOW = {"kind": "threshold", "alert": 10, "direction": "below"}
ABSENCE = {"kind": "absence"}


def rule(condition: dict[str, Any], **changes: Any) -> Rule:
    document = {"key": "r", "name": "R", "measure": "cost", "window": "1m", "condition": condition}
    return parse_rule(document | changes)


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, [1, 0, -1]), (29.9, [1, 0, -1]), (30, [1, 0]), (59, [1, 0])], ids=str
)
def test_a_minute_is_complete_half_a_minute_after_it(seconds: float, minutes: list[int]) -> None:
    now = NOON + timedelta(seconds=seconds)
    ends = look_ends(rule(ABOVE), now, [], now)
    assert ends == LookEnds(tuple(NOON + number * MINUTE for number in minutes))


def test_no_window_is_complete_that_spans_may_wait_for() -> None:
    ends = look_ends(rule(BELOW), NOON + 4 * MINUTE, [], NOON + MINUTE)
    assert ends.present == tuple(NOON + number * MINUTE for number in (5, 4, 3, 2, 1, 0))


def test_a_late_minute_is_looked_at_in_windows_that_end_after_it_and_begin_with_it() -> None:
    late = NOON - timedelta(minutes=40)
    ends = look_ends(rule(ABOVE, window="5m"), NOON, [late, NOON - timedelta(minutes=2)], NOON)
    assert ends.late == (late + MINUTE, late + timedelta(minutes=5))
    assert ends.all == [NOON + MINUTE, NOON, NOON - MINUTE, *ends.late]


@pytest.mark.parametrize(
    ("condition", "changes", "newest", "complete", "level", "decides"),
    [
        # An amount can only grow until its minute is over.
        (ABOVE, {}, 12, 0, Level.ALERT, 1),
        (ABOVE, {}, 1, 12, Level.ALERT, 0),
        (ABOVE, {}, 5, 12, Level.ALERT, 0),
        (ABOVE, {}, 1, 2, Level.OK, 1),
        (BELOW, {}, 12, 3, Level.OK, 1),
        (BELOW, {}, 3, 12, Level.OK, 0),
        (BELOW, {}, 3, 4, Level.ALERT, 0),
        ({"kind": "change", "ratio": 0.5, "floor": 1, "direction": "below"}, {}, 1, 9, Level.OK, 0),
        # Silence at the beginning of a minute is none.
        (ABSENCE, {}, None, 7, Level.OK, 0),
        (ABSENCE, {}, 0, 7, Level.OK, 0),
        (ABSENCE, {}, None, None, Level.ALERT, 0),
        (ABSENCE, {}, 7, None, Level.OK, 1),
        (ABOVE, {"no_data": "alert"}, None, 2, Level.OK, 0),
        (ABOVE, {"no_data": "zero"}, None, 12, Level.ALERT, 0),
        # A share or a mean of part of a minute is a share or a mean like any other.
        (ABOVE, {"measure": "latency_p95"}, 1, 12, Level.OK, 1),
        (BELOW, {"measure": "latency_p95"}, 3, 12, Level.ALERT, 1),
        (ABOVE, {"measure": "latency_p95"}, None, 12, Level.ALERT, 0),
    ],
)
def test_a_window_that_is_not_over_says_only_what_more_spans_cannot_undo(
    condition: dict[str, Any],
    changes: dict[str, Any],
    newest: float | None,
    complete: float | None,
    level: Level,
    decides: int,
) -> None:
    before = [9.0] if condition["kind"] == "change" else []
    looks = {NOON + MINUTE: [newest, *before], NOON: [complete, *before]}
    judgement, end = judge_now(rule(condition, **changes), ENDS, looks)
    assert judgement.level is level
    assert end == NOON + decides * MINUTE


def test_what_was_not_measured_is_no_data() -> None:
    judgement, _ = judge_now(rule(ABOVE), ENDS, {})
    assert judgement.level is Level.NO_DATA
