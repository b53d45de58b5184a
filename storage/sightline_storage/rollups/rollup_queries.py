"""The SQL of the refresh: which minutes are marked, their sums, and the rows that are no longer true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from sightline_core.time_range import TimeRange
from sightline_storage.rollups.rollup_table import (
    DIMENSIONS,
    ROLLUP_HOUR,
    ROLLUP_MINUTE,
    SKETCH,
    SKETCHES,
    SUMS,
)
from sightline_storage.spans.span_table import SPANS

Bucket = tuple[str, datetime]
"""A project and the start of a minute or hour in UTC."""


def range_of(minutes: Sequence[Bucket]) -> TimeRange:
    """Return the range from the first to the last of some minutes, both included."""
    starts = [start for _, start in minutes]
    return TimeRange(min(starts), max(starts) + timedelta(minutes=1))


MARKS = Table(
    "rollup_marks",
    MetaData(),
    Column("project", ch.String),
    Column("bucket", ch.DateTime("UTC")),
    Column("token", ch.String),
    Column("done", ch.UInt8),
    Column("marked_at", ch.DateTime("UTC")),
)

BEGUN = ":begun"
"""How the token of a mark ends that was made before its spans were changed."""

_LONGEST_CHANGE_S = 60

_KEYS = ("project", "bucket", *DIMENSIONS)
_SUMS = (*SUMS, *SKETCHES, "last_start")


@dataclass(frozen=True, slots=True)
class SummedTable:
    """A table of sums of spans by minute or hour; rows of one key replace each other by their version.

    `build` is the statement that sums some buckets up under a version: `keys`, `sums` and the version.
    """

    table: Table
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    build: Callable[[Sequence[Bucket], int], Select[Any]]


def build_pending_marks(limit: int) -> Select[Any]:
    """Which marks are not done? The oldest minutes first, without those whose change may not have ended."""
    old = func.now() - func.toIntervalSecond(bindparam("longest_change_s", _LONGEST_CHANGE_S, ch.UInt32))
    statement = (
        select(MARKS.c.project, MARKS.c.bucket, MARKS.c.token)
        .where(MARKS.c.done == 0, or_(~func.endsWith(MARKS.c.token, BEGUN), MARKS.c.marked_at < old))
        .order_by(MARKS.c.bucket, MARKS.c.project)
        .limit(bindparam("marks", limit, ch.UInt64))
    )
    return final(statement, MARKS)


def build_closed_days(days: Sequence[Bucket], closed: int) -> Select[Any]:
    """Which of these days are closed?"""
    return (
        select(MARKS.c.project, MARKS.c.bucket)
        .where(
            *in_buckets(MARKS, MARKS.c.bucket, days), MARKS.c.done == bindparam("closed", closed, ch.UInt8)
        )
        .distinct()
        .limit(bindparam("days", len(days), ch.UInt64))
    )


def build_newest_version(table: Table, buckets: Sequence[Bucket]) -> Select[Any]:
    """What is the highest version among the rows of these buckets? 0 when there are none."""
    return select(func.max(table.c.version)).where(*in_buckets(table, table.c.bucket, buckets)).limit(1)


def build_minutes(minutes: Sequence[Bucket], version: int) -> Select[Any]:
    """What do the spans of these minutes add up to?"""
    minute = func.toStartOfMinute(SPANS.c.start_time)
    is_root = func.toUInt8(SPANS.c.parent_span_id == "")
    dimensions = [is_root if name == "is_root" else SPANS.c[name] for name in DIMENSIONS]
    statement = (
        select(
            SPANS.c.project,
            minute.label("bucket"),
            *(column.label(f"by_{name}") for name, column in zip(DIMENSIONS, dimensions, strict=True)),
            *(expression.label(f"new_{name}") for name, expression in SUMS.items()),
            *(expression.label(f"new_{name}") for name, expression in SKETCHES.items()),
            func.max(SPANS.c.start_time).label("new_last_start"),
            bindparam("version", version, ch.UInt64).label("new_version"),
        )
        .where(*in_buckets(SPANS, func.toStartOfMinute(SPANS.c.start_time), minutes))
        .group_by(SPANS.c.project, literal_column("bucket"), *_names("by_"))
        .limit(bindparam("rows", 10_000_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_hours(hours: Sequence[Bucket], version: int) -> Select[Any]:
    """What do the minutes of these hours add up to?"""
    table = ROLLUP_MINUTE
    merge = SKETCH.format(suffix="MergeState")
    statement = (
        select(
            table.c.project,
            func.toStartOfHour(table.c.bucket).label("hour"),
            *(table.c[name].label(f"by_{name}") for name in DIMENSIONS),
            *(func.sum(table.c[name]).label(f"new_{name}") for name in SUMS),
            *(literal_column(f"{merge}(`rollup_minute`.`{name}`)").label(f"new_{name}") for name in SKETCHES),
            func.max(table.c.last_start).label("new_last_start"),
            bindparam("version", version, ch.UInt64).label("new_version"),
        )
        .where(*in_buckets(table, func.toStartOfHour(table.c.bucket), hours))
        .group_by(table.c.project, literal_column("hour"), *_names("by_"))
        .limit(bindparam("rows", 10_000_000, ch.UInt64))
    )
    return final(statement, table)


MINUTES = SummedTable(ROLLUP_MINUTE, _KEYS, _SUMS, build_minutes)
HOURS = SummedTable(ROLLUP_HOUR, _KEYS, _SUMS, build_hours)


def build_stale(rollup: SummedTable, buckets: Sequence[Bucket], version: int) -> Select[Any]:
    """Which keys of these buckets have no row of `version`? With that, and that the row is deleted."""
    table, new = rollup.table, bindparam("version", version, ch.UInt64)
    statement = (
        select(
            *(table.c[name] for name in rollup.keys),
            new.label("new_version"),
            func.toUInt8(1).label("is_gone"),
        )
        .where(*in_buckets(table, table.c.bucket, buckets), table.c.version < new)
        .limit(bindparam("rows", 10_000_000, ch.UInt64))
    )
    return final(statement, table)


def in_buckets(
    table: Table, bucket: ColumnElement[Any], buckets: Sequence[Bucket]
) -> list[ColumnElement[bool]]:
    """Return conditions: the exact pairs, and the single columns for the primary index and partitions."""
    projects = bindparam("projects", [project for project, _ in buckets], ch.Array(ch.String))
    starts = bindparam("buckets", [start for _, start in buckets], ch.Array(ch.DateTime("UTC")))
    pairs = select(func.arrayJoin(func.arrayZip(projects, starts))).scalar_subquery()
    return [
        table.c.project.in_(select(func.arrayJoin(projects)).scalar_subquery()),
        bucket.in_(select(func.arrayJoin(starts)).scalar_subquery()),
        func.tuple(table.c.project, bucket).in_(pairs),
    ]


def _names(prefix: str) -> list[ColumnElement[Any]]:
    return [literal_column(f"{prefix}{name}") for name in DIMENSIONS]
