"""The SQL of figures of the traces that fit a query: by time and by value of a field, and its values."""

from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_core.query_tree import EVERYTHING, Node
from sightline_storage.engines.sql import exact_quantiles, lambda_of, name_of, nanos_of
from sightline_storage.search.fitting_traces import PLACE, build_traces, traces_fit, weight_of_fitting
from sightline_storage.search.needed_span import needed_span
from sightline_storage.search.search_scope import SearchScope, has_place, is_judged
from sightline_storage.search.trace_conditions import TRACE_DURATION, TRACE_STATUS
from sightline_storage.spans.span_conditions import LIST_COLUMN, counted, status_text, text_value
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import (
    ANY_SAMPLED,
    SPAN_WEIGHT,
    weight_of_trace,
    weighted_amount,
    weighted_uniques,
)
from sightline_storage.traces.usage_totals import cost_totals

S = SPANS.c


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
    The status is that of the trace.
    """
    if field == "status":
        found = _measured(node, scope)
        return _grouped(status_text(found.c.trace_status), found.c, found.c.weight, limit)
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
    if not is_of_value:
        return _grouped(value, each.c, each.c.weight, limit)
    return _grouped(value, each.c, func.toUInt64(-weight), limit).where(*has_place(scope, place))


def _grouped(value: ColumnElement[Any], found: Any, weight: ColumnElement[Any], limit: int) -> Select[Any]:
    return (
        select(value.label("value"), *_totals(found, weight))
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
        *cost_totals(),
    )
    return build_traces(node, scope, [*measures, *columns], placed=placed).subquery("found")


def _totals(found: Any, weight: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [
        func.sum(weight).label("traces"),
        func.sumIf(weight, found.trace_status == "error").label("errors"),
        exact_quantiles(found.trace_ns, weight).label("quantiles_ns"),
        func.sum(found.trace_tokens).label("tokens"),
        *(func.sum(found[column.name]).label(f"sum_{column.name}") for column in cost_totals()),
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
    if field == "status":
        columns = [weight_of_fitting(node or EVERYTHING, scope), TRACE_STATUS.label("trace_status")]
        traces = build_traces(node or EVERYTHING, scope, columns).subquery("found")
        values = (
            status_text(traces.c.trace_status).label("value"),
            func.cityHash64(traces.c.trace_id).label("trace"),
            traces.c.weight,
        )
        each = select(*values).subquery("each")
    else:
        each = _values_of_spans(node, scope, field).subquery("each")
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
        .group_by(name_of("value"))
        .order_by(name_of("traces").desc(), name_of("value"))
        .limit(bindparam("values", limit, ch.UInt64))
    )


def _values_of_spans(node: Node | None, scope: SearchScope, field: str) -> Select[Any]:
    value = name_of("value")
    found = select(func.arrayJoin(_values(field)).label("value"), func.cityHash64(S.trace_id).label("trace"))
    if node is None:
        first = nanos_of(func.min(S.start_time)).label("place_ns")
        by_trace = (
            found.add_columns(weight_of_trace().label("weight"), first)
            .where(is_judged(scope))
            .group_by(value, name_of("trace"))
        )
        found = by_trace.having(*has_place(scope, PLACE))
    else:
        found = found.add_columns(SPAN_WEIGHT.label("weight")).where(traces_fit(node, scope))
    return final(found, SPANS)


def _values(field: str) -> ColumnElement[Any]:
    """Return the values that a text field or attribute has on a span, as an array."""
    return LIST_COLUMN[field] if field in LIST_COLUMN else func.array(text_value(field))
