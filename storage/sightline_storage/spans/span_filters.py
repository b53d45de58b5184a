"""Conditions on spans that many questions share, in the form that the primary index can use."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, and_, bindparam, func, select

from sightline_core.nanoseconds import to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.engines.sql import nanos, nanos_of
from sightline_storage.spans.span_table import COLUMN_OF_KEY, SPANS, column_of

S = SPANS.c

ROOT_FIRST: Final = func.tuple(S.parent_span_id != "", S.start_time, -S.duration_ns, S.span_id)
"""The order in which the first span is the root, or the outermost one when the root has not arrived: the
earliest, and of those that start at once, as clocks of whole milliseconds say, the longest."""


def of_project(project: str) -> ColumnElement[bool]:
    """Return the condition that a span is of the project, which every question about spans has."""
    return S.project == bindparam("project", project)


def is_app(app: str) -> ColumnElement[bool]:
    """Return the condition that a span is of the app."""
    return S.app == bindparam("app", app)


def between(start_ns: int, end_ns: int) -> ColumnElement[bool]:
    """Return the condition `start` ≤ start of the span < `end`."""
    return and_(S.start_time >= nanos("start_ns", start_ns), S.start_time < nanos("end_ns", end_ns))


def in_range(project: str, time_range: TimeRange) -> list[ColumnElement[bool]]:
    """Return the conditions that a span is of the project and starts in the range."""
    return [of_project(project), between(to_ns(time_range.start), to_ns(time_range.end))]


def of_traces(
    column: ColumnElement[Any], trace_ids: Sequence[str], hashes: Sequence[int] = ()
) -> ColumnElement[bool]:
    """Return the condition that picks traces, in the form that the primary index can use.

    `hashes` are the `cityHash64` of the ids, if they are known: without them the engine runs a query of its
    own for them while it plans.
    """
    ids = bindparam("trace_ids", list(trace_ids), ch.Array(ch.String))
    if hashes:
        return and_(has_hash(column, hashes), column.op("IN")(ids))
    hashed = select(func.cityHash64(func.arrayJoin(ids))).scalar_subquery()
    return and_(func.cityHash64(column).in_(hashed), func.has(ids, column))


def has_hash(column: ColumnElement[Any], hashes: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that the `cityHash64` of a trace id is one of these."""
    return func.cityHash64(column).op("IN")(bindparam("hashes", list(hashes), ch.Array(ch.UInt64)))


def in_minutes(minutes: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a span starts in one of the minutes, given in seconds since the epoch.

    The table is ordered by minute, so the engine reads only those, however far apart they lie.
    """
    bound = bindparam("minutes", minute_values(minutes), ch.Array(ch.DateTime("UTC")))
    return func.toStartOfMinute(S.start_time).op("IN")(bound)


def minute_values(minutes: Sequence[int]) -> list[datetime]:
    """Return the value of the parameter `minutes`."""
    return [datetime.fromtimestamp(minute, UTC) for minute in minutes]


def of_trace(trace_id: str) -> ColumnElement[bool]:
    """Return the condition that picks one trace, in the form that the primary index can use."""
    bound = bindparam("trace_id", trace_id, ch.String)
    return and_(func.cityHash64(S.trace_id) == func.cityHash64(bound), S.trace_id == bound)


def read_key(key: str) -> ColumnElement[Any]:
    """Return the expression that reads a record key."""
    column = S[column_of(key)]
    return nanos_of(column).label(key) if key in COLUMN_OF_KEY else column
