"""What every trace that fits a query must have: a condition on one span, which narrows the search."""

from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement

from sightline_core.query_fields import FieldName, is_of_trace
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
    any_of,
)
from sightline_storage.spans.span_conditions import span_condition

_IDS: Final = frozenset(
    {"trace", "span", "session", "user", "response_id", "request_id", "fingerprint", "request_fingerprint"}
)


def needed_span(node: Node) -> Node | None:
    """Return a query that some span of every matching trace fits; None when there is no such thing.

    Of several conditions that must all hold, possibly on different spans, the one that is likely to fit the
    fewest spans is taken.
    """
    match node:
        case And(items):
            found = [needed for item in items if (needed := needed_span(item)) is not None]
            return min(found, key=_rank, default=None)
        case Or(items):
            alternatives = [needed_span(item) for item in items]
            known = [needed for needed in alternatives if needed is not None]
            return any_of(*known) if len(known) == len(alternatives) else None
        case Not():
            return None
        case SpanPath(conditions):
            return min(conditions, key=_rank)
        case NumberRange(field) if is_of_trace(field):
            return _adds(field) if _is_positive(node) else None
    return node


def needed_conditions(node: Node) -> list[ColumnElement[bool]]:
    """Return `needed_span(node)` as conditions for a WHERE of `spans`: one, or none."""
    needed = needed_span(node)
    return [] if needed is None else [span_condition(needed)]


def is_about_one_span(node: Node) -> bool:
    """Whether a trace fits exactly when one of its spans fits `needed_span(node)`."""
    match node:
        case TextMatch(field) | NumberRange(field):
            return not is_of_trace(field)
        case Has() | FullText():
            return True
        case SpanPath(conditions):
            return len(conditions) == 1
        case Or(items):
            return all(is_about_one_span(item) for item in items)
    return False


def _rank(node: Node) -> int:
    """The lower, the fewer spans are expected to fit."""
    match node:
        case TextMatch(field, patterns) if field in _IDS:
            return 5 if any(pattern.wildcard for pattern in patterns) else 0
        case FullText():
            return 1
        case Has() | NumberRange() | TextMatch("status", (Pattern("error"),)):
            return 2
        case TextMatch():
            return 3
        case And(items) if items:
            return min(_rank(item) for item in items)
        case Or(items):
            return max(_rank(item) for item in items)
    return 9


def _is_positive(wanted: NumberRange) -> bool:
    return wanted.low is not None and (wanted.low > 0 or (wanted.low == 0 and not wanted.low_inclusive))


def _adds(field: FieldName) -> Node | None:
    """Return the query for spans that make a sum over the trace larger than zero."""
    match field:
        case "latency" | "spans":
            return None
        case "errors":
            return Has("error")
        case "llm_calls":
            return TextMatch(FieldName("kind"), (Pattern("llm"),))
    return NumberRange(field, Decimal(0), None, low_inclusive=False)
