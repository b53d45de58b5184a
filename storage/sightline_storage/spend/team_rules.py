"""Which team pays for a call: rules in order, the first that fits decides. The team is a column like others.

Rules are patterns as in a shell: `*` for any text, `?` for one character; case matters. They are matched here
and not in the store: what calls there were is read first, and the team of each is looked up by the statement.
Two hundred rules cost no more than one so, and there is one meaning of a pattern.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from typing import Any, Final, Literal

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, literal_column, select

from sightline_core.time_range import TimeRange
from sightline_storage.rollups.rollup_table import ROLLUP_HOUR
from sightline_storage.spans.key_text import key_column, key_text
from sightline_storage.spans.span_filters import in_range
from sightline_storage.spans.span_table import SPANS

UNASSIGNED: Final = ""
"""The team of what no rule matches."""
SHARED: Final = "(shared)"
"""The team of what is split between teams; no team may have a name that begins with a bracket."""

TeamColumn = Literal["team", "cost_centre"]
TEAM_DIMENSIONS: Final[tuple[TeamColumn, ...]] = ("team", "cost_centre")
MAX_PAYERS: Final = 2_000
MAX_TAGS: Final = 20_000


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

    def fits(self, app: str, environment: str, tags: Sequence[str]) -> bool:
        """Return whether the rule decides about such calls."""
        return (
            fits_pattern(self.app, app)
            and fits_pattern(self.environment, environment)
            and (self.tag == "*" or any(fits_pattern(self.tag, tag) for tag in tags))
        )


@dataclass(frozen=True, slots=True)
class Payers:
    """Which rule decides about each kind of call that there was; calls that no rule fits are not listed.

    A kind of call is its app, its environment and, where rules ask for tags, those of its tags that are among
    `tags`, as one text (`key_text`), by which the statement looks the rule up. `tags` is None where no rule
    asks for any: then rollups, which know no tags, can answer.
    """

    rules: Mapping[str, TeamRule] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None

    def column(self, table: Table, name: TeamColumn) -> ColumnElement[Any]:
        """Return the team, or its cost centre, as an expression over spans or a rollup."""
        kinds = bindparam("payers", list(self.rules), ch.Array(ch.String))
        names = [rule.team if name == "team" else rule.cost_centre for rule in self.rules.values()]
        found = bindparam(f"payers_{name}", names, ch.Array(ch.String))
        return func.transform(key_column(_kind(table, self.tags)), kinds, found, literal_column("''"))


def need_tags(rules: Sequence[TeamRule]) -> bool:
    """Return whether a rule asks for tags, which only spans have."""
    return any(rule.tag != "*" for rule in rules)


def find_payers(
    kinds: Sequence[tuple[str, str, Sequence[str]]],
    rules: Sequence[TeamRule],
    tags: tuple[str, ...] | None,
) -> Payers:
    """Return the payers of calls by (app, environment, tags)."""
    found: dict[str, TeamRule] = {}
    for app, environment, own_tags in kinds:
        rule = next((rule for rule in rules if rule.fits(app, environment, own_tags)), None)
        if rule is not None:
            key = (app, environment) if tags is None else (app, environment, _tag_text(own_tags))
            found[key_text(key)] = rule
    return Payers(found, tags)


def build_tags(project: str, time_range: TimeRange) -> Select[Any]:
    """Which tags do spans of the range have?"""
    return (
        select(func.arrayJoin(SPANS.c.tags).label("tag"))
        .where(*in_range(project, time_range))
        .group_by(literal_column("tag"))
        .limit(bindparam("rows", MAX_TAGS, ch.UInt64))
    )


def build_kinds(project: str, time_range: TimeRange, tags: tuple[str, ...] | None) -> Select[Any]:
    """Which apps and environments were there, and with which of the tags? App, environment, tags."""
    rows = bindparam("rows", MAX_PAYERS + 1, ch.UInt64)
    if tags is None:
        hours = ROLLUP_HOUR.c
        statement = select(hours.app, hours.environment, func.emptyArrayString().label("own_tags")).where(
            hours.project == bindparam("project", project),
            hours.bucket >= func.toStartOfHour(bindparam("start", time_range.start, ch.DateTime("UTC"))),
            hours.bucket < bindparam("end", time_range.end, ch.DateTime("UTC")),
        )
        return final(statement.group_by(hours.app, hours.environment).limit(rows), ROLLUP_HOUR)
    own = _own_tags(tags).label("own_tags")
    return (
        select(SPANS.c.app, SPANS.c.environment, own)
        .where(*in_range(project, time_range))
        .group_by(SPANS.c.app, SPANS.c.environment, literal_column("own_tags"))
        .limit(rows)
    )


def _kind(table: Table, tags: tuple[str, ...] | None) -> list[ColumnElement[Any]]:
    columns: list[ColumnElement[Any]] = [func.toString(table.c.app), func.toString(table.c.environment)]
    if tags is not None:
        columns.append(func.arrayStringConcat(_own_tags(tags), literal_column("'\\n'")))
    return columns


def _own_tags(tags: tuple[str, ...]) -> ColumnElement[Any]:
    asked = bindparam("payer_tags", list(tags), ch.Array(ch.String))
    return func.arraySort(func.arrayIntersect(SPANS.c.tags, asked))


def _tag_text(tags: Sequence[str]) -> str:
    return "\n".join(tags)


def fits_pattern(pattern: str, text: str) -> bool:
    """Return whether the pattern fits the whole text."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # `fnmatch` finds each part once, where ".*" would try all places of all parts: for minutes in long texts.
    return re.compile(translate(pattern.replace("[", "[[]")))
