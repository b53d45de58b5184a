"""From a query's tree to a condition on one trace: an aggregate over all of its spans, for HAVING.

A condition on a span asks whether some span of the trace fits. Fields of the whole trace are sums over its
spans, or facts of its root.
"""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, and_, bindparam, false, func, not_, or_, true

from sightline_core.query_tree import And, FullText, Node, Not, NumberRange, Or, Relation, SpanPath, TextMatch
from sightline_storage.engines.sql import lambda_of, name_of, nanos_of
from sightline_storage.spans.span_conditions import (
    Special,
    counted,
    has_price,
    in_range,
    span_condition,
    status_fits,
)
from sightline_storage.spans.span_filters import ROOT_FIRST
from sightline_storage.spans.span_table import SPANS

S = SPANS.c

MAX_SPANS_OF_PATH: Final = 10_000
"""Conditions with `>` and `>>` look at no more matching spans of one trace than this."""

TRACE_START: Final = func.min(S.start_time)
TRACE_STATUS: Final = func.argMin(S.status, ROOT_FIRST)
TRACE_COST: Final = func.sumIf(S.cost_usd, and_(counted, has_price))
TRACE_COST_KNOWN: Final = func.countIf(and_(counted, has_price)) > 0
TRACE_DURATION: Final = func.max(nanos_of(S.start_time) + S.duration_ns) - nanos_of(TRACE_START)
TRACE_TOKENS: Final = func.sumIf(S.input_tokens + S.output_tokens, counted)
TRACE_ERRORS: Final = func.countIf(S.status == "error")

TRACE_NUMBERS: Final[dict[str, tuple[ColumnElement[Any], ColumnElement[bool]]]] = {
    "latency": (TRACE_DURATION, true()),
    "cost": (TRACE_COST, TRACE_COST_KNOWN),
    "tokens": (TRACE_TOKENS, true()),
    "input_tokens": (func.sumIf(S.input_tokens, counted), true()),
    "output_tokens": (func.sumIf(S.output_tokens, counted), true()),
    "cached_tokens": (func.sumIf(S.cached_input_tokens, counted), true()),
    "reasoning_tokens": (func.sumIf(S.reasoning_tokens, counted), true()),
    "spans": (func.count(), true()),
    "errors": (TRACE_ERRORS, true()),
    "llm_calls": (func.countIf(and_(counted, S.kind == "llm")), true()),
}


def trace_condition(node: Node, special: Special = lambda _: None) -> ColumnElement[bool]:
    """Return the condition that a trace fits the tree; to be evaluated over all spans of the trace.

    `special` is passed on to `span_condition`.
    """
    match node:
        case And(items):
            return and_(true(), *(trace_condition(item, special) for item in items))
        case Or(items) if not is_text(node):
            return or_(false(), *(trace_condition(item, special) for item in items))
        case Not(item):
            return not_(trace_condition(item, special))
        case TextMatch("status", patterns):
            return status_fits(TRACE_STATUS, patterns)
        case NumberRange(field) if field in TRACE_NUMBERS:
            value, known = TRACE_NUMBERS[field]
            return in_range(value, known, node)
        case SpanPath(conditions, relations) if relations:
            return _path([span_condition(item, special) for item in conditions], relations)
    return _some_span(span_condition(node, special))


def is_text(node: Node) -> bool:
    """Whether the query asks for a text or for one of several, which one look into the index finds."""
    return isinstance(node, FullText) or (isinstance(node, Or) and all(map(is_text, node.items)))


def _some_span(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.max(condition) == 1


def _path(conditions: Sequence[ColumnElement[bool]], relations: Sequence[Relation]) -> ColumnElement[bool]:
    """Return the condition that spans fit `conditions` one below the other.

    Step by step, `ends` are the ids of the spans that end a path so far.
    """
    ends = _bounded(func.groupArrayIf(S.span_id, conditions[0]))
    for relation, condition in zip(relations, conditions[1:], strict=True):
        below = _bounded(func.groupArrayIf(func.tuple(S.span_id, S.parent_span_id), condition))
        is_child, is_deeper = func.has(ends, _PAIR_PARENT), func.has(_descendants(ends), _PAIR_ID)
        fitting = lambda_of(["pair"], is_child if relation == ">" else is_deeper)
        ends = func.arrayMap(lambda_of(["pair"], _PAIR_ID), func.arrayFilter(fitting, below))
    return func.notEmpty(ends)


_PAIR_ID: Final = name_of("pair.1")
_PAIR_PARENT: Final = name_of("pair.2")


def _descendants(ids: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the ids of all spans below `ids`.

    One pass over the spans by start finds them, because a parent starts before its children; a second pass
    finds those whose clock said otherwise.
    """
    rows = func.groupArray(func.tuple(S.start_time, S.span_id, S.parent_span_id))
    by_start = _bounded(func.arraySort(rows))
    found, span_id, parent_id = (name_of(name) for name in ("found", "span.2", "span.3"))
    is_new = and_(or_(func.has(ids, parent_id), func.has(found, parent_id)), not_(func.has(found, span_id)))
    step = lambda_of(["found", "span"], func.if_(is_new, func.arrayPushBack(found, span_id), found))
    return func.arrayFold(step, func.arrayConcat(by_start, by_start), name_of("CAST([], 'Array(String)')"))


def _bounded(values: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.arraySlice(values, 1, bindparam("spans_of_path", MAX_SPANS_OF_PATH, ch.UInt64))
