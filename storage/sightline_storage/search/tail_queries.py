"""The SQL behind `TailReader`: which traces got spans just now, and which of them fit a query.

`ingested_at` is in no index, so it alone would read whole days. The marks of the rollups say which minutes
were written, and minutes are what the spans are ordered by.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, literal_column, select

from sightline_core.query_tree import Node
from sightline_storage.engines.sql import nanos, nanos_of
from sightline_storage.rollups.rollup_queries import MARKS
from sightline_storage.search.fitting_traces import build_traces
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.spans.span_filters import of_project, of_traces
from sightline_storage.traces.trace_queries import S


def build_minutes_written(project: str, within_s: int, limit: int) -> Select[Any]:
    """Which minutes were written in the last seconds, by the store's clock? Newest first."""
    age = func.toIntervalSecond(bindparam("within_s", within_s, ch.UInt32))
    return (
        select(MARKS.c.bucket)
        .where(MARKS.c.project == bindparam("project", project), MARKS.c.marked_at >= func.now() - age)
        .group_by(MARKS.c.bucket)
        .order_by(MARKS.c.bucket.desc())
        .limit(bindparam("minutes", limit, ch.UInt64))
    )


def build_arrivals(project: str, minutes: Sequence[datetime], since_ns: int, limit: int) -> Select[Any]:
    """Which traces have spans in these minutes that arrived after a moment? The newest arrivals first."""
    starts = bindparam("starts", [int(minute.timestamp()) for minute in minutes], ch.Array(ch.UInt32))
    written = select(func.toDateTime(func.arrayJoin(starts), literal_column("'UTC'"))).scalar_subquery()
    newest = nanos_of(func.max(S.ingested_at)).label("newest_ns")
    return (
        select(S.trace_id, newest)
        .where(
            of_project(project),
            func.toStartOfMinute(S.start_time).in_(written),
            S.ingested_at > nanos("since_ns", since_ns),
        )
        .group_by(S.trace_id)
        .order_by(literal_column("newest_ns").desc(), S.trace_id)
        .limit(bindparam("traces", limit, ch.UInt64))
    )


def build_fitting(node: Node, scope: SearchScope, trace_ids: Sequence[str]) -> Select[Any]:
    """Which of these traces fit the query? Ids and places; the scope has to hold the spans that decide."""
    return (
        build_traces(node, scope)
        .where(of_traces(S.trace_id, trace_ids))
        .limit(bindparam("traces", len(trace_ids), ch.UInt64))
    )
