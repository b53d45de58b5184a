"""Which queries of rules the rollups can answer: those that only name values of their dimensions.

Everything else is asked of spans, less often (`Rule.every`).
"""

from functools import lru_cache
from typing import Final

from sightline_core.query_fields import ATTRIBUTE_PREFIX, FieldName
from sightline_core.query_parser import may_be_grouped, parse_query
from sightline_core.query_tree import EVERYTHING, And, Node, Pattern, SpanPath, TextMatch, all_of
from sightline_semconv.sightline import REQUEST_KEY
from sightline_storage.search.needed_span import is_about_one_span

Scope = tuple[tuple[str, tuple[str, ...]], ...]
"""Dimensions of rollups in alphabetical order, each with its wanted values."""

ROLLUP_GROUPS: Final = ("app", "environment", "provider", "model", "operation")
"""What rollups can group by."""

FIELD_OF_GROUP: Final = {
    **{name: FieldName(name) for name in ROLLUP_GROUPS if name != "environment"},
    "environment": FieldName("env"),
    **{
        name: FieldName(name)
        for name in ("user", "session", "prompt", "prompt_version", "version", "service", "tool", "agent")
    },
    "key": FieldName(f"{ATTRIBUTE_PREFIX}{REQUEST_KEY}"),
}
"""What a rule can group by, and the field of the query language with its values."""

_DIMENSION_OF_FIELD: Final = {FIELD_OF_GROUP[name]: name for name in ROLLUP_GROUPS} | {
    FieldName("kind"): "kind"
}

parse_rule_query = lru_cache(maxsize=4096)(parse_query)
"""`parse_query`, remembered: rules are evaluated every few seconds."""


def rollup_scope(node: Node) -> Scope | None:
    """Return what the query restricts when rollups can answer it, else None."""
    found: dict[str, tuple[str, ...]] = {}
    for item in node.items if isinstance(node, And) else (node,):
        if not isinstance(item, TextMatch) or item.field not in _DIMENSION_OF_FIELD:
            return None
        dimension = _DIMENSION_OF_FIELD[item.field]
        if dimension in found or any(pattern.wildcard for pattern in item.patterns):
            return None
        found[dimension] = tuple(pattern.text for pattern in item.patterns)
    return tuple(sorted(found.items()))


def of_group(node: Node, group: dict[str, str]) -> Node:
    """Return the query for what a rule saw of one group, given by name of the group → value."""
    values = (TextMatch(FIELD_OF_GROUP[name], (Pattern(value),)) for name, value in group.items())
    return all_of(node, *values)


def traces_with(node: Node) -> Node:
    """Return the query for the traces that have a span which fits.

    Rules ask about spans. About traces, conditions side by side may be met by different spans, and costs and
    states are those of the whole trace.
    """
    if node == EVERYTHING or is_about_one_span(node):
        return node
    items = node.items if isinstance(node, And) else (node,)
    of_span = [item for item in items if may_be_grouped(item)]
    if not of_span:
        return node
    return all_of(SpanPath((all_of(*of_span),)), *(item for item in items if item not in of_span))
