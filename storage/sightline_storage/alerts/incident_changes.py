"""Changes of incidents, states and messages within a transaction: what a look decided, and their end."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from sightline_core.errors import Conflict
from sightline_storage.alerts.alert_records import Document, Group, Look
from sightline_storage.alerts.alert_tables import (
    ALERT_INCIDENTS,
    ALERT_OUTBOX,
    ALERT_STATES,
    ALERT_TIMELINE,
    IN_ORDER,
)

LOOKED_MEANWHILE = "another process has looked at the same group"


def hash_group(project: str, rule: str, group: Group) -> str:
    """Return the key of a rule's group; different groups have different keys whatever their values are."""
    return hashlib.sha256(json.dumps([project, rule, *group]).encode()).hexdigest()


def record_look(connection: Connection, project: str, rule: str, look: Look) -> None:
    """Store what a look decided; `Conflict` when another one of the same group came first."""
    group_hash = hash_group(project, rule, look.group)
    _replace_state(connection, {"project": project, "rule": rule, "group_hash": group_hash}, look)
    if look.opens:
        connection.execute(
            insert(ALERT_INCIDENTS).values(
                id=look.incident,
                project=project,
                rule=rule,
                group_values=json.dumps(look.group),
                open_key=group_hash,
                level=look.level,
                opened_at=look.at,
                acknowledged_by="",
                facts=json.dumps(look.facts),
            )
        )
    elif look.incident:
        _update_incident(connection, look)
    add_timeline(connection, look.incident, look.at, look.timeline)
    for channel, message in look.messages:
        _post(connection, project, look, channel, message)


def _replace_state(connection: Connection, where: Mapping[str, Any], look: Look) -> None:
    """Store the state in place of the one that it was decided on: a worker may wake up after its turn."""
    values = {} if look.state is None else {"state": json.dumps(look.state), "updated_at": look.at}
    if look.before is None:
        if values:
            group = json.dumps(look.group)
            connection.execute(insert(ALERT_STATES).values(**where, **values, group_values=group))
        return
    states = ALERT_STATES.c
    known = [states[name] == value for name, value in where.items()]
    known.append(states.state == json.dumps(look.before))
    change = update(ALERT_STATES).values(values) if values else delete(ALERT_STATES)
    if connection.execute(change.where(*known)).rowcount == 0:
        raise Conflict(LOOKED_MEANWHILE)


def _update_incident(connection: Connection, look: Look) -> None:
    values: dict[str, Any] = {}
    if look.level:
        values["level"] = look.level
    if look.facts is not None:
        values["facts"] = json.dumps(look.facts)
    if look.resolves:
        values |= {"resolved_at": look.at, "open_key": None}
    if values:
        connection.execute(
            update(ALERT_INCIDENTS).where(ALERT_INCIDENTS.c.id == look.incident).values(values)
        )


def add_timeline(
    connection: Connection, incident: str, at: datetime, entries: Sequence[tuple[str, str]]
) -> None:
    """Add entries (kind, text) to what is told of the incident."""
    for kind, text in entries:
        connection.execute(insert(ALERT_TIMELINE).values(incident=incident, at=at, kind=kind, text=text))


def _post(connection: Connection, project: str, look: Look, channel: str, message: Document) -> None:
    identity = json.dumps([look.incident, channel, look.announcement])
    connection.execute(
        insert(ALERT_OUTBOX).values(
            id=hashlib.sha256(identity.encode()).hexdigest(),
            project=project,
            incident=look.incident,
            channel=channel,
            message=json.dumps(message),
            created_at=look.at,
            number=look.announcement,
            next_attempt_at=look.at,
            attempts=0,
            last_error="",
        )
    )


def post_end(connection: Connection, project: str, incident: str, at: datetime) -> None:
    """Tell the channels that know of an incident that it is over: nobody looks at it any more."""
    outbox = select(ALERT_OUTBOX).where(ALERT_OUTBOX.c.incident == incident).order_by(*IN_ORDER)
    newest = {row.channel: row for row in connection.execute(outbox).all()}
    number = max((row.number for row in newest.values()), default=0) + 1
    look = Look((), None, None, at, incident=incident, announcement=number)
    for channel, row in newest.items():
        message = json.loads(row.message) | {"action": "resolve", "at": at.isoformat()}
        _post(connection, project, look, channel, message)


def end_alerts_of(connection: Connection, project: str, rule: str, at: datetime) -> None:
    """Forget the states of a rule, and resolve its open incidents: nobody looks at them any more."""
    states, incidents = ALERT_STATES.c, ALERT_INCIDENTS.c
    connection.execute(delete(ALERT_STATES).where(states.project == project, states.rule == rule))
    are_open = (
        incidents.project == project,
        incidents.rule == rule,
        incidents.open_key.is_not(None),
    )
    for incident in connection.execute(select(incidents.id).where(*are_open)).scalars().all():
        post_end(connection, project, incident, at)
    connection.execute(update(ALERT_INCIDENTS).where(*are_open).values(open_key=None, resolved_at=at))
