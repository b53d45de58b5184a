"""The typed tree of a query: what the parser makes, the printer shows and storage compiles.

Trees are in normal form: `And` and `Or` are never direct items of their own kind and `Or` has at least two
items; `And(())` is the query that matches everything; `Not` never holds another `Not`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sightline_core.query_fields import FieldName


@dataclass(frozen=True, slots=True)
class Pattern:
    """A value to compare with. In a wildcard pattern `*` stands for any text; there is no other magic."""

    text: str
    wildcard: bool = False


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The field has one of these values; `patterns` is not empty."""

    field: FieldName
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The field lies in the range; None is an open end. Durations are in nanoseconds, money in USD."""

    field: FieldName
    low: Decimal | None
    high: Decimal | None
    low_inclusive: bool = True
    high_inclusive: bool = True


@dataclass(frozen=True, slots=True)
class Has:
    """A fact of `query_fields.FACTS`, or an attribute that is present (`attr.tenant`)."""

    fact: str


@dataclass(frozen=True, slots=True)
class FullText:
    """The phrase occurs in what went in or came out, or in a name or message; case does not matter."""

    phrase: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `item`."""

    item: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """All of the items; everything when there are none."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the items."""

    items: tuple["Node", ...]


Relation = Literal[">", ">>"]


@dataclass(frozen=True, slots=True)
class SpanPath:
    """The trace has spans that match `conditions` one after the other.

    `relations[i]` stands between condition i and i + 1: `>` is a child, `>>` a descendant. A path of one
    condition asks for one span that matches all of it.
    """

    conditions: tuple["Node", ...]
    relations: tuple[Relation, ...] = ()


Node = TextMatch | NumberRange | Has | FullText | Not | And | Or | SpanPath

EVERYTHING = And(())


def all_of(*items: Node) -> Node:
    """Return the conjunction in normal form."""
    return _join(And, items)


def any_of(*items: Node) -> Node:
    """Return the disjunction in normal form; `items` is not empty."""
    return _join(Or, items)


def negate(item: Node) -> Node:
    """Return the opposite in normal form."""
    return item.item if isinstance(item, Not) else Not(item)


def _join(kind: type[And] | type[Or], items: tuple[Node, ...]) -> Node:
    flat: list[Node] = []
    for item in items:
        flat += item.items if isinstance(item, kind) else [item]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
