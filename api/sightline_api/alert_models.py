"""Shapes of alert rules, channels and incidents. Rules are documents, as files of rules hold them."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from sightline_api.models import Model


class AlertRules(Model):
    """All rules, by key."""

    rules: list[dict[str, JsonValue]]
    etags: dict[str, str] = Field(
        description="by key of a rule: what `If-Match` takes, so that no change of somebody else is lost"
    )


class RuleChange(Model):
    """A rule to be created, replaced or deleted."""

    key: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")
    rule: dict[str, JsonValue] | None = Field(description="null: delete it")
    etag: str | None = Field(description="the one that is stored; null: only when there is none yet")


class RuleChanges(Model):
    """Changes of rules, each of another one."""

    changes: list[RuleChange] = Field(max_length=5_000)


class AlertChannel(Model):
    """A channel without its secrets."""

    key: str
    kind: str
    etag: str = Field(description="what `If-Match` takes, so that no change of somebody else is lost")


class AlertChannels(Model):
    """All channels, by key."""

    channels: list[AlertChannel]


class ChannelWrite(Model):
    """A channel to save. `settings` depends on the kind: `url`, `routing_key`, `api_key`, `host`, `to`, …"""

    kind: str = Field(max_length=32)
    settings: dict[str, JsonValue]


class ChannelTrial(Model):
    """What came of a test message."""

    delivered: bool
    reason: str


class PreviewIncident(Model):
    """An incident that would have been."""

    opened_at: datetime
    resolved_at: datetime | None = Field(description="null when it would still be open")
    level: Literal["warning", "alert"]
    value: str
    threshold: str
    reason: str


class PreviewGroup(Model):
    """What one group would have seen."""

    group: list[str]
    messages: int = Field(description="everything that channels would have been sent")
    incidents: list[PreviewIncident]


class RulePreview(Model):
    """A rule on stored history; groups with the most messages first."""

    start: datetime
    end: datetime
    groups: list[PreviewGroup]


class CostlyTrace(Model):
    """A trace of an incident's window."""

    name: str
    cost: str
    url: str


class CountedCluster(Model):
    """A failure cluster that a rule counted; `impact` is in words."""

    title: str
    impact: str
    url: str


class Incident(Model):
    """An incident; open while `resolved_at` is null."""

    id: str
    rule: str
    name: str
    group: list[str]
    where: str
    level: Literal["warning", "alert"]
    title: str
    measure: str = Field(description="what the value is of, in words")
    value: str
    threshold: str
    reason: str
    cause: str
    course: str = Field(
        description="how the measure went up to the window's end, in block characters; empty when unknown"
    )
    course_window: str = Field(description="what each block is of, for example `15m`")
    costliest: list[CostlyTrace] = Field(description="at most three traces of the window")
    clusters: list[CountedCluster] = Field(
        description="at most three failure clusters, those that hit most traces first; of rules on clusters"
    )
    runbook: str
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    window_start: datetime
    window_end: datetime
    query_url: str


class Incidents(Model):
    """Newest first. `next_cursor` is null on the last page."""

    incidents: list[Incident]
    next_cursor: str | None


class IncidentEvent(Model):
    """One thing that happened."""

    at: datetime
    kind: str
    text: str


class IncidentMessage(Model):
    """A message to a channel, and how its delivery goes."""

    channel: str
    action: str
    created_at: datetime
    attempts: int
    delivered_at: datetime | None
    gave_up_at: datetime | None
    next_attempt_at: datetime | None
    last_error: str


class IncidentDetail(Model):
    """An incident with its timeline and delivery log, oldest first."""

    incident: Incident
    timeline: list[IncidentEvent]
    messages: list[IncidentMessage]


class SnoozeRequest(Model):
    """How long to say nothing."""

    duration: str = Field(max_length=20, description="30m, 4h, 1d")
