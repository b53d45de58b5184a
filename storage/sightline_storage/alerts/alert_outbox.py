"""The outbox: messages wait here between decision and delivery, so that a crash loses none."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, Select, exists, func, or_, select, tuple_, update

from sightline_storage.alerts.alert_records import MessageRow
from sightline_storage.alerts.alert_tables import ALERT_OUTBOX, IN_ORDER

MAX_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the `attempts`-th failure: doubling from 5 seconds to half an hour."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)


class AlertOutbox:
    """Thread-safe; one process at a time delivers, under a lease."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self, now: datetime, limit: int) -> list[MessageRow]:
        """Return messages to deliver now; the channels take turns, each with what has waited longest first.

        A message waits until those before it to the same channel about the same incident are through or given
        up, so that a resolve never overtakes its trigger. It waits for nothing else.
        """
        with self._engine.begin() as connection:
            return [message_row(row) for row in connection.execute(_due_messages(now, limit))]

    def delivered(self, message: MessageRow, at: datetime) -> None:
        """Note that the channel took it."""
        self._update(message, attempts=message.attempts + 1, delivered_at=at, next_attempt_at=None)

    def failed(self, message: MessageRow, at: datetime, error: str, *, for_good: bool) -> bool:
        """Note a failure and when to try again; return whether it is given up (a dead letter)."""
        attempts = message.attempts + 1
        if for_good or attempts >= MAX_ATTEMPTS:
            self._update(message, attempts=attempts, last_error=error, gave_up_at=at, next_attempt_at=None)
            return True
        again = at + pause_after(attempts)
        self._update(message, attempts=attempts, last_error=error, next_attempt_at=again)
        return False

    def hold(self, message: MessageRow, until: datetime) -> None:
        """Send nothing that waits for the message's channel before `until`.

        Else a busy channel would refuse all of it again and again until it is given up.
        """
        waiting = ALERT_OUTBOX.c
        with self._engine.begin() as connection:
            connection.execute(
                update(ALERT_OUTBOX)
                .where(
                    waiting.project == message.project,
                    waiting.channel == message.channel,
                    waiting.next_attempt_at < until,
                )
                .values(next_attempt_at=until)
            )

    def _update(self, message: MessageRow, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(ALERT_OUTBOX).where(ALERT_OUTBOX.c.id == message.id).values(values))


def message_row(row: Row[Any]) -> MessageRow:
    """Return a row of the outbox."""
    values = {name: row._mapping[name] for name in MessageRow.__slots__ if name != "message"}
    return MessageRow(message=json.loads(row.message), **values)


def _due_messages(now: datetime, limit: int) -> Select[Any]:
    """Which messages are due, and the first of their incident that waits for their channel?"""
    message, before = ALERT_OUTBOX.c, ALERT_OUTBOX.alias("before")
    waits_for_another = exists().where(
        before.c.incident == message.incident,
        before.c.channel == message.channel,
        before.c.next_attempt_at.is_not(None),
        # Rows of old versions all have number 0.
        tuple_(before.c.number, before.c.created_at, before.c.id)
        < tuple_(message.number, message.created_at, message.id),
    )
    # A batch of one channel that does not answer takes minutes.
    turn = func.row_number().over(
        partition_by=(message.project, message.channel), order_by=(message.next_attempt_at, *IN_ORDER)
    )
    # None waits for more than the longest pause: a later time is that of a clock that was set back since.
    is_due = or_(message.next_attempt_at <= now, message.next_attempt_at > now + 2 * LONGEST_PAUSE)
    return (
        select(ALERT_OUTBOX)
        .where(is_due, ~waits_for_another)
        .order_by(turn, message.next_attempt_at, message.id)
        .limit(limit)
    )
