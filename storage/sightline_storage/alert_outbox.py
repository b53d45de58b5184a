"""The outbox: messages wait here between decision and delivery, so that a crash loses none."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from sightline_storage.alert_records import MessageRow
from sightline_storage.alert_store import message_row
from sightline_storage.alert_tables import ALERT_OUTBOX, IN_ORDER

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
        """Return messages to deliver now, oldest first.

        A message waits until those before it to the same channel about the same incident are through or given
        up, so that a resolve never overtakes its trigger.
        """
        waiting = ALERT_OUTBOX.c.next_attempt_at.is_not(None)
        statement = select(ALERT_OUTBOX).where(waiting).order_by(*IN_ORDER)
        with self._engine.begin() as connection:
            rows = [message_row(row) for row in connection.execute(statement.limit(10 * limit))]
        ready: list[MessageRow] = []
        lanes: set[tuple[str, str]] = set()
        for row in rows:
            lane = (row.incident, row.channel)
            if lane not in lanes and row.next_attempt_at is not None and row.next_attempt_at <= now:
                ready.append(row)
            lanes.add(lane)
        return ready[:limit]

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

    def _update(self, message: MessageRow, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(ALERT_OUTBOX).where(ALERT_OUTBOX.c.id == message.id).values(values))
