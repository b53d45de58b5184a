"""Which minutes got spans: what a background job that follows the writes has to look at.

Every write marks the minutes that its spans start in (docs/adr/0001). A mark is kept for a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_storage.engine import Engine
from sightline_storage.rollup_queries import MARKS, Bucket, in_buckets
from sightline_storage.span_table import SPANS
from sightline_storage.sql import as_utc
from sightline_storage.statements import run
from sightline_storage.trace_queries import between

MARK_DELAY_S = 5
"""A mark gets its time before it can be read: who looks at what was written looks so much further back."""

MAX_MINUTES_A_TURN = 20_000


@dataclass(frozen=True, slots=True)
class WrittenMinutes:
    """What was written since a second of the store's clock.

    `minutes` (project, start) are in the order in which they were last written into; `writes` is the number
    of writes, `newest_s` the second of the last one by the store's clock, or up to where nothing was written.
    With `more`, minutes were left out: ask again from `seen_s`.
    """

    minutes: list[Bucket]
    newest_s: int
    writes: int
    more: bool

    def seen_s(self, since_s: int, now: datetime) -> int:
        """Return up to which second everything was seen by a job that asked for what came since `since_s`."""
        if self.more:
            # They may all share a second: the next turn must not meet the same ones.
            return max(self.newest_s, since_s + MARK_DELAY_S + 1)
        # The store's clock may be ahead of ours, and set back later.
        return min(self.newest_s, int(now.timestamp()))


class WrittenMinutesReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, since_s: int) -> WrittenMinutes:
        """Return what was written into any project since a second of the store's clock."""
        rows = run(self._engine, build_written_minutes(since_s, MAX_MINUTES_A_TURN))
        return WrittenMinutes(
            minutes=[(str(row[0]), as_utc(row[1])) for row in rows],
            newest_s=max((int(row[2]) for row in rows), default=since_s + MARK_DELAY_S),
            writes=sum(int(row[3]) for row in rows),
            more=len(rows) == MAX_MINUTES_A_TURN,
        )


def build_written_minutes(since_s: int, limit: int) -> Select[Any]:
    """Which minutes were written since a second of the store's clock, when last, and how often?"""
    since = func.toDateTime(bindparam("since_s", since_s, ch.UInt32))
    return (
        select(
            MARKS.c.project,
            MARKS.c.bucket,
            func.toUnixTimestamp(func.max(MARKS.c.marked_at)),
            func.uniqExact(MARKS.c.token),
        )
        .where(MARKS.c.marked_at >= since)
        .group_by(MARKS.c.project, MARKS.c.bucket)
        .order_by(func.max(MARKS.c.marked_at), MARKS.c.project, MARKS.c.bucket)
        .limit(bindparam("minutes", limit, ch.UInt64))
    )


def written_in(start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None) -> list[ColumnElement[bool]]:
    """Return the conditions that spans start in a range and, unless it is `None`, in one of the minutes."""
    conditions = [between(start_ns, end_ns)]
    if minutes is not None:
        conditions += in_buckets(SPANS, func.toStartOfMinute(SPANS.c.start_time), minutes)
    return conditions
