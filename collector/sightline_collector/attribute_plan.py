"""Which column each attribute of a span fills, worked out once for each set of names.

Spans of one instrumentation carry the same few sets of names; looking up every name of every span took a
sixth of the time of decoding it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sightline_collector.columns import COLUMN_OF_ATTRIBUTE, FALLBACK_CONTENT
from sightline_semconv.dialects import Value

_PLANS = 1_000
_NAMES_SIZE = 8_192
MAX_NAME = 256
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class AttributePlan:
    """`content` and `columns` are (name, column, …); `others` have no column, or lose theirs to another name.

    Of names with one column the last counts, by the order of `COLUMN_OF_ATTRIBUTE`. Names over the limit are
    in none of them, and `has_dropped`: cut, two could become one.
    """

    content: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str, Callable[[Value], Any]], ...]
    others: tuple[str, ...]
    has_dropped: bool


_plans: dict[tuple[str, ...], AttributePlan] = {}


def plan_of(names: tuple[str, ...]) -> AttributePlan:
    """Return the plan for attributes of exactly these names."""
    plan = _plans.get(names)
    if plan is None:
        plan = make_plan(names)
        # Names come from strangers: what is remembered has a limit in number and size.
        if sum(map(len, names)) <= _NAMES_SIZE:
            if len(_plans) >= _PLANS:
                _plans.clear()
            _plans[names] = plan
    return plan


def make_plan(names: tuple[str, ...]) -> AttributePlan:
    """Return the plan without remembering it."""
    content: dict[str, str] = {}
    for name, column in FALLBACK_CONTENT:
        if name in names and column not in content.values():
            content[name] = column
    rest = [name for name in names if name not in content and len(name) <= MAX_NAME]
    known = set(rest)
    columns = [(name, *found) for name, found in COLUMN_OF_ATTRIBUTE.items() if name in known]
    winners = {column: name for name, column, _ in columns}.values()
    return AttributePlan(
        content=tuple(content.items()),
        columns=tuple(columns),
        others=tuple(name for name in rest if name not in winners),
        has_dropped=len(rest) + len(content) < len(names),
    )
