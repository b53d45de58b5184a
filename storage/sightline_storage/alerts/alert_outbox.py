"""The outbox: messages wait here between decision and delivery, so that a crash loses none."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from sightline_storage.alerts.alert_records import MessageRow
from sightline_storage.alerts.alert_tables import ALERT_OUTBOX, IN_ORDER

MAX_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)

Channel = tuple[str, str]
"""Project and key."""

_W = ALERT_OUTBOX.c


@dataclass(frozen=True, slots=True)
class Refusals:
    """What a channel did not take: how many messages, since when, and one of the reasons."""

    project: str
    channel: str
    messages: int
    since: datetime
    reason: str


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the `attempts`-th failure: doubling from 5 seconds to half an hour."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)


class AlertOutbox:
    """Thread-safe; one process at a time delivers, under a lease."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self, now: datetime, limit: int, *, but_to: Collection[Channel] = ()) -> list[MessageRow]:
        """Return messages to deliver now, but to some channels.

        The channels take turns, each with what has waited longest first. A message waits until those before
        it to the same channel about the same incident are through or given up, so that a resolve never
        overtakes its trigger. It waits for nothing else.
        """
        with self._engine.begin() as connection:
            return [message_row(row) for row in connection.execute(_due_messages(now, limit, but_to))]

    def delivered(self, message: MessageRow, at: datetime) -> None:
        """Note that the channel took it."""
        self._update(message, attempts=message.attempts + 1, delivered_at=at, next_attempt_at=None)

    def failed(
        self, message: MessageRow, at: datetime, error: str, *, for_good: bool, of_all: bool = False
    ) -> int:
        """Note a failure and when to try again; return how many messages are given up (dead letters).

        `of_all` counts it for everything that is due to the channel: a channel that does not answer one
        message answers none, and each would wait for its timeout by itself.
        """
        if for_good:
            noted = {"attempts": message.attempts + 1, "last_error": error}
            self._update(message, **noted, gave_up_at=at, next_attempt_at=None)
            return 1
        tried = _W.id == message.id
        if of_all:
            tried = or_(tried, and_(_is_to((message.project, message.channel)), _W.next_attempt_at <= at))
        with self._engine.begin() as connection:
            attempts = connection.execute(select(_W.attempts).distinct().where(tried)).scalars().all()
            # Downwards, so that nothing is counted twice.
            numbers = sorted(attempts, reverse=True)
            return sum(_put_off(connection, tried, number, at, error) for number in numbers)

    def hold(self, message: MessageRow, until: datetime) -> None:
        """Send nothing that waits for the message's channel before `until`.

        Else a busy channel would refuse all of it again and again until it is given up.
        """
        with self._engine.begin() as connection:
            connection.execute(
                update(ALERT_OUTBOX)
                .where(_is_to((message.project, message.channel)), _W.next_attempt_at < until)
                .values(next_attempt_at=until)
            )

    def refusals(self, since: datetime) -> list[Refusals]:
        """Return the channels that do not take what they are sent, those with most messages first.

        Of messages that wait and were tried three times at least, and of those given up since then.
        """
        is_stuck = or_(and_(_W.next_attempt_at.is_not(None), _W.attempts >= 3), _W.gave_up_at >= since)
        statement = (
            select(_W.project, _W.channel, func.count(), func.min(_W.created_at), func.max(_W.last_error))
            .where(is_stuck)
            .group_by(_W.project, _W.channel)
            .order_by(func.count().desc(), _W.project, _W.channel)
        )
        with self._engine.begin() as connection:
            return [Refusals(*row) for row in connection.execute(statement)]

    def _update(self, message: MessageRow, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(ALERT_OUTBOX).where(_W.id == message.id).values(values))


def message_row(row: Row[Any]) -> MessageRow:
    """Return a row of the outbox."""
    values = {name: row._mapping[name] for name in MessageRow.__slots__ if name != "message"}
    return MessageRow(message=json.loads(row.message), **values)


def _is_to(channel: Channel) -> ColumnElement[bool]:
    return and_(_W.project == channel[0], _W.channel == channel[1])


def _put_off(
    connection: Connection, tried: ColumnElement[bool], attempts: int, at: datetime, error: str
) -> int:
    """Note one more attempt of those that had so many, and return how many were given up with it."""
    is_last = attempts + 1 >= MAX_ATTEMPTS
    values: dict[str, object] = {"attempts": attempts + 1, "last_error": error}
    if is_last:
        values |= {"gave_up_at": at, "next_attempt_at": None}
    else:
        values["next_attempt_at"] = at + pause_after(attempts + 1)
    counted = connection.execute(update(ALERT_OUTBOX).where(tried, _W.attempts == attempts).values(values))
    return counted.rowcount if is_last else 0


def _due_messages(now: datetime, limit: int, but_to: Collection[Channel]) -> Select[Any]:
    """Which messages are due, and the first of their incident that waits for their channel?"""
    message, before = _W, ALERT_OUTBOX.alias("before")
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
        .where(is_due, ~waits_for_another, tuple_(message.project, message.channel).not_in(list(but_to)))
        .order_by(turn, message.next_attempt_at, message.id)
        .limit(limit)
    )
