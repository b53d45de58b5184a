"""The SQL of cost reports: what did each group use and cost in each calendar bucket?

Spans have dimensions without a bound (users, sessions): there the groups that cost most are looked for first,
and all others become one group, so that an answer has as many rows as a report shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, literal_column, or_, select

from sightline_core.time_range import TimeRange
from sightline_storage.rollups.rollup_table import ROLLUP_HOUR, ROLLUP_MINUTE, SUMS
from sightline_storage.spans.key_text import key_column, key_text
from sightline_storage.spans.span_filters import in_range
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spend.team_rules import TEAM_DIMENSIONS, Payers

ROLLUP_DIMENSIONS: Final = ("app", "environment", "provider", "model", "kind", "operation")
# A call without tags is in the group "".
_TAGS: ColumnElement[Any] = func.if_(func.empty(SPANS.c.tags), func.array(""), SPANS.c.tags)

SPAN_DIMENSIONS: Final[dict[str, ColumnElement[Any]]] = {
    "user": SPANS.c.user,
    "session": SPANS.c.session,
    "prompt_name": SPANS.c.prompt_name,
    "prompt_version": SPANS.c.prompt_version,
    "service_tier": SPANS.c.service_tier,
    # The whole set of tags as one value, so that groups add up to the total.
    "tags": func.arrayStringConcat(func.arraySort(SPANS.c.tags), ", "),
    # One row for each tag: what has two tags is in two groups.
    "tag": func.arrayJoin(_TAGS),
}
"""What only spans know; a report by one of these reads spans instead of rollups."""

OVERLAPPING: Final = frozenset({"tag"})
"""Dimensions whose groups share spans, and so add up to more than the total."""

Key = tuple[str, ...]

SPEND_SUMS: Final = (
    "calls",
    "priced_calls",
    "estimated_calls",
    "unpriced_calls",
    "failed_calls",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "unpriced_tokens",
    "cache_lookups",
    "cache_hits",
    "cost_usd",
    "estimated_cost_usd",
    "cost_input_usd",
    "cost_cached_usd",
    "cost_output_usd",
    "cache_saved_usd",
    "failed_cost_usd",
)

# Of groups that are only steps, tools, or calls refused before any token, a report of costs says nothing.
_USED_ANYTHING: Final = or_(literal_column("sum_calls") > 0, literal_column("sum_cache_lookups") > 0)

MAX_ROWS: Final = 200_000

Filters = Mapping[str, Sequence[str]]
"""Dimension → the values that are wanted; dimensions that are left out are not restricted."""


@dataclass(frozen=True, slots=True)
class SpendQuestion:
    """What is asked of spans or rollups. `payers` say what `team` and `cost_centre` mean."""

    project: str
    time_range: TimeRange
    dimensions: tuple[str, ...]
    filters: Filters
    payers: Payers = field(default_factory=Payers)

    @property
    def needs_spans(self) -> bool:
        """Whether rollups lack something that is asked for."""
        names = {*self.dimensions, *self.filters}
        return self.payers.tags is not None or not names.isdisjoint(SPAN_DIMENSIONS)

    def column(self, table: Table, name: str) -> ColumnElement[Any]:
        """Return the dimension as an expression over spans or a rollup."""
        if name in TEAM_DIMENSIONS:
            return self.payers.column(table, name)
        return SPAN_DIMENSIONS[name] if name in SPAN_DIMENSIONS else table.c[name]


def build_rollup_spend(question: SpendQuestion, bounds: Sequence[datetime], *, hourly: bool) -> Select[Any]:
    """What do the rollups add up to, by bucket and dimensions? Bucket (seconds), dimensions, `SPEND_SUMS`.

    A bucket is named by the last of `bounds` that is not after it.
    """
    table = ROLLUP_HOUR if hourly else ROLLUP_MINUTE
    statement = (
        select(
            _bucket(table.c.bucket, bounds),
            *labelled(question, table),
            *(func.sum(table.c[name]).label(f"sum_{name}") for name in SPEND_SUMS),
        )
        .where(*rollup_conditions(question, table))
        .group_by(literal_column("cut"), *labels(question))
        .having(_USED_ANYTHING)
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, table)


def build_span_spend(
    question: SpendQuestion, bounds: Sequence[datetime], listed: Sequence[Key]
) -> Select[Any]:
    """The same from spans: bucket, place in `listed` from 1 (0: all other groups as one), `SPEND_SUMS`."""
    statement = (
        select(
            _bucket(SPANS.c.start_time, bounds),
            place_of(question, listed).label("place"),
            *(SUMS[name].label(f"sum_{name}") for name in SPEND_SUMS),
        )
        .where(*span_conditions(question))
        .group_by(literal_column("cut"), literal_column("place"))
        .having(_USED_ANYTHING)
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, SPANS)


def build_first_hour(project: str) -> Select[Any]:
    """When does the first hour with spans begin? Seconds since 1970, 0 when there are none."""
    hours = ROLLUP_HOUR.c
    return (
        select(func.toUnixTimestamp(func.min(hours.bucket)))
        .where(hours.project == bindparam("project", project), hours.is_deleted == 0)
        .limit(bindparam("rows", 1, ch.UInt64))
    )


def build_any_sampled(question: SpendQuestion) -> Select[Any]:
    """Is there a span that stands for others? The weight of one will do."""
    weight = SPANS.c.sample_weight
    return select(weight).where(*span_conditions(question), weight > 1).limit(bindparam("rows", 1, ch.UInt64))


def build_costliest_groups(question: SpendQuestion, limit: int) -> Select[Any]:
    """Which groups of spans cost most? Number of all groups that used anything, then the dimensions."""
    statement = (
        select(
            func.count().over().label("groups"),
            *labelled(question, SPANS),
            *(SUMS[name].label(f"sum_{name}") for name in ("cost_usd", "calls", "cache_lookups")),
        )
        .where(*span_conditions(question))
        .group_by(*labels(question))
        .having(_USED_ANYTHING)
        .order_by(
            literal_column("sum_cost_usd").desc(), literal_column("sum_calls").desc(), *labels(question)
        )
        .limit(bindparam("groups_wanted", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def rollup_conditions(question: SpendQuestion, table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions of a question to a rollup."""
    return [
        table.c.project == bindparam("project", question.project),
        table.c.bucket >= bindparam("start", question.time_range.start, ch.DateTime("UTC")),
        table.c.bucket < bindparam("end", question.time_range.end, ch.DateTime("UTC")),
        *_filters(question, table),
    ]


def span_conditions(question: SpendQuestion) -> list[ColumnElement[bool]]:
    """Return the conditions of a question to spans."""
    return [*span_window(question), *_filters(question, SPANS)]


def span_window(question: SpendQuestion) -> list[ColumnElement[bool]]:
    """Return the conditions that a span is of the project and starts in the range, without the filters."""
    return in_range(question.project, question.time_range)


def span_filters(question: SpendQuestion) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters alone."""
    return _filters(question, SPANS)


def _filters(question: SpendQuestion, table: Table) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, values in question.filters.items():
        wanted = bindparam(f"only_{name}", list(values), ch.Array(ch.String))
        if name == "tag":
            conditions.append(func.hasAny(wanted, _TAGS) == 1)
        else:
            conditions.append(func.has(wanted, question.column(table, name)) == 1)
    return conditions


def place_of(question: SpendQuestion, listed: Sequence[Key]) -> ColumnElement[Any]:
    """Return the place of a span's group in `listed`, from 1, and 0 for all other groups.

    A place instead of the values: it is looked up in a hash table, and costs nothing to group by.
    """
    if not question.dimensions:
        return func.toInt32(1)
    values = [func.toString(question.column(SPANS, name)) for name in question.dimensions]
    texts = bindparam("listed", [key_text(key) for key in listed], ch.Array(ch.String))
    places = bindparam("places", list(range(1, len(listed) + 1)), ch.Array(ch.Int32))
    return func.transform(key_column(values), texts, places, func.toInt32(0))


def labelled(question: SpendQuestion, table: Table) -> list[ColumnElement[Any]]:
    """Return the dimensions with their labels."""
    return [func.toString(question.column(table, name)).label(f"by_{name}") for name in question.dimensions]


def labels(question: SpendQuestion) -> list[ColumnElement[Any]]:
    """Return the labels of the dimensions, to group and sort by."""
    return [literal_column(f"by_{name}") for name in question.dimensions]


def _bucket(time: ColumnElement[Any], bounds: Sequence[datetime]) -> ColumnElement[Any]:
    seconds = [int(bound.timestamp()) for bound in bounds]
    starts = bindparam("bounds", seconds, ch.Array(ch.UInt32))
    return func.roundDown(func.toUnixTimestamp(time), starts).label("cut")
