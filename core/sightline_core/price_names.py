"""Whether a model has the name that an entry of the catalogue is for, or one that only looks like it.

Entries match names by how they begin, end or what they contain, so that a snapshot of next month has a price.
A sibling that is not listed yet (`…-fast`, `…-distill-70b`) matches as well, and costs something else.
"""

import re
from typing import TypeAlias

from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
)

Match: TypeAlias = (
    ClauseAnd | ClauseContains | ClauseEndsWith | ClauseEquals | ClauseOr | ClauseRegex | ClauseStartsWith
)

_AROUND = re.compile(r"(?:.*[./:@])?", re.DOTALL)
"""Before a model's name: a region, a publisher, a path."""

_SNAPSHOT = re.compile(
    r"[-@:.]?(?:\d{2,4}-\d{2}-\d{2}|\d{2}-\d{2,4}|\d{2,8}|v\d+(?:[.:]\d+)*k?|latest|preview|exp|default)"
    r"|:\d+k?|\[1m\]"
)
"""Behind it: when a snapshot was taken, its version, how much context it has."""

_OWN_NAMES = ("ft:", ".ft-")
"""Of models that a customer has tuned: what follows is the customer's own."""


def is_named(match: Match, model: str) -> bool:
    """Return whether an entry that matches a model is for exactly that one or a snapshot of it."""
    model = model.lower()
    match match:
        case ClauseOr():
            return any(is_named(clause, model) for clause in match.or_)
        case ClauseAnd():
            return all(is_named(clause, model) for clause in match.and_)
        case ClauseStartsWith(text):
            return match.is_match(model) and _is_around(model, 0, text)
        case ClauseContains(text):
            return match.is_match(model) and _is_around(model, model.index(text.lower()), text)
        case ClauseEndsWith(text):
            return match.is_match(model) and _is_around(model, len(model) - len(text), text)
    return match.is_match(model)


def _is_around(model: str, start: int, text: str) -> bool:
    end = start + len(text)
    if any(own in text.lower() for own in _OWN_NAMES):
        return True
    while found := _SNAPSHOT.match(model, end):
        end = found.end()
    return _AROUND.fullmatch(model, 0, start) is not None and model[end:] in ("", "-")
