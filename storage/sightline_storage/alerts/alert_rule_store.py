"""Alert rules and channels in the metadata database, and up to where rules have looked."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, delete, select
from sqlalchemy.exc import IntegrityError

from sightline_core.errors import Conflict, NotFound
from sightline_core.ids import ProjectId
from sightline_storage.alerts.alert_records import ChannelRow, Document, RuleChange, RuleRow
from sightline_storage.alerts.alert_tables import ALERT_CHANNELS, ALERT_PROGRESS, ALERT_RULES
from sightline_storage.alerts.incident_changes import end_alerts_of
from sightline_storage.metadata.metadata_database import read_rows
from sightline_storage.metadata.precondition import MayChange, always
from sightline_storage.metadata.upsert import upsert


class AlertRuleStore:
    """Thread-safe. Every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rules_of_all(self) -> dict[ProjectId, list[Document]]:
        """Return the documents of all rules of each project that has some, by key."""
        found: dict[ProjectId, list[Document]] = {}
        for row in self._rows(select(ALERT_RULES).order_by(ALERT_RULES.c.project, ALERT_RULES.c.key)):
            found.setdefault(ProjectId(row.project), []).append(json.loads(row.document))
        return found

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
        return [_channel(row) for row in rows]

    def channel(self, project: ProjectId, key: str) -> ChannelRow | None:
        """Return the channel of that key; None when there is none."""
        channels = ALERT_CHANNELS.c
        rows = self._rows(select(ALERT_CHANNELS).where(channels.project == project, channels.key == key))
        return _channel(rows[0]) if rows else None

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
            may_change(stored_tag(connection, ALERT_CHANNELS, where))
            _delete(connection, ALERT_CHANNELS, where, f"there is no channel {key!r}")

    def rollup_versions(self) -> dict[ProjectId, int]:
        """Return up to which rollup version all rules of each project know of late minutes.

        A project that was not looked at yet is not among them.
        """
        return {ProjectId(row.project): int(row.rollup_version) for row in self._rows(select(ALERT_PROGRESS))}

    def put_rollup_versions(self, versions: Mapping[ProjectId, int]) -> None:
        """Remember of each project up to which version all its rules know of late minutes."""
        with self._engine.begin() as connection:
            for project, version in versions.items():
                upsert(connection, ALERT_PROGRESS, {"project": project}, {"rollup_version": version})

    def _replace(
        self, table: Table, where: Mapping[str, Any], values: Mapping[str, Any], may_change: MayChange
    ) -> str:
        try:
            with self._engine.begin() as connection:
                may_change(stored_tag(connection, table, where))
                upsert(connection, table, where, values)
                return stored_tag(connection, table, where) or ""
        except IntegrityError as error:
            raise Conflict("another one with this key was saved at the same moment") from error

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        return read_rows(self._engine, statement)


def _stored_as(document: Document, at: datetime) -> dict[str, Any]:
    """Return the columns that rules and channels share."""
    return {"document": json.dumps(document), "updated_at": at, "revision": uuid.uuid4().hex}


def _channel(row: Row[Any]) -> ChannelRow:
    return ChannelRow(row.key, row.kind, json.loads(row.document), _tag(row))


def _tag(row: Row[Any]) -> str:
    """Return what tells a stored rule or channel from those before: when it was stored, not what.

    Who sees the tag of a channel could else try out which password gives it.
    """
    named = f"{row.project}\n{row.key}\n{row.updated_at.isoformat()}\n{row.revision}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def stored_tag(connection: Connection, table: Table, where: Mapping[str, Any]) -> str | None:
    """Return the tag of the row, which stays as it is until the transaction ends; None when there is none."""
    conditions = [table.c[name] == value for name, value in where.items()]
    row = connection.execute(select(table).where(*conditions).with_for_update()).one_or_none()
    return None if row is None else _tag(row)


def _change_rule(connection: Connection, project: str, change: RuleChange, at: datetime) -> None:
    where = {"project": project, "key": change.key}
    change.may_change(stored_tag(connection, ALERT_RULES, where))
    if change.document is not None:
        upsert(connection, ALERT_RULES, where, _stored_as(change.document, at))
        return
    _delete(connection, ALERT_RULES, where, f"there is no rule {change.key!r}")
    end_alerts_of(connection, project, change.key, at)


def _delete(connection: Connection, table: Table, where: Mapping[str, Any], missing: str) -> None:
    conditions = [table.c[name] == value for name, value in where.items()]
    if connection.execute(delete(table).where(*conditions)).rowcount == 0:
        raise NotFound(missing)
