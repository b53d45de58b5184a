"""Alert rules, channels and incidents."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from sightline_analysis.alerts.backtest import Backtest
from sightline_analysis.alerts.durations import parse_duration
from sightline_analysis.alerts.judgement import Level
from sightline_analysis.alerts.message import (
    costliest,
    counted_clusters,
    course_window,
    written_value,
)
from sightline_analysis.alerts.plan import refuse_circles
from sightline_analysis.alerts.preview import preview_rule
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_rule, parse_stored, rule_document
from sightline_api.alert_models import (
    AlertChannel,
    AlertChannels,
    AlertRules,
    ChannelTrial,
    ChannelWrite,
    Incident,
    IncidentDetail,
    IncidentEvent,
    IncidentMessage,
    Incidents,
    PreviewGroup,
    PreviewIncident,
    RuleChange,
    RuleChanges,
    RulePreview,
    SnoozeRequest,
)
from sightline_api.dependencies import Caller, Editor, Services
from sightline_api.preconditions import Precondition, Preconditions, etag
from sightline_api.validation_words import HexId, Shape
from sightline_core.errors import CallerError, NotFound
from sightline_storage.alerts import alert_records as records
from sightline_storage.alerts.alert_records import ChannelRow, Group, IncidentRow
from sightline_storage.metadata.precondition import MayChange

router = APIRouter(tags=["alerts"])

_LONGEST_SNOOZE = timedelta(days=31)
_WITH_ETAG: dict[int | str, dict[str, Any]] = {
    204: {"headers": {"ETag": {"schema": {"type": "string"}, "description": "what `If-Match` takes"}}}
}

Key = Annotated[str, Shape("[a-z0-9][a-z0-9_-]{0,63}", "1 to 64 lower-case letters, digits, - and _"), Path()]


@router.get("/alerts/rules")
def list_alert_rules(services: Services, caller: Caller) -> AlertRules:
    """Return all rules, by key."""
    rows = services.alert_rules.rule_rows(caller.project)
    return AlertRules(
        rules=[row.document for row in rows], etags={row.document["key"]: etag(row.tag) for row in rows}
    )


@router.put("/alerts/rules/{key}", status_code=204, responses=_WITH_ETAG)
def put_alert_rule(
    services: Services,
    caller: Editor,
    key: Key,
    document: Annotated[dict[str, Any], Body()],
    precondition: Preconditions,
) -> Response:
    """Create or replace a rule; `ETag` is its new one."""
    rule = parse_rule(document | {"key": key})
    others, _ = parse_stored(services.alert_rules.rules(caller.project))
    refuse_circles([*(other for other in others if other.key != key), rule])
    _require_channels({row.key for row in services.alert_rules.channels(caller.project)}, rule)
    tag = services.alert_rules.put_rule(
        caller.project, key, rule_document(rule), services.now(), precondition.check
    )
    return _saved(tag)


@router.post("/alerts/rules/changes", status_code=204)
def change_alert_rules(services: Services, caller: Editor, body: RuleChanges) -> Response:
    """Create, replace and delete rules: all of them or, when one cannot be, none."""
    stored, _ = parse_stored(services.alert_rules.rules(caller.project))
    rules = {rule.key: rule for rule in stored}
    known = {row.key for row in services.alert_rules.channels(caller.project)}
    changes: list[records.RuleChange] = []
    for change in body.changes:
        with _about(change.key):
            rules.pop(change.key, None)
            document = None
            if change.rule is not None:
                rules[change.key] = rule = parse_rule(change.rule | {"key": change.key})
                _require_channels(known, rule)
                document = rule_document(rule)
            changes.append(records.RuleChange(change.key, document, _check_of(change)))
    doubled = [key for key, count in Counter(change.key for change in changes).items() if count > 1]
    if doubled:
        raise CallerError(f"rule {doubled[0]} is changed twice")
    refuse_circles(list(rules.values()))
    services.alert_rules.change_rules(caller.project, changes, services.now())
    return Response(status_code=204)


@router.post("/alerts/preview")
def preview_alert_rule(
    services: Services, caller: Caller, document: Annotated[dict[str, Any], Body()]
) -> RulePreview:
    """Return when the rule would have fired in the last 30 days; nothing is saved."""
    rule = parse_rule(document | {"key": "preview", "name": "Preview"})
    preview = preview_rule(services.rule_measures, caller.project, rule, services.now())
    return RulePreview(
        start=preview.period.start,
        end=preview.period.end,
        groups=[_preview_group(rule, group, result) for group, result in preview.groups.items()],
    )


@router.delete("/alerts/rules/{key}", status_code=204)
def delete_alert_rule(services: Services, caller: Editor, key: Key, precondition: Preconditions) -> Response:
    """Delete a rule and close its open incidents."""
    services.alert_rules.delete_rule(caller.project, key, services.now(), precondition.check)
    return Response(status_code=204)


@router.get("/alerts/channels")
def list_alert_channels(services: Services, caller: Caller) -> AlertChannels:
    """Return all channels without their secrets."""
    rows = services.alert_rules.channels(caller.project)
    return AlertChannels(
        channels=[AlertChannel(key=row.key, kind=row.kind, etag=etag(row.tag)) for row in rows]
    )


@router.put("/alerts/channels/{key}", status_code=204, responses=_WITH_ETAG)
def put_alert_channel(
    services: Services, caller: Editor, key: Key, channel: ChannelWrite, precondition: Preconditions
) -> Response:
    """Create or replace a channel. Its target is checked now, and again at each connection."""
    row = ChannelRow(key, channel.kind, dict(channel.settings))
    services.alert_desk.check_channel(row)
    return _saved(services.alert_rules.put_channel(caller.project, row, services.now(), precondition.check))


@router.delete("/alerts/channels/{key}", status_code=204)
def delete_alert_channel(
    services: Services, caller: Editor, key: Key, precondition: Preconditions
) -> Response:
    """Delete a channel."""
    services.alert_rules.delete_channel(caller.project, key, precondition.check)
    return Response(status_code=204)


@router.post("/alerts/channels/{key}/test")
def try_alert_channel(services: Services, caller: Editor, key: Key) -> ChannelTrial:
    """Send a test message through the channel."""
    row = next((row for row in services.alert_rules.channels(caller.project) if row.key == key), None)
    if row is None:
        raise NotFound(f"there is no channel {key!r}")
    reason = services.alert_desk.try_channel(row)
    return ChannelTrial(delivered=not reason, reason=reason)


@router.get("/alerts/incidents")
def list_incidents(
    services: Services,
    caller: Caller,
    only_open: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Incidents:
    """Return incidents, newest first."""
    page = services.incidents.incidents(caller.project, only_open=only_open, limit=limit, cursor=cursor)
    return Incidents(incidents=[_incident(row) for row in page.incidents], next_cursor=page.next_cursor)


@router.get("/alerts/incidents/{incident}")
def read_incident(services: Services, caller: Caller, incident: HexId) -> IncidentDetail:
    """Return an incident with its timeline and delivery log."""
    row, timeline, messages = services.incidents.incident(caller.project, incident)
    return IncidentDetail(
        incident=_incident(row),
        timeline=[IncidentEvent(at=event.at, kind=event.kind, text=event.text) for event in timeline],
        messages=[
            IncidentMessage(
                channel=message.channel,
                action=message.message["action"],
                created_at=message.created_at,
                attempts=message.attempts,
                delivered_at=message.delivered_at,
                gave_up_at=message.gave_up_at,
                next_attempt_at=message.next_attempt_at,
                last_error=message.last_error,
            )
            for message in messages
        ],
    )


@router.post("/alerts/incidents/{incident}/acknowledge", status_code=204)
def acknowledge_incident(services: Services, caller: Editor, incident: HexId) -> Response:
    """Note that the caller takes care of the incident; reminders stop."""
    services.incidents.acknowledge(caller.project, incident, caller.name, services.now())
    return Response(status_code=204)


@router.post("/alerts/incidents/{incident}/snooze", status_code=204)
def snooze_incident(services: Services, caller: Editor, incident: HexId, snooze: SnoozeRequest) -> Response:
    """Announce nothing about an open incident for a while, 31 days at most; `0s` ends that."""
    duration = parse_duration(snooze.duration)
    if duration > _LONGEST_SNOOZE:
        raise CallerError("an incident is snoozed for 31 days at most; a rule may be disabled for longer")
    until = services.now() + duration
    services.incidents.snooze(caller.project, incident, until, caller.name, services.now())
    return Response(status_code=204)


def _saved(tag: str) -> Response:
    return Response(status_code=204, headers={"ETag": etag(tag)})


@contextmanager
def _about(key: str) -> Iterator[None]:
    """Name the rule in what is wrong with it."""
    try:
        yield
    except CallerError as error:
        raise type(error)(f"rule {key}: {error}") from error


def _check_of(change: RuleChange) -> MayChange:
    precondition = Precondition(change.etag or "", "" if change.etag else "*")

    def check(stored: str | None) -> None:
        with _about(change.key):
            precondition.check(stored)

    return check


def _require_channels(known: Collection[str], rule: Rule) -> None:
    missing = [key for key in rule.channels if key not in known]
    if missing:
        raise CallerError(f"channels: there is no channel {missing[0][:60]!r}")


def _preview_group(rule: Rule, group: Group, result: Backtest) -> PreviewGroup:
    return PreviewGroup(
        group=list(group),
        messages=result.messages,
        incidents=[
            PreviewIncident(
                opened_at=incident.opened_at,
                resolved_at=incident.resolved_at,
                level="alert" if incident.level is Level.ALERT else "warning",
                value=written_value(rule, incident.value),
                threshold="" if incident.threshold is None else written_value(rule, incident.threshold),
                reason=incident.reason,
            )
            for incident in result.incidents
        ],
    )


def _incident(row: IncidentRow) -> Incident:
    named = (
        "name",
        "where",
        "title",
        "measure",
        "value",
        "threshold",
        "reason",
        "cause",
        "runbook",
        "query_url",
    )
    facts = row.facts
    return Incident.model_validate(
        {
            "id": row.id,
            "rule": row.rule,
            "group": list(row.group),
            "level": row.level,
            "opened_at": row.opened_at,
            "resolved_at": row.resolved_at,
            "acknowledged_at": row.acknowledged_at,
            "acknowledged_by": row.acknowledged_by,
            "window_start": facts["window_start"],
            "window_end": facts["window_end"],
            "course": facts.get("course", ""),
            "course_window": course_window(facts),
            "costliest": costliest(facts),
            "clusters": counted_clusters(facts),
            **{name: facts[name] for name in named},
        }
    )
