"""Rows of the alert tables as readers see them. Documents are parsed JSON, shaped by their writer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sightline_storage.metadata.precondition import MayChange, always

Group = tuple[str, ...]
"""Values of a rule's `group_by`, in its order; () for a rule without groups."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StateRow:
    """The state of one group of a rule. `snoozed_until` may be over."""

    group: Group
    state: Document
    snoozed_until: datetime | None
    incident: str
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel with its secrets: never shown. `tag` changes whenever it is stored."""

    key: str
    kind: str
    document: Document
    tag: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule. `tag` changes whenever it is stored."""

    document: Document
    tag: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is created, replaced or, without a document, deleted."""

    key: str
    document: Document | None
    may_change: MayChange = always


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident; open while `resolved_at` is None."""

    id: str
    project: str
    rule: str
    group: Group
    level: str
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    facts: Document


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """Newest first. `next_cursor` is None on the last page."""

    incidents: list[IncidentRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that happened to an incident."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message on its way to a channel; `next_attempt_at` is None when it is delivered or given up."""

    id: str
    project: str
    incident: str
    channel: str
    message: Document
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: int
    delivered_at: datetime | None
    gave_up_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a group decided; stored with all of its consequences or none.

    `before` is the state that it was decided on, None when there was none; `state` None is nothing to keep.
    `incident` is the id of the open incident or of the one that this look opens or resolves. `messages` are
    (channel, document) pairs, sent as announcement number `announcement` of the incident.
    """

    group: Group
    before: Document | None
    state: Document | None
    at: datetime
    incident: str = ""
    opens: bool = False
    resolves: bool = False
    level: str = ""
    facts: Document | None = None
    timeline: tuple[tuple[str, str], ...] = ()
    announcement: int = 0
    messages: tuple[tuple[str, Document], ...] = ()
