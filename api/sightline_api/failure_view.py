"""From stored clusters and counts to the shapes of the API."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sightline_analysis.failures.contrast import Contrast
from sightline_analysis.failures.lifecycle import hour_of, state_of
from sightline_api.amounts import usd_text
from sightline_api.failure_models import (
    FailureBucket,
    FailureCluster,
    FailureContrast,
    FailureDecision,
    FailureExample,
    FailureFacet,
    FailureFacets,
    FailureMember,
    FailureTimeline,
    FailureVersion,
)
from sightline_core.nanoseconds import time_of, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.failures.failure_reader import AppImpact, Example, Impact, VersionSeen
from sightline_storage.failures.failure_records import ClusterRow, DecisionRow, MemberRow

_HOUR = timedelta(hours=1)
_SHOWN_HOURS = 24


def cluster_model(
    row: ClusterRow, impact: Impact | None, hours: Mapping[int, int], now: datetime
) -> FailureCluster:
    """Return a cluster with what it hit; without an impact it hit nothing in the range."""
    return FailureCluster(
        id=row.id,
        title=row.title,
        category=row.category,
        scope=row.scope,
        state=state_of(row, hours, now).value,
        severity=row.severity,
        assignee=row.assignee,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        regressed_version=row.regressed_version,
        resolved_version=row.resolved_version,
        merged_into=row.merged_into,
        apps=impact.apps if impact else [],
        hourly=_last_hours(hours, now),
        **_figures(impact),
    )


def of_app(cluster: FailureCluster, hit: AppImpact, now: datetime) -> FailureCluster:
    """Return a cluster with what it did to one app; its state and the apps that it hits stay those of all."""
    return cluster.model_copy(
        update={
            "first_seen": time_of(hit.first_ns),
            "last_seen": time_of(hit.last_ns),
            "hourly": _last_hours(hit.hours, now),
            **_figures(hit.impact),
        }
    )


def _figures(impact: Impact | None) -> dict[str, Any]:
    return {
        "traces": impact.traces if impact else 0,
        "spans": impact.spans if impact else 0,
        "users": impact.users if impact else 0,
        "sessions": impact.sessions if impact else 0,
        "cost_usd": usd_text(impact.cost_usd) if impact else "0",
        "app_versions": impact.app_versions if impact else [],
        "sampled": impact.sampled if impact else False,
    }


def _last_hours(hours: Mapping[int, int], now: datetime) -> list[int]:
    this_hour = hour_of(now)
    return [hours.get(this_hour - back, 0) for back in range(_SHOWN_HOURS - 1, -1, -1)]


def facets_of(clusters: Sequence[FailureCluster], listed: Sequence[FailureCluster]) -> FailureFacets:
    """Return what the list can be narrowed to, the most frequent first; nobody's clusters are under "".

    `listed` are those of the time range and the states that are asked for. Whoever has others only counts 0.
    """
    assignees = Counter({cluster.assignee: 0 for cluster in clusters})
    assignees.update(cluster.assignee for cluster in listed)
    return FailureFacets(
        state=_facet(Counter(cluster.state for cluster in clusters)),
        category=_facet(Counter(cluster.category for cluster in listed)),
        app=_facet(Counter(app for cluster in listed for app in cluster.apps)),
        assignee=_facet(assignees),
    )


def _facet(counts: Mapping[str, int]) -> list[FailureFacet]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [FailureFacet(value=value, clusters=count) for value, count in ordered]


_WIDTHS_S = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400, 28 * 86_400)
_MAX_BUCKETS = 120


def since_first(time_range: TimeRange, first_seen: datetime) -> TimeRange:
    """Return the part of the range in which it can have occurred: short ones are counted exactly and at once.

    What is read from sums of hours comes some seconds after a failure has its first page.
    """
    if time_range.start < first_seen < time_range.end:
        return TimeRange(first_seen, time_range.end)
    return time_range


def shown_range(time_range: TimeRange, first_seen: datetime) -> TimeRange:
    """Return the part of the range that tells since when: no longer before the first time than after it.

    A range that ended before the first time is shown as it is.
    """
    if time_range.end <= first_seen:
        return time_range
    since_first = max(time_range.end - first_seen, _HOUR)
    if time_range.duration <= 2 * since_first:
        return time_range
    return TimeRange(time_range.end - 2 * since_first, time_range.end)


def bucket_width_s(time_range: TimeRange) -> int:
    """Return the narrowest usual width that shows the range in at most 120 buckets."""
    length_s = time_range.duration.total_seconds()
    return next((width for width in _WIDTHS_S if length_s / width <= _MAX_BUCKETS), _WIDTHS_S[-1])


def timeline_model(time_range: TimeRange, counts: Mapping[int, int], bucket_s: int) -> FailureTimeline:
    """Return every bucket that the range touches."""
    first = int(time_range.start.timestamp())
    first -= first % bucket_s
    return FailureTimeline(
        bucket_s=bucket_s,
        buckets=[
            FailureBucket(start=datetime.fromtimestamp(start, UTC), spans=counts.get(start, 0))
            for start in range(first, int(time_range.end.timestamp()), bucket_s)
        ],
    )


def version_models(versions: Iterable[VersionSeen], since: datetime) -> list[FailureVersion]:
    """Return the versions; one that ran before `since` already was not deployed after it."""
    start_ns = to_ns(since)
    return [
        FailureVersion(
            app=seen.app,
            version=seen.version,
            first_run=time_of(seen.first_ns) if seen.first_ns >= start_ns else None,
            spans=seen.spans,
            failures=seen.failures,
        )
        for seen in versions
    ]


def example_model(example: Example) -> FailureExample:
    """Return one example span."""
    return FailureExample(
        trace_id=example.trace_id,
        span_id=example.span_id,
        start_time=time_of(example.start_ns),
        name=example.name,
        app=example.app,
        model=example.model,
        app_version=example.app_version,
        message=example.message,
        reason=example.reason,
        input_preview=example.input_preview,
        output_preview=example.output_preview,
    )


def member_models(members: Iterable[MemberRow]) -> list[FailureMember]:
    """Return the fingerprints of a cluster in their order."""
    return [FailureMember(fingerprint=m.fingerprint, template=m.template, message=m.message) for m in members]


def contrast_models(contrasts: Iterable[Contrast]) -> list[FailureContrast]:
    """Return what sets a cluster apart, in its order."""
    return [
        FailureContrast(
            attribute=contrast.attribute,
            value=contrast.value,
            share_inside=contrast.share_inside,
            share_outside=contrast.share_outside,
            lift=contrast.lift,
            p_value=contrast.p_value,
        )
        for contrast in contrasts
    ]


def decision_models(decisions: Iterable[DecisionRow]) -> list[FailureDecision]:
    """Return the audit trail in its order."""
    return [
        FailureDecision(
            id=decision.id,
            at=decision.at,
            actor=decision.actor,
            action=decision.action,
            note=decision.note,
            undone=decision.undone_at is not None,
        )
        for decision in decisions
    ]


def issue_urls(row: ClusterRow, page: str) -> dict[str, str]:
    """Return addresses of prefilled new issues; `{…}` stands for what only the reader knows.

    Content of spans is left out: an address ends up in histories and logs.
    """
    title = f"{row.category}: {row.title}"[:200]
    seen = f"First seen {row.first_seen:%Y-%m-%d %H:%M} UTC, last seen {row.last_seen:%Y-%m-%d %H:%M} UTC."
    body = f"{seen}\n{page}"
    return {
        "github": "https://github.com/{owner}/{repo}/issues/new?" + urlencode({"title": title, "body": body}),
        "gitlab": "https://gitlab.com/{group}/{project}/-/issues/new?"
        + urlencode({"issue[title]": title, "issue[description]": body}),
        "jira": "https://{site}.atlassian.net/secure/CreateIssueDetails!init.jspa?"
        + urlencode({"summary": title, "description": body}),
        "linear": "https://linear.app/{workspace}/new?" + urlencode({"title": title, "description": body}),
    }
