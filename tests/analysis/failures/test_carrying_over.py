"""A new fingerprint version finds the clusters of the old one."""

from dataclasses import replace
from datetime import UTC, datetime

from sightline_analysis.failures.carrying_over import carry_over
from sightline_analysis.failures.fingerprint import FINGERPRINT_VERSION, fingerprint, hash_template
from sightline_semconv.failure_category import FailureCategory
from sightline_storage.failures.failure_records import ClusterRow, MemberRow

AT = datetime(2026, 9, 21, tzinfo=UTC)
OLD = FINGERPRINT_VERSION - 1
PAPER = "printer 7 has no paper"
CLUSTER = ClusterRow(
    id="Fpaper", category="tool_error", scope="print", title=PAPER, created_at=AT, first_seen=AT,
    last_seen=AT, status="open", status_at=AT, resolved_version="", ignore_until=0, regressed_at=None,
    regressed_version="", assignee="ann", severity="", merged_into="",
)  # fmt: skip


def _old_member(message: str, cluster: str, category: str = "tool_error", scope: str = "print") -> MemberRow:
    """The old version masked nothing."""
    return MemberRow(hash_template(message, category, scope, version=OLD), cluster, message, message)


def test_a_member_gets_its_new_name_in_the_same_cluster() -> None:
    members, suggestions = carry_over([_old_member(PAPER, "Fpaper")], [CLUSTER])
    new = fingerprint("printer 12 has no paper", FailureCategory.TOOL_ERROR, "print")
    assert [(member.fingerprint, member.cluster) for member in members] == [(new.value, "Fpaper")]
    assert suggestions == []


def test_carrying_over_again_adds_nothing() -> None:
    before = [_old_member(PAPER, "Fpaper"), _old_member("printer 8 has no paper", "Fpaper")]
    added, _ = carry_over(before, [CLUSTER])
    assert len(added) == 1
    assert carry_over([*before, *added], [CLUSTER]) == ([], [])


def test_what_becomes_one_cause_is_suggested_and_never_moved() -> None:
    other = replace(CLUSTER, id="Fother")
    members, suggestions = carry_over(
        [_old_member(PAPER, "Fpaper"), _old_member("printer 8 has no paper", "Fother")], [CLUSTER, other]
    )
    assert [member.cluster for member in members] == ["Fpaper"]
    assert suggestions == [("Fother", "Fpaper", 1.0)]


def test_a_member_that_was_merged_across_categories_keeps_its_own() -> None:
    merged = replace(CLUSTER, id="Ftimeout", category="timeout", scope="", merged_into="Fpaper")
    slow = "printer 7 did not answer"
    members, _ = carry_over([_old_member(slow, "Fpaper", "timeout", "")], [CLUSTER, merged])
    assert [member.fingerprint for member in members] == [
        fingerprint(slow, FailureCategory.TIMEOUT, "").value
    ]
