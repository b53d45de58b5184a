"""Shapes of failure clusters. Times are RFC 3339 in UTC; money is a decimal string in USD."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sightline_api.models import Model, Sampled

StateName = Literal["new", "ongoing", "rising", "regressed", "quiet", "resolved", "ignored"]
SeverityName = Literal["", "low", "medium", "high", "critical"]


class FailureCluster(Model):
    """One cause and what it hit in the time range."""

    id: str
    title: str
    category: str
    scope: str = Field(description="tool or provider, empty when there is neither")
    state: StateName
    severity: str
    assignee: str
    first_seen: datetime
    last_seen: datetime
    regressed_version: str
    resolved_version: str = Field(description="resolved in the version after this one, else empty")
    merged_into: str = Field(description="id of the cluster that took it over, empty while it stands")
    traces: int
    spans: int
    users: int = Field(description="that failing spans name themselves")
    sessions: int = Field(description="that failing spans name themselves")
    cost_usd: str = Field(description="cost of the failing spans themselves")
    apps: list[str]
    app_versions: list[str]
    hourly: list[int] = Field(description="occurrences in each of the last 24 hours, oldest first")
    sampled: Sampled


class FailureFacet(Model):
    """A value that the list can be narrowed to, and how many clusters have it."""

    value: str
    clusters: int


class FailureFacets(Model):
    """Values among the clusters of the time range and of `state`, whatever the other filters are."""

    state: list[FailureFacet]
    category: list[FailureFacet]
    app: list[FailureFacet]
    assignee: list[FailureFacet]


class FailureList(Model):
    """Clusters, those that hit most first."""

    clusters: list[FailureCluster]
    more: bool = Field(description="there are more than `limit`")
    facets: FailureFacets
    waiting: int = Field(description="failing spans in the range whose fingerprint is in no cluster yet")


class FailureExample(Model):
    """One span to look at."""

    trace_id: str
    span_id: str
    start_time: datetime
    name: str
    app: str
    model: str
    app_version: str
    message: str
    reason: str
    input_preview: str
    output_preview: str


class FailureContrast(Model):
    """An attribute value that is more common inside the cluster than on healthy spans of the same kinds."""

    attribute: str
    value: str
    share_inside: float
    share_outside: float
    lift: float
    p_value: float = Field(description="corrected for the number of values tried")


class FailureBucket(Model):
    """Occurrences from `start` on, for as long as a bucket is."""

    start: datetime
    spans: int


class FailureVersion(Model):
    """A version of an app that the cluster hit, and its part in the cluster."""

    app: str
    version: str
    first_run: datetime | None = Field(
        description="when its first span started; null when that was before the range: no deployment in it"
    )
    spans: int = Field(description="spans of this version, failing or not")
    failures: int = Field(description="of them in this cluster")


class FailureTimeline(Model):
    """The whole time range in equal buckets, the empty ones included."""

    bucket_s: int
    buckets: list[FailureBucket]


class FailureMember(Model):
    """One fingerprint of the cluster."""

    fingerprint: str
    template: str
    message: str


class FailureDecision(Model):
    """One line of the audit trail, newest first."""

    id: int
    at: datetime
    actor: str
    action: str
    note: str
    undone: bool


class FailureRange(Model):
    """The time that figures are of: `start` ≤ t < `end`."""

    start: datetime
    end: datetime


class FailureDetail(Model):
    """A cluster with all that a person needs to decide."""

    cluster: FailureCluster
    counted: FailureRange | None = Field(
        description="the whole hours that figures of a long range are of; null: of the range itself"
    )
    members: list[FailureMember]
    examples: list[FailureExample]
    healthy: FailureExample | None = Field(description="the newest span of the same kind that did not fail")
    contrasts: list[FailureContrast]
    timeline: FailureTimeline
    versions: list[FailureVersion] = Field(description="newest first, at most 200")
    more_versions: bool
    decisions: list[FailureDecision]
    issue_urls: dict[str, str] = Field(description="tracker → address of a prefilled new issue")


class FailureSuggestion(Model):
    """Two clusters that may have one cause; `similarity` is the mean cosine of their messages."""

    cluster: str
    title: str
    other: str
    other_title: str
    similarity: float


class FailureSuggestionList(Model):
    """At most 200 suggestions, most alike first."""

    suggestions: list[FailureSuggestion]
    more: bool


class FailureSuggestionKey(Model):
    """The pair of a suggestion, in its order."""

    cluster: str = Field(max_length=40)
    other: str = Field(max_length=40)


class FailureAction(Model):
    """One decision. Which further fields are read depends on `action`."""

    action: Literal[
        "merge",
        "split",
        "rename",
        "assign",
        "severity",
        "resolve",
        "resolve_in_next_version",
        "ignore",
        "reopen",
    ]
    other: str = Field("", max_length=40, description="merge: the cluster to take over")
    fingerprints: list[str] = Field(default_factory=list, max_length=1000, description="split: what to move")
    title: str = Field("", max_length=300)
    assignee: str = Field("", max_length=200)
    severity: SeverityName = ""
    until_more: int = Field(
        0, ge=0, le=10**9, description="ignore: until it occurred this often; 0 = for good"
    )


class ScoreLine(Model):
    """Below which number a score counts as a failure."""

    name: str = Field(min_length=1, max_length=200)
    line: float = Field(allow_inf_nan=False)


class ScoreLineList(Model):
    """Lines by name; a score without one counts by what a person or an evaluator says in words only."""

    lines: list[ScoreLine]


class FailureDecided(Model):
    """The decision's number, to undo it with."""

    decision: int


class FailureOfFingerprint(Model):
    """Where a failing span's fingerprint belongs."""

    cluster: str
