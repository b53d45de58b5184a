"""Totals over spans and traces in which a sampled one counts for those that it stands for.

The spans of a trace that sampling chose weigh alike; one that came late and would have been kept of any
trace weighs 1. So a trace counts for the heaviest of the spans that it is found by, and what is summed over
its spans is summed with the weight of each, as in the rollups.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, literal_column, true

from sightline_storage.spans.span_table import SPANS

_S = SPANS.c
_WEIGHT: ColumnElement[Any] = _S.sample_weight

SPAN_WEIGHT: Final[ColumnElement[Any]] = func.toUInt64(func.round(_WEIGHT))
"""How many spans one stands for."""

ANY_SAMPLED: Final[ColumnElement[Any]] = func.max(_WEIGHT > 1)
"""Whether sampled spans are among those that are summed, so that their totals are estimates."""


def weight_of_trace(condition: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """Return how many traces one stands for: an aggregate over its spans that the condition holds for."""
    heaviest = func.max(_WEIGHT) if condition is None else func.maxIf(_WEIGHT, condition)
    return func.toUInt64(func.round(heaviest))


def weighted_count(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return how many spans the condition holds for, with sampled ones counted for those they stand for."""
    return func.toUInt64(func.round(func.sumIf(_WEIGHT, condition)))


def weighted_amount(column: ColumnElement[Any], condition: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the sum of a whole number over the spans that the condition holds for."""
    return func.toUInt64(func.round(func.sumIf(column * func.toFloat64(_WEIGHT), condition)))


def weighted_money(column: ColumnElement[Any], condition: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the exact sum of an amount over the spans that the condition holds for."""
    # Decimal all the way: a sum of money has no rounding of binary fractions in it.
    scale: ColumnElement[Any] = literal_column("12")
    weighted = func.toDecimal128(column, scale) * func.toDecimal64(_WEIGHT, literal_column("6"))
    return func.toDecimal128(func.sumIf(weighted, condition), scale)


def weighted_traces(condition: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """Return how many traces have a span that the condition holds for, exactly but for what was let go."""
    known = true() if condition is None else condition
    return func.uniqExactIf(_S.trace_id, known) + more_traces(known)


def more_traces(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return for how many traces more than they are those stand that have such a span."""
    return _sum_more(func.cityHash64(_S.trace_id), _WEIGHT, condition)


def weighted_uniques(trace: ColumnElement[Any], weight: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return how many different traces there are, of rows with the hash of one and a weight."""
    return func.uniqExact(trace) + _sum_more(trace, weight, true())


def _sum_more(
    trace: ColumnElement[Any], weight: ColumnElement[Any], condition: ColumnElement[Any]
) -> ColumnElement[Any]:
    # Where nothing is sampled the array is empty, and the figure costs next to nothing.
    more = func.tuple(trace, func.toUInt64(func.round(weight)) - 1)
    each = func.groupUniqArrayIf(more, and_(weight > 1, condition))
    return func.toUInt64(func.arraySum(func.tupleElement(each, 2)))
