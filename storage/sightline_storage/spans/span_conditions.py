"""From a query's tree to a condition on one span.

A condition about a number that is not known is false, and so is its opposite range: `ttft<1s` leaves spans
without a stream out. Values are bound; what stands in the text of a statement is ours.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, true

from sightline_core.query_fields import ATTRIBUTE_PREFIX, FieldType
from sightline_core.query_tree import (
    And,
    FullText,
    Has,
    Node,
    Not,
    NumberRange,
    Or,
    Pattern,
    SpanPath,
    TextMatch,
)
from sightline_core.query_values import parse_number
from sightline_storage.engines.sql import lambda_of, name_of
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.stored_text import contains_text

S = SPANS.c

TEXT_COLUMN: Final[dict[str, ColumnElement[Any]]] = {
    "app": S.app,
    "env": S.environment,
    "version": S.app_version,
    "service": S.service,
    "status": S.status,
    "kind": S.kind,
    "name": S.name,
    "model": S.model,
    "request_model": S.request_model,
    "provider": S.provider,
    "operation": S.operation,
    "session": S.session,
    "user": S.user,
    "error": S.error_type,
    "failure": S.failure_category,
    "fingerprint": S.failure_fingerprint,
    "agent": S.agent_name,
    "tool": S.tool_name,
    "prompt": S.prompt_name,
    "prompt_version": S.prompt_version,
    "guardrail": S.guardrail_name,
    "verdict": S.guardrail_outcome,
    "cache": S.cache_kind,
    "stream": S.stream_outcome,
    "cost_state": S.cost_state,
    "tier": S.service_tier,
    "system_fingerprint": S.system_fingerprint,
    "prompt_fingerprint": S.prompt_fingerprint,
    "request_fingerprint": S.request_fingerprint,
    "dialect": S.dialect,
    "trace": S.trace_id,
    "span": S.span_id,
    "response_id": S.response_id,
    "request_id": S.request_id,
}
"""Columns of text fields."""

LIST_COLUMN: Final[dict[str, ColumnElement[Any]]] = {"tag": S.tags, "finish": S.finish_reasons}
"""Columns that hold several values; one that fits is enough."""

has_price: Final = S.cost_state.in_(("priced", "estimated"))
counted: Final = S.counted == 1

NUMBER_COLUMN: Final[dict[str, tuple[ColumnElement[Any], ColumnElement[bool]]]] = {
    "latency": (S.duration_ns, true()),
    "ttft": (S.time_to_first_token_ns, S.time_to_first_token_ns > 0),
    "cost": (S.cost_usd, has_price),
    "tokens": (S.input_tokens + S.output_tokens, true()),
    "input_tokens": (S.input_tokens, true()),
    "output_tokens": (S.output_tokens, true()),
    "cached_tokens": (S.cached_input_tokens, true()),
    "reasoning_tokens": (S.reasoning_tokens, true()),
    "http": (S.http_status, S.http_status > 0),
    "retries": (S.retries, true()),
    "retrieved": (S.retrieved_count, S.retrieved_count >= 0),
    # 0.93 in 32 bits is no 0.93 in 64; without a similarity the column holds 0.
    "similarity": (func.round(func.toFloat64(S.cache_similarity), name_of("6")), S.cache_similarity > 0),
}
"""Number fields: the value, and when it is known."""

_EXACT_FLOATS: Final = 2**53
_FACTS: Final[dict[str, ColumnElement[bool]]] = {
    "error": S.status == "error",
    "failure": and_(S.failure_category != "", S.failure_propagated == 0),
    "guardrail": S.guardrail_outcome != "",
    "guardrail.warn": S.guardrail_outcome == "warn",
    "guardrail.block": S.guardrail_outcome == "block",
    "cache": S.cache_kind != "",
    "cache.hit": S.cache_hit == 1,
    "cache.miss": S.cache_hit == 0,
    "tool": S.kind == "tool",
    "retrieval": S.kind == "retrieval",
    "stream": S.stream == 1,
    "retry": S.retries > 0,
    "invalid_output": S.output_valid == 0,
    "unpriced": S.cost_state == "unpriced",
    "mark": func.notEmpty(S.marks),
    "session": S.session != "",
    "user": S.user != "",
    "prompt": S.prompt_name != "",
}
"""A test checks that every fact of `query_fields.FACTS` is here."""


Special = Callable[[Node], ColumnElement[bool] | None]
"""Compiles the nodes that need more than the row at hand; None for all others."""


def span_condition(node: Node, special: Special = lambda _: None) -> ColumnElement[bool]:
    """Return the condition that one span fits the tree.

    `special` is asked first at every node. What only a whole trace can answer (a `trace_only` field, a path
    with relations) has to be handled there.
    """
    handled = special(node)
    if handled is not None:
        return handled
    match node:
        case TextMatch(field, patterns):
            return text_matches(field, patterns)
        case NumberRange(field):
            return number_in_range(field, node)
        case Has(fact):
            return has_fact(fact)
        case FullText(phrase):
            return contains_text(phrase)
        case Not(item):
            return not_(span_condition(item, special))
        case And(items):
            return and_(true(), *(span_condition(item, special) for item in items))
        case Or(items):
            return or_(false(), *(span_condition(item, special) for item in items))
        case SpanPath((condition,)):
            return span_condition(condition, special)
    raise AssertionError(f"{node} is not about one span")


def text_matches(field: str, patterns: Sequence[Pattern]) -> ColumnElement[bool]:
    """Return the condition that a text field, or an attribute, has one of the values."""
    if field.startswith(ATTRIBUTE_PREFIX):
        return _attribute_matches(field.removeprefix(ATTRIBUTE_PREFIX), patterns)
    if field in LIST_COLUMN:
        return _list_fits(LIST_COLUMN[field], patterns)
    if field == "status":
        return status_fits(S.status, patterns)
    return fits(TEXT_COLUMN[field], patterns)


def fits(value: ColumnElement[Any], patterns: Sequence[Pattern]) -> ColumnElement[bool]:
    """Return the condition that a text equals one of the patterns."""
    exact = [pattern.text for pattern in patterns if not pattern.wildcard]
    likes = [func.like(value, _like(pattern)) for pattern in patterns if pattern.wildcard]
    same = [] if not exact else [value == exact[0] if len(exact) == 1 else value.in_(exact)]
    return or_(false(), *same, *likes)


def status_fits(status: ColumnElement[Any], patterns: Sequence[Pattern]) -> ColumnElement[bool]:
    """Return the condition that a status is one of the patterns; `ok` is one that nobody set, too.

    OpenTelemetry leaves it unset unless the app says otherwise: https://opentelemetry.io/docs/specs/otel/trace/api/
    """
    also = [Pattern("unset")] if any(_describes(pattern, "ok") for pattern in patterns) else []
    return fits(status, [*patterns, *also])


def _describes(pattern: Pattern, text: str) -> bool:
    if not pattern.wildcard:
        return pattern.text == text
    return re.fullmatch(".*".join(map(re.escape, pattern.text.split("*"))), text) is not None


def _list_fits(values: ColumnElement[Any], patterns: Sequence[Pattern]) -> ColumnElement[bool]:
    exact = [pattern.text for pattern in patterns if not pattern.wildcard]
    same = [func.hasAny(values, literal(exact, ch.Array(ch.String)))] if len(exact) > 1 else []
    if len(exact) == 1:
        same = [func.has(values, literal(exact[0], ch.String))]
    item = name_of("item")
    likes = (func.like(item, _like(pattern)) for pattern in patterns if pattern.wildcard)
    return or_(false(), *same, *(func.arrayExists(lambda_of(["item"], like), values) for like in likes))


def _like(pattern: Pattern) -> ColumnElement[str]:
    escaped = pattern.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return literal(escaped.replace("*", "%"), ch.String)


def _attribute_matches(name: str, patterns: Sequence[Pattern]) -> ColumnElement[bool]:
    """An attribute is kept as text or as a number; one of the resource counts as one of the span."""
    found = [
        and_(_holds(holder, name), fits(_attribute(holder, name), patterns))
        for holder in (S.attributes, S.resource)
    ]
    numbers = [
        number
        for pattern in patterns
        if not pattern.wildcard and (number := _as_float(pattern.text)) is not None
    ]
    if numbers:
        value = _attribute(S.attributes_num, name)
        same = value == numbers[0] if len(numbers) == 1 else value.in_(numbers)
        found.append(and_(_holds(S.attributes_num, name), same))
    return or_(*found)


def _holds(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return func.mapContains(column, literal(name, ch.String))


def _attribute(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    return func.arrayElement(column, literal(name, ch.String))


def text_value(field: str) -> ColumnElement[Any]:
    """Return what a text field, or an attribute, has on a span, for groups."""
    if field.startswith(ATTRIBUTE_PREFIX):
        return _attribute_text(field)
    return status_text(S.status) if field == "status" else TEXT_COLUMN[field]


def status_text(status: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a status for groups: `ok` where nobody set one."""
    return func.if_(status == "unset", "ok", status)


def _attribute_text(field: str) -> ColumnElement[str]:
    """Return the text of an attribute of the span or, without one, of its resource; "" when there is none."""
    name = field.removeprefix(ATTRIBUTE_PREFIX)
    own, inherited = _attribute(S.attributes, name), _attribute(S.resource, name)
    return func.if_(own != "", own, inherited)


def _as_float(text: str) -> float | None:
    """Return the number that the text is to the query language, where floats take it for no other one."""
    number = parse_number(text, FieldType.ATTRIBUTE)
    return float(number) if number is not None and abs(number) < _EXACT_FLOATS else None


def number_in_range(field: str, wanted: NumberRange) -> ColumnElement[bool]:
    """Return the condition that a number is known and lies in the range."""
    if field.startswith(ATTRIBUTE_PREFIX):
        name = field.removeprefix(ATTRIBUTE_PREFIX)
        return in_range(_attribute(S.attributes_num, name), _holds(S.attributes_num, name), wanted)
    value, known = NUMBER_COLUMN[field]
    return in_range(value, known, wanted)


def in_range(
    value: ColumnElement[Any], known: ColumnElement[bool], wanted: NumberRange
) -> ColumnElement[bool]:
    """Return the condition that a value is known and lies between the ends that are given."""
    bounds = []
    if wanted.low is not None:
        low = bound_number(wanted.low)
        bounds.append(value >= low if wanted.low_inclusive else value > low)
    if wanted.high is not None:
        high = bound_number(wanted.high)
        bounds.append(value <= high if wanted.high_inclusive else value < high)
    return and_(known, *bounds)


def bound_number(number: Decimal) -> ColumnElement[Any]:
    """Return a bound number that compares exactly with whole numbers and with money."""
    if number == number.to_integral_value():
        return literal(int(number), ch.Int64)
    if -number.as_tuple().exponent <= 12:  # type: ignore[operator]
        return literal(number, ch.Decimal(38, 12))
    return literal(float(number), ch.Float64)


def has_fact(fact: str) -> ColumnElement[bool]:
    """Return the condition that a fact is true of a span, or that it has an attribute."""
    if fact.startswith(ATTRIBUTE_PREFIX):
        name = fact.removeprefix(ATTRIBUTE_PREFIX)
        return or_(*(_holds(column, name) for column in (S.attributes, S.attributes_num, S.resource)))
    return _FACTS[fact]
