"""The SQL of searching by a query of the query language: one pure builder for each question.

A trace's place in time is the start of its first span that fits `needed_span`, or its own start when there is
no such condition. A trace is in a range of time when its place is. It is judged by its spans inside the range
and an hour to both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.sql import prewhere
from sqlalchemy import ColumnElement, Select, and_, asc, bindparam, desc, func, or_, select

from sightline_core.query_fields import FIELD_OF
from sightline_core.query_tree import Node, NumberRange, SpanPath
from sightline_storage.engines.sql import exact_quantiles, lambda_of, name_of, nanos, nanos_of
from sightline_storage.search.needed_span import needed_conditions, needed_span
from sightline_storage.search.trace_conditions import (
    TRACE_COST,
    TRACE_COST_KNOWN,
    TRACE_DURATION,
    TRACE_STATUS,
    TRACE_TOKENS,
    is_text,
    trace_condition,
)
from sightline_storage.spans.page_cursor import SortKey
from sightline_storage.spans.span_conditions import (
    LIST_COLUMN,
    Special,
    counted,
    has_price,
    span_condition,
    text_value,
)
from sightline_storage.spans.span_filters import has_hash, in_minutes
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import (
    ANY_SAMPLED,
    SPAN_WEIGHT,
    weight_of_trace,
    weighted_amount,
    weighted_money,
    weighted_uniques,
)
from sightline_storage.traces.trace_queries import TRACE_INDEX

S = SPANS.c
MARGIN_NS: Final = 3_600_000_000_000
_WRITTEN_AGAIN_NS: Final = 600_000_000_000
"""What began so long before it arrived was most likely stored already, and is there as it was priced anew."""
_PLACE: Final = name_of("place_ns")


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where to look: one project, and `start_ns` ≤ place < `end_ns`.

    `judged_ns`, if it is not an hour more to both sides, is the range of the spans that traces are judged by.
    `as_of_ns` leaves out what arrived later, unless it began long before.
    `prefix` tells the parameters of two scopes in one statement apart.
    """

    project: str
    start_ns: int
    end_ns: int
    judged_ns: tuple[int, int] | None = None
    prefix: str = ""
    as_of_ns: int | None = None

    @property
    def judged(self) -> tuple[int, int]:
        """Start and end of the spans that traces are judged by."""
        start_ns, end_ns = self.judged_ns or (self.start_ns - MARGIN_NS, self.end_ns + MARGIN_NS)
        return max(0, start_ns), min(2**63 - 1, end_ns)

    @property
    def bounds(self) -> dict[str, int]:
        """The values of a scope's parameters in a statement that was built for another one."""
        wide_start_ns, wide_end_ns = self.judged
        bounds = ("start_ns", "end_ns", "wide_start_ns", "wide_end_ns")
        values = (self.start_ns, self.end_ns, wide_start_ns, wide_end_ns)
        return {f"{self.prefix}{bound}": value for bound, value in zip(bounds, values, strict=True)}


def build_traces(
    node: Node, scope: SearchScope, columns: Sequence[ColumnElement[Any]] = (), *, placed: bool = True
) -> Select[Any]:
    """Which traces fit? Their ids, places, and `columns`, which are aggregates over a trace's spans.

    Unless `placed`, those beside the scope, too.
    """
    needed = needed_span(node)
    conditions = [] if needed is None else [_in_set(_traces_with(needed, scope))]
    fitting = _fitting(node, scope, columns).where(_judged(scope), *conditions)
    return final(fitting.having(*_placed(scope, _PLACE)) if placed else fitting, SPANS)


def _fitting(node: Node, scope: SearchScope, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """`build_traces` of the traces that some further condition chooses, wherever their place is."""
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


def _placed(scope: SearchScope, place: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [
        bindparam(f"{scope.prefix}start_ns", scope.start_ns, ch.Int64) <= place,
        bindparam(f"{scope.prefix}end_ns", scope.end_ns, ch.Int64) > place,
    ]


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

    return and_(_within(scope), span_condition(node, special))


def traces_fit(node: Node, scope: SearchScope) -> ColumnElement[bool]:
    """Return the condition that a span belongs to a trace that fits, for a WHERE of `spans`."""
    return and_(_judged(scope), _in_set(_hashes_of(node, scope)))


def _hashes_of(node: Node, scope: SearchScope) -> Select[Any]:
    found = build_traces(node, scope).subquery("fitting")
    return select(func.cityHash64(found.c.trace_id))


def _traces_with(needed: Node, scope: SearchScope) -> Select[Any]:
    return select(func.cityHash64(S.trace_id)).where(_within(scope), span_condition(needed))


def _in_set(hashes: Select[Any]) -> ColumnElement[bool]:
    """The hash of the trace id is in the primary key. `GLOBAL`, or every shard would ask all shards."""
    return func.cityHash64(S.trace_id).op("GLOBAL IN")(hashes.scalar_subquery())


def _look_up_text(scope: SearchScope) -> Special:
    """Return what finds text by the index beforehand, for places where the index is out of reach."""

    def special(item: Node) -> ColumnElement[bool] | None:
        if not is_text(item):
            return None
        found = select(S.trace_id, S.span_id).where(_judged(scope), span_condition(item))
        return func.tuple(S.trace_id, S.span_id).op("GLOBAL IN")(found.scalar_subquery())

    return special


def _within(scope: SearchScope) -> ColumnElement[bool]:
    return and_(
        S.project == bindparam("project", scope.project),
        S.start_time >= nanos(f"{scope.prefix}start_ns", scope.start_ns),
        S.start_time < nanos(f"{scope.prefix}end_ns", scope.end_ns),
        *_known(scope),
    )


def _judged(scope: SearchScope) -> ColumnElement[bool]:
    start_ns, end_ns = scope.judged
    return and_(
        S.project == bindparam("project", scope.project),
        S.start_time >= nanos(f"{scope.prefix}wide_start_ns", start_ns),
        S.start_time < nanos(f"{scope.prefix}wide_end_ns", end_ns),
        *_known(scope),
    )


def _known(scope: SearchScope) -> list[ColumnElement[bool]]:
    if scope.as_of_ns is None:
        return []
    return [
        or_(
            S.ingested_at <= nanos("as_of_ns", scope.as_of_ns),
            S.start_time < nanos("long_before_ns", max(0, scope.as_of_ns - _WRITTEN_AGAIN_NS)),
        )
    ]


def build_extent(node: Node, scope: SearchScope) -> Select[Any]:
    """When do the first and the last span of those traces start that may have their place in the scope?"""
    index = TRACE_INDEX.c
    candidates = select(func.cityHash64(S.trace_id)).where(_within(scope), *needed_conditions(node))
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
    "start": _PLACE,
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
    node: Node, scope: SearchScope, hashes: Sequence[int], minutes: Sequence[int], limit: int
) -> Select[Any]:
    """Which of these traces fit, the newest first? Columns as in `build_sorted_traces`, up to its sort value.

    `hashes` are the `cityHash64` of their ids; `minutes` as in `build_trace_rows`. PREWHERE as in
    `of_one_trace`.
    """
    minute = [in_minutes(minutes)] if minutes else []
    conditions = and_(_judged(scope), *minute, has_hash(S.trace_id, hashes))
    statement = (
        _fitting(node, scope, [SORTS["start"].label("sort_value")])
        .having(*_placed(scope, _PLACE))
        .order_by(_PLACE.desc(), S.trace_id.desc())
        .limit(bindparam("traces", limit, ch.UInt64))
    )
    return prewhere(final(statement, SPANS), conditions)


def build_histogram(node: Node, scope: SearchScope, bucket_ns: int, buckets: int) -> Select[Any]:
    """How many traces of each bucket of time fit, and what are their figures?

    Buckets are counted from 1970; empty ones are left out.
    """
    found = _measured(node, scope)
    bucket = func.intDiv(found.c.place_ns, bindparam("bucket_ns", bucket_ns, ch.Int64))
    return (
        select(bucket.label("bucket"), *_totals(found.c, found.c.weight))
        .group_by(name_of("bucket"))
        .order_by(name_of("bucket"))
        .limit(bindparam("buckets", buckets, ch.UInt64))
    )


def build_groups(node: Node, scope: SearchScope, field: str, limit: int) -> Select[Any]:
    """The same figures for each value that a span of the trace has; most traces first.

    A trace with several values is in each of their groups, as a whole; one with none is in the group "".
    Unless a condition of the query gives traces place and weight, the value does, which would find them.
    """
    values, group = _values(field), name_of("group")
    number = func.length(values)
    starts = func.arrayWithConstant(number, nanos_of(S.start_time))
    # The least of what is below zero is the heaviest.
    weights = func.arrayWithConstant(number, -func.toInt64(SPAN_WEIGHT))
    is_of_value = needed_span(node) is None
    firsts_of = func.minMap(values, starts, weights).label("firsts")
    found = _measured(node, scope, firsts_of, placed=not is_of_value)
    firsts = func.arrayZip(*(func.tupleElement(found.c.firsts, number) for number in (1, 2, 3)))
    present = func.arrayFilter(lambda_of(["group"], func.tupleElement(group, 1) != name_of("''")), firsts)
    none = func.array(func.tuple(name_of("''"), found.c.place_ns, -func.toInt64(found.c.weight)))
    groups = func.if_(func.empty(present), none, present)
    each = select(func.arrayJoin(groups).label("group"), *found.c).subquery("each")
    value, place, weight = (func.tupleElement(each.c.group, number) for number in (1, 2, 3))
    return (
        select(
            value.label("value"),
            *_totals(each.c, func.toUInt64(-weight) if is_of_value else each.c.weight),
        )
        .where(*(_placed(scope, place) if is_of_value else ()))
        .group_by(name_of("value"))
        .order_by(name_of("traces").desc(), name_of("value"))
        .limit(bindparam("groups", limit, ch.UInt64))
    )


def _measured(node: Node, scope: SearchScope, *columns: ColumnElement[Any], placed: bool = True) -> Any:
    measures = (
        weight_of_fitting(node, scope),
        ANY_SAMPLED.label("any_sampled"),
        TRACE_STATUS.label("trace_status"),
        TRACE_DURATION.label("trace_ns"),
        weighted_amount(S.input_tokens + S.output_tokens, counted).label("trace_tokens"),
        weighted_money(S.cost_usd, and_(counted, has_price)).label("trace_usd"),
        TRACE_COST_KNOWN.label("has_cost"),
    )
    return build_traces(node, scope, [*measures, *columns], placed=placed).subquery("found")


def _totals(found: Any, weight: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [
        func.sum(weight).label("traces"),
        func.sumIf(weight, found.trace_status == "error").label("errors"),
        exact_quantiles(found.trace_ns, weight).label("quantiles_ns"),
        func.sum(found.trace_tokens).label("tokens"),
        func.sum(found.trace_usd).label("cost_usd"),
        func.countIf(found.has_cost).label("with_cost"),
        func.max(found.any_sampled).label("sampled"),
    ]


def build_facet(
    node: Node | None, scope: SearchScope, field: str, limit: int, *, prefix: str = ""
) -> Select[Any]:
    """Which values does a field have on spans of the traces that fit, and in how many traces each?

    Value, traces, whether sampled ones are among them. Without `node` as many as the search for the value
    finds: those whose first span with it is in the scope. With `prefix`, only values that begin with it,
    whatever the case.
    """
    value = name_of("value")
    found = select(func.arrayJoin(_values(field)).label("value"), func.cityHash64(S.trace_id).label("trace"))
    if node is None:
        first = nanos_of(func.min(S.start_time)).label("place_ns")
        by_trace = (
            found.add_columns(weight_of_trace().label("weight"), first)
            .where(_judged(scope))
            .group_by(value, name_of("trace"))
        )
        found = by_trace.having(*_placed(scope, _PLACE))
    else:
        found = found.add_columns(SPAN_WEIGHT.label("weight")).where(traces_fit(node, scope))
    each = final(found, SPANS).subquery("each")
    conditions = [each.c.value != ""]
    if prefix:
        bound = bindparam("prefix", prefix.lower(), ch.String)
        conditions.append(func.startsWith(func.lowerUTF8(each.c.value), bound))
    return (
        select(
            each.c.value,
            weighted_uniques(each.c.trace, each.c.weight).label("traces"),
            (func.max(each.c.weight) > 1).label("sampled"),
        )
        .where(*conditions)
        .group_by(value)
        .order_by(name_of("traces").desc(), value)
        .limit(bindparam("values", limit, ch.UInt64))
    )


def _values(field: str) -> ColumnElement[Any]:
    """Return the values that a text field or attribute has on a span, as an array."""
    if field in LIST_COLUMN:
        return LIST_COLUMN[field]
    if field == "status":
        return func.if_(S.parent_span_id == "", func.array(text_value(field)), name_of("[]"))
    return func.array(text_value(field))
