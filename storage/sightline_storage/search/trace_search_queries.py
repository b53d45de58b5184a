"""The SQL of lists of traces that fit a query of the query language: one pure builder for each question."""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.sql import prewhere
from sqlalchemy import ColumnElement, Select, and_, asc, bindparam, desc, func, select

from sightline_core.query_tree import Node
from sightline_storage.engines.sql import name_of, nanos_of
from sightline_storage.search.fitting_traces import PLACE, build_traces, select_fitting
from sightline_storage.search.needed_span import needed_conditions
from sightline_storage.search.search_scope import SearchScope, has_place, is_judged, starts_within
from sightline_storage.search.trace_conditions import TRACE_COST, TRACE_DURATION, TRACE_TOKENS
from sightline_storage.spans.page_cursor import SortKey
from sightline_storage.spans.span_filters import has_hash, in_minutes
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.trace_queries import TRACE_INDEX

S = SPANS.c


def build_extent(node: Node, scope: SearchScope) -> Select[Any]:
    """When do the first and the last span of those traces start that may have their place in the scope?"""
    index = TRACE_INDEX.c
    candidates = select(func.cityHash64(S.trace_id)).where(starts_within(scope), *needed_conditions(node))
    return (
        select(
            nanos_of(func.min(index.first_start)).label("first_ns"),
            nanos_of(func.max(index.last_start)).label("last_ns"),
        )
        .where(
            index.project == bindparam("project", scope.project),
            func.cityHash64(index.trace_id).op("GLOBAL IN")(candidates.scalar_subquery()),
        )
        .limit(1)
    )


SORTS: Final[dict[str, ColumnElement[Any]]] = {
    "start": PLACE,
    "duration": TRACE_DURATION,
    "cost": func.toInt64(TRACE_COST * name_of("1000000000000")),
    "tokens": func.toInt64(TRACE_TOKENS),
}
"""What a list of traces can be sorted by, as whole numbers: nanoseconds, 10⁻¹² USD, tokens."""


def build_sorted_traces(
    node: Node, scope: SearchScope, sort: str, *, descending: bool, after: SortKey | None, limit: int
) -> Select[Any]:
    """Which traces fit, in this order, after `after`?

    Their ids, places, sort values, and `TraceWindow`s as far as the judged spans tell.
    """
    key = (name_of("sort_value"), S.trace_id)
    window = (
        func.cityHash64(S.trace_id).label("hash"),
        nanos_of(func.min(S.start_time)).label("first_ns"),
        nanos_of(func.max(S.start_time)).label("last_ns"),
    )
    statement = build_traces(node, scope, [SORTS[sort].label("sort_value"), *window])
    if after is not None:
        bound = func.tuple(
            bindparam("after_value", after.value, ch.Int64), bindparam("after_id", after.id, ch.String)
        )
        beyond = func.less if descending else func.greater
        statement = statement.having(beyond(func.tuple(*key), bound))
    direction = desc if descending else asc
    return statement.order_by(*map(direction, key)).limit(bindparam("traces", limit, ch.UInt64))


def build_judged_traces(
    node: Node, scope: SearchScope, hashes: Sequence[int], minutes: Sequence[int]
) -> Select[Any]:
    """Which of these traces fit? Their ids come first.

    `hashes` are the `cityHash64` of their ids; `minutes` as in `of_some_traces`. PREWHERE as in
    `of_one_trace`.
    """
    minute = [in_minutes(minutes)] if minutes else []
    conditions = and_(is_judged(scope), *minute, has_hash(S.trace_id, hashes))
    statement = (
        select_fitting(node, scope, [])
        .having(*has_place(scope, PLACE))
        .limit(bindparam("traces", len(hashes), ch.UInt64))
    )
    return prewhere(final(statement, SPANS), conditions)
