"""Dropping incidents that were over long ago, with what was told of them."""

from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import Engine, delete, select

from sightline_core.ids import ProjectId
from sightline_storage.alerts.alert_tables import ALERT_INCIDENTS, ALERT_OUTBOX, ALERT_TIMELINE

_A_TRANSACTION: Final = 500
"""SQLite has one writer at a time, and rules are looked at meanwhile."""


def drop_expired_incidents(metadata: Engine, project: ProjectId, before: date) -> int:
    """Drop incidents that were over before a day (UTC), and return how many; open ones stay.

    With them go their timelines, and their messages, whether or not the channel took them.
    """
    incidents, dropped = ALERT_INCIDENTS.c, 0
    start = datetime.combine(before, time(), UTC)
    expired = (
        select(incidents.id)
        # By the first of them the rows are found.
        .where(incidents.project == project, incidents.opened_at < start, incidents.resolved_at < start)
        .limit(_A_TRANSACTION)
    )
    while True:
        with metadata.begin() as connection:
            some = connection.execute(expired).scalars().all()
            connection.execute(delete(ALERT_TIMELINE).where(ALERT_TIMELINE.c.incident.in_(some)))
            connection.execute(delete(ALERT_OUTBOX).where(ALERT_OUTBOX.c.incident.in_(some)))
            connection.execute(delete(ALERT_INCIDENTS).where(incidents.id.in_(some)))
        dropped += len(some)
        if len(some) < _A_TRANSACTION:
            return dropped
