"""Failure clusters: the list, one cluster, suggestions and decisions."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from sightline_analysis.failures.contrast import find_contrasts
from sightline_analysis.failures.exemplars import choose_examples
from sightline_analysis.failures.lifecycle import WEEK
from sightline_analysis.failures.triage import Triage
from sightline_api.dependencies import Caller, Editor, Range, Services
from sightline_api.failure_models import (
    FailureAction,
    FailureDecided,
    FailureDetail,
    FailureList,
    FailureOfFingerprint,
    FailureRange,
    FailureSuggestion,
    FailureSuggestionKey,
    FailureSuggestionList,
    ScoreLine,
    ScoreLineList,
    StateName,
)
from sightline_api.failure_view import (
    bucket_width_s,
    cluster_model,
    contrast_models,
    decision_models,
    example_model,
    facets_of,
    issue_urls,
    member_models,
    of_app,
    shown_range,
    since_first,
    timeline_model,
    version_models,
)
from sightline_api.services import ApiServices
from sightline_core.auth import Principal
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.query_parser import MAX_LENGTH
from sightline_core.time_range import TimeRange
from sightline_storage.failures.failure_reader import FailureReader, hours_counted
from sightline_storage.failures.failure_records import ClusterRow
from sightline_storage.failures.failure_store import MAX_LISTED

router = APIRouter(tags=["failures"])

ClusterId = Annotated[str, Path(max_length=40)]
_COUNTED_FROM = WEEK + timedelta(days=1)  # states compare the hours of a week, of which the first is cut
_EXAMPLES = 5
_MOST = 200  # suggestions, and versions of a cluster
_HIDDEN = ("resolved", "ignored")


@router.get("/failures")
def list_failures(
    services: Services,
    caller: Caller,
    time_range: Range,
    state: Annotated[list[StateName] | None, Query(max_length=7)] = None,
    category: Annotated[list[str] | None, Query(max_length=40)] = None,
    app: Annotated[str | None, Query(max_length=MAX_LENGTH)] = None,
    assignee: Annotated[str | None, Query(max_length=200)] = None,
    unassigned: Annotated[bool, Query(description="only what nobody is assigned to")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> FailureList:
    """Return clusters that occurred in the time range or are in one of `state`, those that hit most first.

    Without `state`, resolved and ignored ones are left out. With `app`, those that hit it in the time range,
    with figures and times of that app alone; `state` and `apps` are about all apps.
    """
    now = services.now()
    store, reader = services.failures, services.failure_reader
    cluster_of = store.clusters_of(caller.project)
    impact = reader.impact(caller.project, time_range, cluster_of)
    rows = store.clusters(caller.project)
    hours = _hours(reader, caller.project, rows, cluster_of, now)
    found = [cluster_model(row, impact.get(row.id), hours.get(row.id, {}), now) for row in rows]
    listed = [c for c in found if (c.state in state if state else c.spans and c.state not in _HIDDEN)]
    facets = facets_of(found, listed)
    waiting = impact.get("")
    if app is not None:
        hit = reader.app_impact(caller.project, time_range, cluster_of, app, now)
        listed = [of_app(cluster, hit[cluster.id], now) for cluster in listed if cluster.id in hit]
        waiting = hit[""].impact if "" in hit else None
    shown = [
        c
        for c in listed
        if (not category or c.category in category)
        and (assignee is None or assignee == c.assignee)
        and not (unassigned and c.assignee)
    ]
    shown.sort(key=lambda c: (-c.traces, -c.users, -c.spans, c.id))
    return FailureList(
        clusters=shown[:limit],
        more=len(shown) > limit or len(rows) == MAX_LISTED,
        facets=facets,
        waiting=waiting.spans if waiting else 0,
    )


def _hours(
    reader: FailureReader,
    project: ProjectId,
    rows: Iterable[ClusterRow],
    cluster_of: Mapping[str, str],
    now: datetime,
) -> dict[str, dict[int, int]]:
    """Return the hours that states are told by: of a week, and of what is ignored until more all since."""
    start, end = now - _COUNTED_FROM, now + timedelta(hours=1)
    hours = reader.hours(project, TimeRange(start, end), cluster_of)
    ignored = [row for row in rows if row.status == "ignored" and row.ignore_until]
    if since := {row.id: row.status_at for row in ignored if row.status_at < start}:
        theirs = {fingerprint: cluster for fingerprint, cluster in cluster_of.items() if cluster in since}
        hours |= reader.hours(project, TimeRange(min(since.values()) - timedelta(hours=1), end), theirs)
    return hours


@router.get("/failures/suggestions")
def list_failure_suggestions(services: Services, caller: Caller) -> FailureSuggestionList:
    """Return pairs of clusters that a person may want to merge."""
    found = services.failures.suggestions(caller.project, limit=_MOST + 1)
    named = {cluster for pair in found for cluster in pair[:2]}
    titles = {row.id: row.title for row in services.failures.every_cluster(caller.project, named)}
    return FailureSuggestionList(
        suggestions=[
            FailureSuggestion(
                cluster=cluster,
                title=titles.get(cluster, ""),
                other=other,
                other_title=titles.get(other, ""),
                similarity=similarity,
            )
            for cluster, other, similarity in found[:_MOST]
        ],
        more=len(found) > _MOST,
    )


@router.post("/failures/suggestions/dismiss", status_code=204)
def dismiss_failure_suggestion(services: Services, caller: Editor, pair: FailureSuggestionKey) -> None:
    """Forget a suggestion for good; 404 when there is none."""
    services.failures.dismiss(caller.project, pair.cluster, pair.other)


@router.get("/failures/score-lines")
def list_score_lines(services: Services, caller: Caller) -> ScoreLineList:
    """Return below which numbers scores count as failures."""
    lines = services.failures.score_lines(caller.project)
    return ScoreLineList(lines=[ScoreLine(name=name, line=line) for name, line in lines.items()])


@router.put("/failures/score-lines", status_code=204)
def draw_score_line(services: Services, caller: Editor, line: ScoreLine) -> None:
    """Let a score below a number count as a failure, from now on."""
    services.failures.set_score_line(caller.project, line.name, line.line)


@router.delete("/failures/score-lines", status_code=204)
def remove_score_line(
    services: Services, caller: Editor, name: Annotated[str, Query(max_length=200)]
) -> None:
    """Let no number of this score count as a failure."""
    services.failures.set_score_line(caller.project, name, None)


@router.get("/failures/of-fingerprint/{fingerprint}")
def read_failure_of_fingerprint(
    services: Services, caller: Caller, fingerprint: Annotated[str, Path(max_length=40)]
) -> FailureOfFingerprint:
    """Return the cluster that a failing span belongs to; 404 until the job has seen its fingerprint."""
    return FailureOfFingerprint(cluster=services.failures.cluster_of(caller.project, fingerprint))


@router.get("/failures/{cluster}")
def read_failure(services: Services, caller: Caller, time_range: Range, cluster: ClusterId) -> FailureDetail:
    """Return one cluster: whom it hit, what sets it apart, examples beside a healthy span, its decisions."""
    now = services.now()
    store, reader = services.failures, services.failure_reader
    row = store.cluster(caller.project, cluster)
    members = store.members(caller.project, cluster)
    cluster_of = {member.fingerprint: cluster for member in members}
    fingerprints = list(cluster_of)
    occurred = since_first(time_range, row.first_seen)
    impact = reader.impact(caller.project, occurred, cluster_of)
    if counted := hours_counted(occurred):
        # All of the answer is of the time that its figures are of, as far as that has come.
        start, end = min(time_range.start, counted.start), max(time_range.end, min(counted.end, now))
        time_range = TimeRange(start, end)
    hours = _hours(reader, caller.project, [row], cluster_of, now)
    newest = reader.examples(caller.project, time_range, fingerprints, _EXAMPLES)
    examples = choose_examples(newest, {member.fingerprint: member.template for member in members}, _EXAMPLES)
    spans = impact[cluster].spans if cluster in impact else 0
    counts = (
        services.failure_contrasts.count(caller.project, time_range, fingerprints, examples, spans)
        if examples
        else []
    )
    healthy = reader.healthy(caller.project, time_range, examples[0]) if examples else None
    shown = shown_range(time_range, row.first_seen)
    bucket_s = bucket_width_s(shown)
    timeline = reader.timeline(caller.project, shown, fingerprints, bucket_s)
    apps = impact[cluster].apps if cluster in impact else []
    versions = reader.versions(caller.project, shown, fingerprints, apps, limit=_MOST + 1) if apps else []
    return FailureDetail(
        cluster=cluster_model(row, impact.get(cluster), hours.get(cluster, {}), now),
        counted=FailureRange(start=counted.start, end=counted.end) if counted else None,
        members=member_models(members),
        examples=[example_model(example) for example in examples],
        healthy=example_model(healthy) if healthy else None,
        contrasts=contrast_models(find_contrasts(counts)),
        timeline=timeline_model(shown, timeline, bucket_s),
        versions=version_models(versions[:_MOST], shown.start),
        more_versions=len(versions) > _MOST,
        decisions=decision_models(store.decisions(caller.project, cluster)),
        issue_urls=issue_urls(row, f"{services.server.otlp_endpoint}/failures/{cluster}"),
    )


def _triage(services: ApiServices, caller: Principal) -> Triage:
    return Triage(services.failures, caller.project, caller.name, services.now())


@router.post("/failures/{cluster}/decisions")
def decide_failure(
    services: Services, caller: Editor, cluster: ClusterId, action: FailureAction
) -> FailureDecided:
    """Merge, split, rename, assign, mark, resolve, ignore or reopen; each can be undone."""
    triage = _triage(services, caller)
    match action.action:
        case "merge":
            decision = triage.merge(cluster, action.other)
        case "split":
            decision = triage.split(cluster, action.fingerprints)
        case "rename":
            decision = triage.rename(cluster, action.title)
        case "assign":
            decision = triage.assign(cluster, action.assignee)
        case "severity":
            decision = triage.set_severity(cluster, action.severity)
        case "resolve":
            decision = triage.resolve(cluster)
        case "resolve_in_next_version":
            decision = triage.resolve(
                cluster, in_next_version=True, version=_newest_version(services, caller, cluster)
            )
        case "ignore":
            decision = triage.ignore(cluster, action.until_more)
        case "reopen":
            decision = triage.reopen(cluster)
    return FailureDecided(decision=decision)


def _newest_version(services: ApiServices, caller: Principal, cluster: str) -> str:
    now = services.now()
    members = services.failures.members(caller.project, cluster)
    examples = services.failure_reader.examples(
        caller.project, TimeRange(now - timedelta(days=30), now), [m.fingerprint for m in members], 1
    )
    if not examples:
        raise CallerError("this cluster has not occurred for 30 days: resolve it without the next version")
    return examples[0].app_version


@router.post("/failures/decisions/{decision}/undo")
def undo_failure_decision(
    services: Services, caller: Editor, decision: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> FailureOfFingerprint:
    """Take a decision back and return its cluster; 409 when what it changed has changed since."""
    return FailureOfFingerprint(cluster=_triage(services, caller).undo(decision))
