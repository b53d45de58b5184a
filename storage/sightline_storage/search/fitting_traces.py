"""Which traces, or spans, fit a query of the query language? For their ids, and as a condition."""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy.sql import prewhere
from sqlalchemy import ColumnElement, Select, and_, func, select

from sightline_core.query_fields import FIELD_OF
from sightline_core.query_tree import Node, NumberRange, SpanPath
from sightline_storage.engines.sql import name_of, nanos_of
from sightline_storage.search.needed_span import needed_span
from sightline_storage.search.search_scope import SearchScope, has_place, is_judged, known, starts_within
from sightline_storage.search.trace_conditions import is_text, trace_condition
from sightline_storage.spans.span_conditions import Special, span_condition
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import weight_of_trace

S = SPANS.c
PLACE: Final = name_of("place_ns")


def build_traces(
    node: Node, scope: SearchScope, columns: Sequence[ColumnElement[Any]] = (), *, placed: bool = True
) -> Select[Any]:
    """Which traces fit? Their ids, places, and `columns`, which are aggregates over a trace's spans.

    Unless `placed`, those beside the scope, too.
    """
    needed = needed_span(node)
    conditions = [] if needed is None else [_in_set(_traces_with(needed, scope))]
    fitting = select_fitting(node, scope, columns).where(is_judged(scope), *conditions)
    traces = final(fitting.having(*has_place(scope, PLACE)) if placed else fitting, SPANS)
    # Before FINAL takes the newest copy: of a span that was sent again meanwhile there is the one before.
    return traces if scope.as_of_ns is None else prewhere(traces, and_(*known(scope)))


def select_fitting(node: Node, scope: SearchScope, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Return `build_traces` of the traces that some further condition chooses, wherever their place is."""
    looked_up = _look_up_text(scope)
    needed = needed_span(node)
    first = (
        func.min(S.start_time)
        if needed is None
        else func.minIf(S.start_time, span_condition(needed, looked_up))
    )
    return (
        select(S.trace_id, nanos_of(first).label("place_ns"), *columns)
        .group_by(S.trace_id)
        .having(trace_condition(node, looked_up))
    )


def weight_of_fitting(node: Node, scope: SearchScope) -> ColumnElement[Any]:
    """Return for how many traces one that fits stands: a column, `weight`, for `build_traces`."""
    needed = needed_span(node)
    found_by = None if needed is None else span_condition(needed, _look_up_text(scope))
    return weight_of_trace(found_by).label("weight")


def spans_fit(node: Node, scope: SearchScope, traces: SearchScope | None = None) -> ColumnElement[bool]:
    """Return the condition that a span fits, for a WHERE of `spans`.

    What only a trace can answer (its sums, a path through it) is asked of the trace of the span, and of
    traces in `traces` where the scope is a part of what is looked through.
    """
    whole = traces or scope

    def special(item: Node) -> ColumnElement[bool] | None:
        match item:
            case NumberRange(field) if field in FIELD_OF and FIELD_OF[field].trace_only:
                return _in_set(_hashes_of(item, whole))
            case SpanPath(_, relations) if relations:
                return _in_set(_hashes_of(item, whole))
        return None

    return and_(starts_within(scope), span_condition(node, special))


def traces_fit(node: Node, scope: SearchScope) -> ColumnElement[bool]:
    """Return the condition that a span belongs to a trace that fits, for a WHERE of `spans`."""
    return and_(is_judged(scope), _in_set(_hashes_of(node, scope)))


def _hashes_of(node: Node, scope: SearchScope) -> Select[Any]:
    found = build_traces(node, scope).subquery("fitting")
    return select(func.cityHash64(found.c.trace_id))


def _traces_with(needed: Node, scope: SearchScope) -> Select[Any]:
    return select(func.cityHash64(S.trace_id)).where(starts_within(scope), span_condition(needed))


def _in_set(hashes: Select[Any]) -> ColumnElement[bool]:
    """The hash of the trace id is in the primary key. `GLOBAL`, or every shard would ask all shards."""
    return func.cityHash64(S.trace_id).op("GLOBAL IN")(hashes.scalar_subquery())


def _look_up_text(scope: SearchScope) -> Special:
    """Return what finds text by the index beforehand, for places where the index is out of reach."""

    def special(item: Node) -> ColumnElement[bool] | None:
        if not is_text(item):
            return None
        # With its version, so that no older copy of a span has the text for the newest one.
        copy = (S.trace_id, S.span_id, S.ingested_at)
        found = select(*copy).where(is_judged(scope), span_condition(item))
        return func.tuple(*copy).op("GLOBAL IN")(found.scalar_subquery())

    return special
