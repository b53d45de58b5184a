"""The SQL behind the overview of apps."""

from collections.abc import Sequence
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_core.query_tree import Node
from sightline_storage.engines.sql import exact_quantiles, name_of
from sightline_storage.search.fitting_traces import build_traces, weight_of_fitting
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.search.trace_totals import measure_trace, sum_traces
from sightline_storage.spans.span_filters import between, of_project
from sightline_storage.spans.span_table import SPANS

S = SPANS.c


def build_first_span(project: str, start_ns: int, end_ns: int) -> Select[Any]:
    """In which minute does the first span start? No row when there is none."""
    # The table is ordered by minute, so the engine reads one granule.
    minute = func.toStartOfMinute(S.start_time)
    return (
        select(func.toUnixTimestamp(minute).label("minute_s"))
        .where(of_project(project), between(start_ns, end_ns))
        .order_by(minute)
        .limit(bindparam("spans", 1, ch.UInt64))
    )


def build_app_overview(
    node: Node, scope: SearchScope, bucket_ns: int, limit: int, only: Sequence[str] | None = None
) -> Select[Any]:
    """What are the figures of each app, and how many traces and failed traces has each bucket of time?

    A trace counts for every app that has a span in it. Most traces first, of `only` these. Columns in the
    order of `app_reader`; the last is three arrays side by side: bucket, traces, failed traces.
    """
    columns = [func.groupUniqArray(S.app).label("apps"), weight_of_fitting(node, scope), *measure_trace()]
    traces = build_traces(node, scope, columns)
    found = traces.subquery("found")
    each = select(func.arrayJoin(found.c.apps).label("app"), *found.c).subquery("each")
    since_start = each.c.place_ns - bindparam("start_ns", scope.start_ns, ch.Int64)
    bucket = func.intDiv(since_start, bindparam("bucket_ns", bucket_ns, ch.Int64))
    failed = func.if_(each.c.trace_status == "error", each.c.weight, func.toUInt64(0))
    return (
        select(
            *sum_traces(each.c),
            each.c.app,
            exact_quantiles(each.c.trace_ns, each.c.weight).label("quantiles_ns"),
            func.max(each.c.end_ns).label("last_ns"),
            func.sumMap(func.array(bucket), func.array(each.c.weight), func.array(failed)).label("series"),
        )
        .where(*([] if only is None else [_one_of(each.c.app, only)]))
        .group_by(each.c.app)
        .order_by(name_of("traces").desc(), each.c.app)
        .limit(bindparam("apps", limit, ch.UInt64))
    )


def _one_of(app: ColumnElement[Any], only: Sequence[str]) -> ColumnElement[bool]:
    return app.op("IN", is_comparison=True)(bindparam("only", list(only), ch.Array(ch.String)))
