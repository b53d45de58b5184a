"""What people do with clusters. Every action is one decision with an audit line, and can be undone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sightline_analysis.failures.clustering import cluster_id
from sightline_core.errors import CallerError, Conflict
from sightline_core.ids import ProjectId
from sightline_storage.failures.failure_records import Change, title_of
from sightline_storage.failures.failure_store import FailureStore

SEVERITIES = ("", "low", "medium", "high", "critical")


class Triage:
    """Actions of one person (`actor`) in one project; each returns the number of its decision."""

    def __init__(self, store: FailureStore, project: ProjectId, actor: str, now: datetime) -> None:
        self._store = store
        self._project = project
        self._actor = actor
        self._now = now

    def merge(self, cluster: str, other: str) -> int:
        """Let `cluster` take over all members of `other`; both have the same category and scope or not."""
        if cluster == other:
            raise CallerError("a cluster cannot be merged with itself")
        for name in (cluster, other):
            if self._store.cluster(self._project, name).merged_into:
                raise Conflict(f"the cluster {name!r} was merged before")
        moved = {member.fingerprint: cluster for member in self._store.members(self._project, other)}
        change = Change({other: {"merged_into": cluster}}, moved)
        return self._decide(cluster, "merge", f"took over {other}", change)

    def split(self, cluster: str, fingerprints: Sequence[str]) -> int:
        """Move some members into a cluster of their own, named after the first of them."""
        members = {member.fingerprint: member for member in self._store.members(self._project, cluster)}
        wanted = list(dict.fromkeys(fingerprints))
        if not wanted or not members.keys() >= set(wanted) or len(wanted) == len(members):
            raise CallerError("name some, but not all, of the cluster's fingerprints")
        new_id = cluster_id(wanted[0])
        if new_id == cluster:
            new_id += "s"
        row = self._store.cluster(self._project, cluster)
        part = replace(
            row,
            id=new_id,
            title=title_of(members[wanted[0]].message, row.title),
            created_at=self._now,
            status="open",
            status_at=self._now,
            merged_into=cluster,
        )
        self._store.add(self._project, [part], [], [])
        change = Change({new_id: {"merged_into": ""}}, dict.fromkeys(wanted, new_id))
        return self._decide(cluster, "split", f"moved {len(wanted)} fingerprints to {new_id}", change)

    def rename(self, cluster: str, title: str) -> int:
        """Give it another title."""
        if not title.strip() or len(title) > 300:
            raise CallerError("a title has 1 to 300 characters")
        return self._set(cluster, "rename", title, title=title.strip())

    def assign(self, cluster: str, assignee: str) -> int:
        """Assign it to a person, or to nobody with ""."""
        if len(assignee) > 200:
            raise CallerError("an assignee has at most 200 characters")
        return self._set(cluster, "assign", assignee or "nobody", assignee=assignee)

    def set_severity(self, cluster: str, severity: str) -> int:
        """Mark how bad it is: one of `SEVERITIES`."""
        if severity not in SEVERITIES:
            raise CallerError("severity is low, medium, high, critical or empty")
        return self._set(cluster, "severity", severity or "none", severity=severity)

    def resolve(self, cluster: str, in_next_version: bool = False, version: str = "") -> int:
        """Declare it fixed; with `in_next_version`, failures of the present `version` do not reopen it."""
        if in_next_version and not version:
            raise CallerError("this cluster has no app version: resolve it without the next version")
        note = f"in the version after {version}" if in_next_version else ""
        kept = version if in_next_version else ""
        return self._set(
            cluster,
            "resolve",
            note,
            status="resolved",
            status_at=self._now,
            resolved_version=kept,
            regressed_at=None,
        )

    def ignore(self, cluster: str, until_more: int = 0) -> int:
        """Hide it, for good or until it occurred `until_more` more times."""
        if until_more < 0 or until_more > 10**9:
            raise CallerError("the number of occurrences must be between 0 and 1,000,000,000")
        note = f"until {until_more} more" if until_more else "for good"
        return self._set(
            cluster, "ignore", note, status="ignored", status_at=self._now, ignore_until=until_more
        )

    def reopen(self, cluster: str) -> int:
        """Take it up again."""
        return self._set(cluster, "reopen", "", status="open", status_at=self._now, ignore_until=0)

    def undo(self, decision: int) -> str:
        """Take a decision back and return its cluster."""
        return self._store.undo(self._project, decision, actor=self._actor, at=self._now)

    def _set(self, cluster: str, action: str, note: str, **columns: object) -> int:
        return self._decide(cluster, action, note, Change({cluster: columns}))

    def _decide(self, cluster: str, action: str, note: str, change: Change) -> int:
        return self._store.decide(
            self._project, cluster, actor=self._actor, action=action, note=note, change=change, at=self._now
        )
