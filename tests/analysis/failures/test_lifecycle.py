"""States follow from decisions, times and counts; contrasts need evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sightline_analysis.failures.contrast import find_contrasts
from sightline_analysis.failures.lifecycle import hour_of, is_rising, regression, state_of
from sightline_storage.failures.failure_contrast_reader import AttributeCount
from sightline_storage.failures.failure_records import ClusterRow

NOW = datetime(2026, 9, 21, 16, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
THIS_HOUR = hour_of(NOW)
OLD = ClusterRow(
    id="F1", category="timeout", scope="", title="t", created_at=NOW - 30 * 24 * HOUR,
    first_seen=NOW - 30 * 24 * HOUR,
    last_seen=NOW - HOUR, status="open", status_at=NOW - 30 * 24 * HOUR, resolved_version="", ignore_until=0,
    regressed_at=None, regressed_version="", assignee="", severity="", merged_into="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "hours", "state"),
    [
        (OLD, {}, "ongoing"),
        (replace(OLD, first_seen=NOW - HOUR), {}, "new"),
        (OLD, {THIS_HOUR: 5}, "rising"),
        (OLD, {THIS_HOUR: 4}, "ongoing"),
        (OLD, {THIS_HOUR: 9, THIS_HOUR - 50: 9}, "ongoing"),
        (replace(OLD, last_seen=NOW - 8 * 24 * HOUR), {}, "quiet"),
        (replace(OLD, status="resolved"), {THIS_HOUR: 50}, "resolved"),
        (replace(OLD, status="ignored"), {THIS_HOUR: 50}, "ignored"),
        (replace(OLD, status="ignored", ignore_until=10, status_at=NOW), {THIS_HOUR: 3}, "ignored"),
        (replace(OLD, status="ignored", ignore_until=3, status_at=NOW), {THIS_HOUR: 3}, "ongoing"),
        (replace(OLD, regressed_at=NOW - HOUR), {}, "regressed"),
    ],
)
def test_a_state_follows_from_decisions_and_counts(
    row: ClusterRow, hours: dict[int, int], state: str
) -> None:
    assert state_of(row, hours, NOW) == state


def test_a_steady_failure_does_not_rise() -> None:
    assert not is_rising({THIS_HOUR - step: 20 for step in range(200)}, NOW)


def test_twice_the_steady_rate_rises() -> None:
    hours = {THIS_HOUR - step: 20 for step in range(1, 200)}
    assert is_rising({**hours, THIS_HOUR: 40}, NOW)


@pytest.mark.parametrize(
    ("resolved_version", "seen_version", "reopens"),
    [("", "", True), ("", "7", True), ("7", "7", False), ("7", "", False), ("7", "8", True)],
)
def test_resolved_in_the_next_version_waits_for_it(
    resolved_version: str, seen_version: str, reopens: bool
) -> None:
    row = replace(OLD, status="resolved", resolved_version=resolved_version)
    assert (regression(row, NOW, seen_version) is not None) is reopens


def test_what_was_seen_before_it_was_resolved_does_not_reopen_it() -> None:
    assert regression(replace(OLD, status="resolved", status_at=NOW), NOW - HOUR, "8") is None


def test_a_value_that_is_only_inside_sets_the_cluster_apart() -> None:
    counts = [
        AttributeCount("", "", 20, 200),
        AttributeCount("model", "m2", 19, 4),
        AttributeCount("app", "shop", 20, 200),
        AttributeCount("user", "u1", 1, 0),
    ]
    (found,) = find_contrasts(counts)
    assert (found.attribute, found.value) == ("model", "m2")
    assert found.lift == pytest.approx(47.5)
    assert found.p_value < 1e-6


def test_more_values_tried_need_more_evidence() -> None:
    weak = AttributeCount("model", "m2", 5, 10)
    few = [AttributeCount("", "", 10, 100), weak]
    many = [*few, *(AttributeCount("user", f"u{number}", 1, 1) for number in range(1000))]
    assert find_contrasts(few)
    assert not find_contrasts(many)
