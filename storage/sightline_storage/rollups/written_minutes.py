"""Which minutes got spans: what a background job that follows the writes has to look at.

Every write marks the minutes that its spans start in (docs/adr/0001). A mark is kept for a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import as_utc, tuple_less
from sightline_storage.engines.statements import run
from sightline_storage.rollups.rollup_queries import MARKS, Bucket, in_buckets
from sightline_storage.spans.span_filters import between
from sightline_storage.spans.span_table import SPANS

MARK_DELAY_S = 5
"""A mark gets its time before it can be read: who looks at what was written looks so much further back.

One that takes longer is seen all the same, a little later: the refresh of the rollups writes every mark again
when it is done with it, and that one has a time of its own.
"""

MAX_MINUTES_A_TURN = 20_000

Place = tuple[int, str, datetime]
"""Of a minute in the order of writes: the second of the last one by the store's clock, project, start."""


@dataclass(frozen=True, slots=True)
class WrittenMinutes:
    """What was written since a second of the store's clock.

    `minutes` (project, start) are in the order in which they were last written into; `writes` is a number
    that other writes do not have, though they be as many; `newest_s` is the second of the last one by the
    store's clock, or up to where nothing was written.
    With `more`, minutes were left out: ask again for those after `last_place`.
    """

    minutes: list[Bucket]
    newest_s: int
    writes: int
    more: bool

    @property
    def last_place(self) -> Place:
        """The place of the last minute; there is one."""
        return (self.newest_s, *self.minutes[-1])

    def seen_s(self, now: datetime) -> int:
        """Return up to which second everything was seen."""
        # The store's clock may be ahead of ours, and set back later.
        return min(self.newest_s, int(now.timestamp()))


class WrittenMinutesReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, since_s: int, after: Place | None = None) -> WrittenMinutes:
        """Return what was written into any project since a second of the store's clock, after a place."""
        rows = run(self._engine, build_written_minutes(since_s, MAX_MINUTES_A_TURN, after))
        return WrittenMinutes(
            minutes=[(str(row[0]), as_utc(row[1])) for row in rows],
            newest_s=max((int(row[2]) for row in rows), default=since_s + MARK_DELAY_S),
            writes=sum(int(row[3]) for row in rows),
            more=len(rows) == MAX_MINUTES_A_TURN,
        )


def build_written_minutes(since_s: int, limit: int, after: Place | None = None) -> Select[Any]:
    """Which minutes were written since a second of the store's clock, when last, and by which writes?"""
    since = func.toDateTime(bindparam("since_s", since_s, ch.UInt32))
    place = (func.toUnixTimestamp(func.max(MARKS.c.marked_at)), MARKS.c.project, MARKS.c.bucket)
    statement = (
        select(MARKS.c.project, MARKS.c.bucket, place[0], func.sumDistinct(func.cityHash64(MARKS.c.token)))
        .where(MARKS.c.marked_at >= since)
        .group_by(MARKS.c.project, MARKS.c.bucket)
        .order_by(*place)
        .limit(bindparam("minutes", limit, ch.UInt64))
    )
    if after is None:
        return statement
    second, project, bucket = after
    bounds = (
        bindparam("after_s", second, ch.UInt32),
        bindparam("after_project", project, ch.String),
        bindparam("after_bucket", bucket, ch.DateTime("UTC")),
    )
    return statement.having(tuple_less(bounds, place))


def written_in(start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None) -> list[ColumnElement[bool]]:
    """Return the conditions that spans start in a range and, unless it is `None`, in one of the minutes."""
    conditions = [between(start_ns, end_ns)]
    if minutes is not None:
        conditions += in_buckets(SPANS, func.toStartOfMinute(SPANS.c.start_time), minutes)
    return conditions
