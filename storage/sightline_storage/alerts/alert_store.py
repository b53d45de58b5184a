"""Alert rules, channels, states and incidents in the metadata database."""

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from sightline_core.errors import Conflict, NotFound
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import time_of, to_ns
from sightline_storage.alerts.alert_records import (
    ChannelRow,
    Document,
    Group,
    IncidentPage,
    IncidentRow,
    Look,
    MessageRow,
    RuleChange,
    RuleRow,
    StateRow,
    TimelineRow,
)
from sightline_storage.alerts.alert_tables import (
    ALERT_CHANNELS,
    ALERT_INCIDENTS,
    ALERT_OUTBOX,
    ALERT_PROGRESS,
    ALERT_RULES,
    ALERT_STATES,
    ALERT_TIMELINE,
    IN_ORDER,
)
from sightline_storage.metadata.precondition import MayChange, always
from sightline_storage.spans.page_cursor import RowKey

_BY_TIME = "opened"
_LOOKED_MEANWHILE = "another process has looked at the same group"


class AlertStore:
    """Thread-safe. Every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def projects(self) -> list[ProjectId]:
        """Return the projects that have rules."""
        with self._engine.begin() as connection:
            found = connection.execute(select(ALERT_RULES.c.project).distinct()).scalars()
            return [ProjectId(project) for project in found]

    def rules(self, project: ProjectId) -> list[Document]:
        """Return the documents of all rules, by key."""
        return [row.document for row in self.rule_rows(project)]

    def rule_rows(self, project: ProjectId) -> list[RuleRow]:
        """Return all rules with their tags, by key."""
        statement = select(ALERT_RULES).where(ALERT_RULES.c.project == project)
        rows = self._rows(statement.order_by(ALERT_RULES.c.key))
        return [RuleRow(json.loads(row.document), _tag(row)) for row in rows]

    def put_rule(
        self,
        project: ProjectId,
        key: str,
        document: Document,
        at: datetime,
        may_change: MayChange = always,
    ) -> str:
        """Create or replace the rule, and return its new tag."""
        where = {"project": project, "key": key}
        return self._replace(ALERT_RULES, where, _stored_as(document, at), may_change)

    def delete_rule(self, project: ProjectId, key: str, at: datetime, may_change: MayChange = always) -> None:
        """Delete the rule and its states, and resolve its open incidents; `NotFound` when there is none."""
        self.change_rules(project, [RuleChange(key, None, may_change)], at)

    def change_rules(self, project: ProjectId, changes: Sequence[RuleChange], at: datetime) -> None:
        """Make all changes or, when one cannot be made, none; raises as `put_rule` and `delete_rule`."""
        try:
            with self._engine.begin() as connection:
                for change in changes:
                    _change_rule(connection, project, change, at)
        except IntegrityError as error:
            raise Conflict("another rule with one of these keys was saved at the same moment") from error

    def channels(self, project: ProjectId) -> list[ChannelRow]:
        """Return all channels, by key."""
        statement = select(ALERT_CHANNELS).where(ALERT_CHANNELS.c.project == project)
        rows = self._rows(statement.order_by(ALERT_CHANNELS.c.key))
        return [ChannelRow(row.key, row.kind, json.loads(row.document), _tag(row)) for row in rows]

    def put_channel(
        self, project: ProjectId, channel: ChannelRow, at: datetime, may_change: MayChange = always
    ) -> str:
        """Create or replace the channel, and return its new tag."""
        values = {"kind": channel.kind, **_stored_as(channel.document, at)}
        where = {"project": project, "key": channel.key}
        return self._replace(ALERT_CHANNELS, where, values, may_change)

    def delete_channel(self, project: ProjectId, key: str, may_change: MayChange = always) -> None:
        """Delete the channel; `NotFound` when there is none. Messages on their way to it are given up."""
        where = {"project": project, "key": key}
        with self._engine.begin() as connection:
            may_change(_stored_tag(connection, ALERT_CHANNELS, where))
            _delete(connection, ALERT_CHANNELS, where, f"there is no channel {key!r}")

    def states(self, project: ProjectId) -> dict[str, dict[Group, StateRow]]:
        """Return the states of the groups of each rule; one without is ok, and nobody was told of it."""
        statement = (
            select(ALERT_STATES, ALERT_INCIDENTS.c.id, ALERT_INCIDENTS.c.acknowledged_by)
            .outerjoin(ALERT_INCIDENTS, ALERT_INCIDENTS.c.open_key == ALERT_STATES.c.group_hash)
            .where(ALERT_STATES.c.project == project)
        )
        found: dict[str, dict[Group, StateRow]] = defaultdict(dict)
        for row in self._rows(statement):
            state = _state(row)
            found[row.rule][state.group] = state
        return found

    def record_looks(self, project: ProjectId, rule: str, looks: Sequence[Look]) -> None:
        """Store what looks decided, all of them or, when one cannot be stored, none.

        A rule that was deleted meanwhile opens nothing, as nobody would close it. `Conflict` when another
        process has looked at one of the groups meanwhile.
        """
        try:
            with self._engine.begin() as connection:
                if _stored_tag(connection, ALERT_RULES, {"project": project, "key": rule}) is None:
                    return
                for look in looks:
                    _record(connection, project, rule, look)
        except IntegrityError as error:
            raise Conflict(_LOOKED_MEANWHILE) from error

    def incidents(
        self, project: ProjectId, *, only_open: bool, limit: int, cursor: str | None = None
    ) -> IncidentPage:
        """Return incidents, newest first, at most `limit`; `CallerError` for a cursor that is not ours."""
        incidents = ALERT_INCIDENTS.c
        statement = select(ALERT_INCIDENTS).where(incidents.project == project)
        if only_open:
            statement = statement.where(incidents.open_key.is_not(None))
        if cursor:
            last = RowKey.decode(cursor, _BY_TIME)
            at = time_of(last.value)
            is_after = or_(incidents.opened_at < at, and_(incidents.opened_at == at, incidents.id > last.id))
            statement = statement.where(is_after)
        newest_first = statement.order_by(incidents.opened_at.desc(), incidents.id)
        found = [_incident(row) for row in self._rows(newest_first.limit(limit + 1))]
        if len(found) <= limit:
            return IncidentPage(found, None)
        last_shown = found[limit - 1]
        key = RowKey(to_ns(last_shown.opened_at), last_shown.id)
        return IncidentPage(found[:limit], key.encode(_BY_TIME))

    def incidents_since(
        self, project: ProjectId, rule: str, group: Group, since: datetime
    ) -> list[IncidentRow]:
        """Return the incidents of the rule's group that are open or were at that time or later."""
        statement = select(ALERT_INCIDENTS).where(
            ALERT_INCIDENTS.c.project == project,
            ALERT_INCIDENTS.c.rule == rule,
            ALERT_INCIDENTS.c.group_values == json.dumps(group),
            or_(ALERT_INCIDENTS.c.resolved_at.is_(None), ALERT_INCIDENTS.c.resolved_at >= since),
        )
        return [_incident(row) for row in self._rows(statement)]

    def incident(
        self, project: ProjectId, incident: str
    ) -> tuple[IncidentRow, list[TimelineRow], list[MessageRow]]:
        """Return the incident, its timeline and its messages, oldest first; `NotFound` when there is none."""
        wanted = select(ALERT_INCIDENTS).where(
            ALERT_INCIDENTS.c.project == project, ALERT_INCIDENTS.c.id == incident
        )
        rows = self._rows(wanted)
        if not rows:
            raise NotFound(f"there is no incident {incident[:40]!r}")
        timeline = select(ALERT_TIMELINE).where(ALERT_TIMELINE.c.incident == incident)
        messages = select(ALERT_OUTBOX).where(ALERT_OUTBOX.c.incident == incident)
        return (
            _incident(rows[0]),
            [TimelineRow(row.at, row.kind, row.text) for row in self._rows(timeline.order_by("id"))],
            [message_row(row) for row in self._rows(messages.order_by(*IN_ORDER))],
        )

    def acknowledge(self, project: ProjectId, incident: str, who: str, at: datetime) -> None:
        """Note who takes care of an open incident; again by somebody else is noted too."""
        row, _, _ = self.incident(project, incident)
        if row.resolved_at is not None:
            raise Conflict("the incident is resolved already")
        with self._engine.begin() as connection:
            connection.execute(
                update(ALERT_INCIDENTS)
                .where(ALERT_INCIDENTS.c.id == incident)
                .values(acknowledged_by=who, acknowledged_at=at)
            )
            _add_timeline(connection, incident, at, [("acknowledged", f"by {who}")])

    def snooze(self, project: ProjectId, incident: str, until: datetime, who: str, at: datetime) -> None:
        """Announce nothing about the rule and group of an open incident before `until`."""
        row, _, _ = self.incident(project, incident)
        if row.resolved_at is not None:
            raise Conflict("the incident is resolved already")
        group_hash = hash_group(project, row.rule, row.group)
        with self._engine.begin() as connection:
            connection.execute(
                update(ALERT_STATES)
                .where(ALERT_STATES.c.group_hash == group_hash, ALERT_STATES.c.project == project)
                .values(snoozed_until=until)
            )
            note = f"until {until.isoformat(timespec='minutes')} by {who}"
            _add_timeline(connection, incident, at, [("snoozed", note)])

    def rollup_versions(self) -> dict[ProjectId, int]:
        """Return up to which rollup version all rules of each project know of late minutes.

        A project that was not looked at yet is not among them.
        """
        return {ProjectId(row.project): int(row.rollup_version) for row in self._rows(select(ALERT_PROGRESS))}

    def put_rollup_version(self, project: ProjectId, version: int) -> None:
        """Remember up to which version all rules know of late minutes."""
        self._put(ALERT_PROGRESS, {"project": project}, {"rollup_version": version})

    def _replace(
        self, table: Table, where: Mapping[str, Any], values: Mapping[str, Any], may_change: MayChange
    ) -> str:
        try:
            with self._engine.begin() as connection:
                may_change(_stored_tag(connection, table, where))
                _upsert(connection, table, where, values, {})
                return _stored_tag(connection, table, where) or ""
        except IntegrityError as error:
            raise Conflict("another one with this key was saved at the same moment") from error

    def _put(self, table: Table, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            _upsert(connection, table, where, values, {})

    def _rows(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        with self._engine.begin() as connection:
            return connection.execute(statement).all()


def hash_group(project: str, rule: str, group: Group) -> str:
    """Return the key of a rule's group; different groups have different keys whatever their values are."""
    return hashlib.sha256(json.dumps([project, rule, *group]).encode()).hexdigest()


def message_row(row: Row[Any]) -> MessageRow:
    """Return a row of the outbox."""
    values = {name: row._mapping[name] for name in MessageRow.__slots__ if name != "message"}
    return MessageRow(message=json.loads(row.message), **values)


def _stored_as(document: Document, at: datetime) -> dict[str, Any]:
    """Return the columns that rules and channels share."""
    return {"document": json.dumps(document), "updated_at": at, "revision": uuid.uuid4().hex}


def _tag(row: Row[Any]) -> str:
    """Return what tells a stored rule or channel from those before: when it was stored, not what.

    Who sees the tag of a channel could else try out which password gives it.
    """
    named = f"{row.project}\n{row.key}\n{row.updated_at.isoformat()}\n{row.revision}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _stored_tag(connection: Connection, table: Table, where: Mapping[str, Any]) -> str | None:
    """Return the tag of the row, which stays as it is until the transaction ends; None when there is none."""
    conditions = [table.c[name] == value for name, value in where.items()]
    row = connection.execute(select(table).where(*conditions).with_for_update()).one_or_none()
    return None if row is None else _tag(row)


def _state(row: Row[Any]) -> StateRow:
    group = tuple(json.loads(row.group_values))
    return StateRow(group, json.loads(row.state), row.snoozed_until, row.id or "", row.acknowledged_by or "")


def _incident(row: Row[Any]) -> IncidentRow:
    return IncidentRow(
        id=row.id,
        project=row.project,
        rule=row.rule,
        group=tuple(json.loads(row.group_values)),
        level=row.level,
        opened_at=row.opened_at,
        resolved_at=row.resolved_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        facts=json.loads(row.facts),
    )


def _change_rule(connection: Connection, project: str, change: RuleChange, at: datetime) -> None:
    where = {"project": project, "key": change.key}
    change.may_change(_stored_tag(connection, ALERT_RULES, where))
    if change.document is not None:
        _upsert(connection, ALERT_RULES, where, _stored_as(change.document, at), {})
        return
    _delete(connection, ALERT_RULES, where, f"there is no rule {change.key!r}")
    states, incidents = ALERT_STATES.c, ALERT_INCIDENTS.c
    connection.execute(delete(ALERT_STATES).where(states.project == project, states.rule == change.key))
    are_open = (
        incidents.project == project,
        incidents.rule == change.key,
        incidents.open_key.is_not(None),
    )
    for incident in connection.execute(select(incidents.id).where(*are_open)).scalars().all():
        post_end(connection, project, incident, at)
    connection.execute(update(ALERT_INCIDENTS).where(*are_open).values(open_key=None, resolved_at=at))


def _record(connection: Connection, project: str, rule: str, look: Look) -> None:
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
    _add_timeline(connection, look.incident, look.at, look.timeline)
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
        raise Conflict(_LOOKED_MEANWHILE)


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


def _add_timeline(
    connection: Connection, incident: str, at: datetime, entries: Sequence[tuple[str, str]]
) -> None:
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


def _upsert(
    connection: Connection,
    table: Table,
    where: Mapping[str, Any],
    values: Mapping[str, Any],
    first: Mapping[str, Any],
) -> None:
    conditions = [table.c[name] == value for name, value in where.items()]
    if connection.execute(update(table).where(*conditions).values(values)).rowcount == 0:
        connection.execute(insert(table).values(**where, **values, **first))


def _delete(connection: Connection, table: Table, where: Mapping[str, Any], missing: str) -> None:
    conditions = [table.c[name] == value for name, value in where.items()]
    if connection.execute(delete(table).where(*conditions)).rowcount == 0:
        raise NotFound(missing)
