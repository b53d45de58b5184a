"""States of rules and incidents in the metadata database."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, Select, and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from sightline_core.errors import Conflict, NotFound
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import time_of, to_ns
from sightline_storage.alerts.alert_outbox import message_row
from sightline_storage.alerts.alert_records import (
    Group,
    IncidentPage,
    IncidentRow,
    Look,
    MessageRow,
    StateRow,
    TimelineRow,
)
from sightline_storage.alerts.alert_rule_store import stored_tag
from sightline_storage.alerts.alert_tables import (
    ALERT_INCIDENTS,
    ALERT_OUTBOX,
    ALERT_RULES,
    ALERT_STATES,
    ALERT_TIMELINE,
    IN_ORDER,
)
from sightline_storage.alerts.incident_changes import LOOKED_MEANWHILE, add_timeline, hash_group, record_look
from sightline_storage.metadata.metadata_database import read_rows
from sightline_storage.spans.page_cursor import RowKey

_BY_TIME = "opened"


class IncidentStore:
    """Thread-safe. Every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def states_of_each(
        self, projects: Sequence[ProjectId]
    ) -> dict[ProjectId, dict[str, dict[Group, StateRow]]]:
        """Return the states of the groups of each rule, by project.

        A group without one is ok, and nobody was told of it.
        """
        statement = (
            select(ALERT_STATES, ALERT_INCIDENTS.c.id, ALERT_INCIDENTS.c.acknowledged_by)
            .outerjoin(ALERT_INCIDENTS, ALERT_INCIDENTS.c.open_key == ALERT_STATES.c.group_hash)
            .where(ALERT_STATES.c.project.in_(projects))
        )
        found: dict[ProjectId, dict[str, dict[Group, StateRow]]] = {project: {} for project in projects}
        for row in self._rows(statement):
            state = _state(row)
            found[ProjectId(row.project)].setdefault(row.rule, {})[state.group] = state
        return found

    def record_looks(self, project: ProjectId, rule: str, looks: Sequence[Look]) -> None:
        """Store what looks decided, all of them or, when one cannot be stored, none.

        A rule that was deleted meanwhile opens nothing, as nobody would close it. `Conflict` when another
        process has looked at one of the groups meanwhile.
        """
        try:
            with self._engine.begin() as connection:
                if stored_tag(connection, ALERT_RULES, {"project": project, "key": rule}) is None:
                    return
                for look in looks:
                    record_look(connection, project, rule, look)
        except IntegrityError as error:
            raise Conflict(LOOKED_MEANWHILE) from error

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
        self._open_incident(project, incident)
        with self._engine.begin() as connection:
            connection.execute(
                update(ALERT_INCIDENTS)
                .where(ALERT_INCIDENTS.c.id == incident)
                .values(acknowledged_by=who, acknowledged_at=at)
            )
            add_timeline(connection, incident, at, [("acknowledged", f"by {who}")])

    def snooze(self, project: ProjectId, incident: str, until: datetime, who: str, at: datetime) -> None:
        """Announce nothing about the rule and group of an open incident before `until`."""
        row = self._open_incident(project, incident)
        group_hash = hash_group(project, row.rule, row.group)
        with self._engine.begin() as connection:
            connection.execute(
                update(ALERT_STATES)
                .where(ALERT_STATES.c.group_hash == group_hash, ALERT_STATES.c.project == project)
                .values(snoozed_until=until)
            )
            note = f"until {until.isoformat(timespec='minutes')} by {who}"
            add_timeline(connection, incident, at, [("snoozed", note)])

    def _open_incident(self, project: ProjectId, incident: str) -> IncidentRow:
        row, _, _ = self.incident(project, incident)
        if row.resolved_at is not None:
            raise Conflict("the incident is resolved already")
        return row

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        return read_rows(self._engine, statement)


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
