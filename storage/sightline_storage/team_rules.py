"""Which team pays for a call: rules in order, the first that fits decides. The team is a column like others.

Rules are patterns as in a shell: `*` for any text, `?` for one character; case matters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, true

from sightline_storage.span_table import SPANS

UNASSIGNED: Final = ""
"""The team of what no rule matches."""
SHARED: Final = "(shared)"
"""The team of what is split between teams; no team may have a name that begins with a bracket."""

TeamColumn = Literal["team", "cost_centre"]
TEAM_DIMENSIONS: Final[tuple[TeamColumn, ...]] = ("team", "cost_centre")


@dataclass(frozen=True, slots=True)
class TeamRule:
    """`app`, `environment` and `tag` are patterns; `tag` fits when one of the tags of a call does.

    `team` is `UNASSIGNED` for calls that stay without one, `SHARED` for those that are split.
    """

    app: str
    team: str
    environment: str = "*"
    tag: str = "*"
    cost_centre: str = ""


def need_tags(rules: Sequence[TeamRule]) -> bool:
    """Return whether a rule asks for tags, which only spans have."""
    return any(rule.tag != "*" for rule in rules)


def team_column(table: Table, rules: Sequence[TeamRule], column: TeamColumn) -> ColumnElement[Any]:
    """Return the team, or its cost centre, as an expression over spans or a rollup."""
    if not rules:
        return func.toString("")
    branches: list[ColumnElement[Any]] = []
    for number, rule in enumerate(rules):
        value = rule.team if column == "team" else rule.cost_centre
        branches += [_fits(table, number, rule), bindparam(f"{column}_{number}", value)]
    return func.multiIf(*branches, "")


def _fits(table: Table, number: int, rule: TeamRule) -> ColumnElement[Any]:
    conditions: list[ColumnElement[bool]] = [
        func.match(table.c[name], bindparam(f"{name}_{number}", _regex(pattern))) == 1
        for name, pattern in (("app", rule.app), ("environment", rule.environment))
        if pattern != "*"
    ]
    if rule.tag != "*":
        # A tag a line, so that one search looks at all of them.
        lines = func.arrayStringConcat(SPANS.c.tags, "\n")
        conditions.append(func.match(lines, bindparam(f"tag_{number}", f"(?m){_regex(rule.tag)}")) == 1)
    return and_(true(), *conditions) if conditions else func.toUInt8(1)


def fits_pattern(pattern: str, text: str) -> bool:
    """Return what the store would say."""
    return re.fullmatch(_regex(pattern)[1:-1], text) is not None


def _regex(pattern: str) -> str:
    translated = {"*": "[^\n]*", "?": "[^\n]"}
    return "^" + "".join(translated.get(letter, re.escape(letter)) for letter in pattern) + "$"
