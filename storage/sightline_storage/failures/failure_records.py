"""Rows of the tables of failure clusters, and what a decision about them changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

_TIMES = frozenset({"status_at", "regressed_at"})
"""Columns of clusters whose values are times."""

_TITLE_CHARS = 200


def title_of(message: str, otherwise: str) -> str:
    """Return the title of a cluster that nobody has named: its first message, as one line, if it has one."""
    return " ".join(message.split())[:_TITLE_CHARS] or otherwise


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """One cluster as stored; see `failure_tables`."""

    id: str
    category: str
    scope: str
    title: str
    created_at: datetime
    first_seen: datetime
    last_seen: datetime
    status: str
    status_at: datetime
    resolved_version: str
    ignore_until: int
    regressed_at: datetime | None
    regressed_version: str
    assignee: str
    severity: str
    merged_into: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One fingerprint of a cluster, founders first."""

    fingerprint: str
    cluster: str
    template: str
    message: str


ITSELF: Final = "sightline"
"""The actor of decisions that no person took."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One line of the audit trail."""

    id: int
    cluster: str
    at: datetime
    actor: str
    action: str
    note: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision changes: columns of clusters, and the cluster of members."""

    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as stored; times as ISO 8601."""
        return json.dumps({"columns": self.columns, "members": self.members}, default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str) -> "Change":
        """Return what `to_json` stored."""
        parsed = json.loads(text)
        columns = {
            cluster: {
                name: datetime.fromisoformat(value) if name in _TIMES and value else value
                for name, value in values.items()
            }
            for cluster, values in parsed["columns"].items()
        }
        return cls(columns, parsed["members"])


@dataclass(frozen=True, slots=True)
class Sighting:
    """When the members of a cluster were seen in what the job just read."""

    first: datetime
    last: datetime
