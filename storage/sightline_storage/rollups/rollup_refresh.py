"""Keeping rollups equal to the sums of stored spans (docs/adr/0001).

Whoever changes spans marks their minutes afterwards, and before as well if it would not be repeated after a
crash; the refresh recomputes marked minutes, then their hours. Doing it twice changes nothing, and a crash
anywhere leaves the marks for the next run. One refresh runs at a time, under a lease; two at once would only
do the same work twice. The sums of a day whose spans are dropped stay: it is closed, and what still arrives
for it is not summed.
"""

import logging
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby

from sightline_core.nanoseconds import MINUTE_NS, to_ns
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.native_block import insert_columns
from sightline_storage.engines.sql import as_utc
from sightline_storage.engines.statements import insert_select, run
from sightline_storage.rollups.rollup_queries import (
    BEGUN,
    HOURS,
    MINUTES,
    Bucket,
    SummedTable,
    build_closed_days,
    build_newest_version,
    build_pending_marks,
    build_stale,
)

log = logging.getLogger(__name__)

MARKS_A_RUN = 50_000
_BUCKETS_A_STATEMENT = 1_000
_PARTITIONS_A_STATEMENT = 100  # the engine refuses an insert into more
CLOSED = 2
"""`rollup_marks.done` of a day whose sums stay."""
_closing = threading.Lock()
"""Held while days are closed, and while sums are made of the spans of open ones."""
_MARK_TYPES = {
    "project": "LowCardinality(String)",
    "bucket": "DateTime('UTC')",
    "token": "String",
    "done": "UInt8",
}


def mark_minutes(engine: Engine, starts: Iterable[tuple[str, int]], *, token: str) -> None:
    """Ask for the minutes of these spans (project, start in nanoseconds) to be recomputed.

    Call it after the spans have changed. `token` tells this change from all others.
    """
    _write_marks(engine, _marks(starts, token), done=0, token=f"{token}:marks")


@contextmanager
def minutes_changing(engine: Engine, starts: Iterable[tuple[str, int]], *, token: str) -> Iterator[None]:
    """Mark the minutes of the spans that the block changes, as `mark_minutes`; also when it is cut off.

    For who does not change them once more after a crash. The marks that it begins with count after a minute,
    by when it has ended and checked them off.
    """
    marks = _marks(starts, token)
    begun = [(project, start, f"{token}{BEGUN}") for project, start, _ in marks]
    _write_marks(engine, begun, done=0, token=f"{token}{BEGUN}")
    yield
    _write_marks(engine, marks, done=0, token=f"{token}:marks")
    _write_marks(engine, begun, done=1, token="")


def _marks(starts: Iterable[tuple[str, int]], token: str) -> list[tuple[str, datetime, str]]:
    minutes = sorted({(project, start_ns // MINUTE_NS) for project, start_ns in starts})
    return [(project, datetime.fromtimestamp(minute * 60, UTC), token) for project, minute in minutes]


def close_days(engine: Engine, days: Sequence[Bucket]) -> None:
    """Keep the sums of these days (project, midnight in UTC) as they are from now on.

    Call it before their spans are dropped: one that comes late must not take the place of all of them.
    """
    marks = [(*day, "closed") for day in days]
    with _closing:
        _write_marks(engine, marks, done=CLOSED, token=f"closed-{uuid.uuid4().hex}")


@contextmanager
def open_days(engine: Engine, buckets: Iterable[Bucket]) -> Iterator[list[Bucket]]:
    """Yield those minutes or hours that do not lie in a closed day; this process closes none meanwhile.

    Another one may: ask `without_closed_days` again before sums are deleted that no span is found for.
    """
    with _closing:
        yield without_closed_days(engine, buckets)


def without_closed_days(engine: Engine, buckets: Iterable[Bucket]) -> list[Bucket]:
    """Return the minutes or hours that do not lie in a closed day."""
    day_of = {bucket: (bucket[0], bucket[1].replace(hour=0, minute=0)) for bucket in buckets}
    rows = run(engine, build_closed_days(sorted(set(day_of.values())), CLOSED)) if day_of else []
    closed = {(str(project), as_utc(day)) for project, day in rows}
    return [bucket for bucket, day in day_of.items() if day not in closed]


def refresh_rollups(engine: Engine, now: datetime) -> int:
    """Recompute what was marked and return how many minutes that were; 0 when everything is up to date.

    At most some ten thousand marks are worked off in one call, the oldest first, so that a backfill does not
    hold up the caller; call again while the result is not 0. Versions of rows begin with `now`, and each
    statement has a higher one: who looks between two of them finds what the second changed.
    """
    version = to_ns(now)
    pending = run(engine, build_pending_marks(MARKS_A_RUN))
    marks = [(str(project), as_utc(bucket), str(token)) for project, bucket, token in pending]
    refreshed = 0
    # One statement stays inside one month: a partition of what it writes.
    for _, of_month in groupby(marks, key=lambda mark: (mark[1].year, mark[1].month)):
        by_bucket: dict[Bucket, list[tuple[str, datetime, str]]] = {}
        for mark in of_month:
            by_bucket.setdefault(mark[:2], []).append(mark)
        for minutes in in_statements(by_bucket, _BUCKETS_A_STATEMENT):
            with open_days(engine, minutes) as summed:
                hours = sorted({(project, start.replace(minute=0)) for project, start in summed})
                version = recompute(engine, MINUTES, summed, version)
                version = recompute(engine, HOURS, hours, version)
            _write_marks(engine, [mark for minute in minutes for mark in by_bucket[minute]], done=1, token="")
            refreshed += len(minutes)
    return refreshed


def in_statements(buckets: Iterable[Bucket], most: int) -> Iterator[list[Bucket]]:
    """Yield the minutes or hours by project, as many at a time as sums may be made of in one statement.

    Sums have a partition for each month of a project.
    """
    some: list[Bucket] = []
    partitions: set[tuple[str, int, int]] = set()
    for project, start in sorted(buckets):
        partition = (project, start.year, start.month)
        is_full = len(partitions) == _PARTITIONS_A_STATEMENT and partition not in partitions
        if is_full or len(some) == most:
            yield some
            some, partitions = [], set()
        some.append((project, start))
        partitions.add(partition)
    if some:
        yield some


def recompute(engine: Engine, rollup: SummedTable, buckets: Sequence[Bucket], version: int) -> int:
    """Sum these buckets up anew, and delete the rows that are true no more but for those of closed days.

    Return a version that is higher than that of the rows, which is at least `version`.
    """
    if not buckets:
        return version
    name, keys = rollup.table.name, rollup.keys
    # Never below what is there: the clock of whoever refreshed before us may have been ahead of ours.
    ((newest,),) = run(engine, build_newest_version(rollup.table, buckets))
    version = max(version, int(newest) + 1)
    insert_select(engine, name, (*keys, *rollup.sums, "version"), rollup.build(buckets, version))
    if kept_up := without_closed_days(engine, buckets):
        stale = build_stale(rollup, kept_up, version)
        insert_select(engine, name, (*keys, "version", "is_deleted"), stale)
    return version + 1


def _write_marks(
    engine: Engine, marks: Sequence[tuple[str, datetime, str]], *, done: int, token: str
) -> None:
    projects, buckets, tokens = (list(column) for column in zip(*marks, strict=True))
    columns = {"project": projects, "bucket": buckets, "token": tokens, "done": [done] * len(marks)}
    insert_columns(engine, "rollup_marks", columns, _MARK_TYPES, token=token)
