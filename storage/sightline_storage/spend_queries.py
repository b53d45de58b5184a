"""The SQL of cost reports: what did each group use and cost in each calendar bucket?

Spans have dimensions without a bound (users, sessions): there the groups that cost most are looked for first,
and all others become one group, so that an answer has as many rows as a report shows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, literal_column, or_, select

from sightline_core.time_range import TimeRange
from sightline_storage.rollup_table import ROLLUP_HOUR, ROLLUP_MINUTE, SUMS
from sightline_storage.span_table import SPANS
from sightline_storage.sql import nanos, to_ns

ROLLUP_DIMENSIONS: Final = ("app", "environment", "provider", "model", "kind", "operation")
SPAN_DIMENSIONS: Final[dict[str, ColumnElement[Any]]] = {
    "user": SPANS.c.user,
    "session": SPANS.c.session,
    "prompt_name": SPANS.c.prompt_name,
    "prompt_version": SPANS.c.prompt_version,
    "service_tier": SPANS.c.service_tier,
    # The whole set of tags as one value, so that groups add up to the total.
    "tags": func.arrayStringConcat(func.arraySort(SPANS.c.tags), ", "),
    # One row for each tag: what has two tags is in two groups.
    "tag": func.arrayJoin(func.if_(func.empty(SPANS.c.tags), func.array(""), SPANS.c.tags)),
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

MAX_ROWS: Final = 200_000

Filters = Mapping[str, Sequence[str]]
"""Dimension → the values that are wanted; dimensions that are left out are not restricted."""


def build_rollup_spend(
    project: str,
    time_range: TimeRange,
    dimensions: Sequence[str],
    bounds: Sequence[datetime],
    filters: Filters,
    *,
    hourly: bool,
) -> Select[Any]:
    """What do the rollups add up to, by bucket and dimensions? Bucket (seconds), dimensions, `SPEND_SUMS`.

    A bucket is named by the last of `bounds` that is not after it.
    """
    table = ROLLUP_HOUR if hourly else ROLLUP_MINUTE
    statement = (
        select(
            _bucket(table.c.bucket, bounds),
            *(table.c[name].label(f"by_{name}") for name in dimensions),
            *(func.sum(table.c[name]).label(f"sum_{name}") for name in SPEND_SUMS),
        )
        .where(*rollup_conditions(table, project, time_range, filters))
        .group_by(literal_column("cut"), *names(dimensions))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, table)


def build_span_spend(
    project: str,
    time_range: TimeRange,
    dimensions: Sequence[str],
    bounds: Sequence[datetime],
    filters: Filters,
    listed: Sequence[Key],
) -> Select[Any]:
    """The same from spans: bucket, whether the group is one of `listed`, dimensions, `SPEND_SUMS`.

    All other groups are one, with empty values.
    """
    statement = (
        select(
            _bucket(SPANS.c.start_time, bounds),
            *grouped(dimensions, listed),
            *(SUMS[name].label(f"sum_{name}") for name in SPEND_SUMS),
        )
        .where(*span_conditions(project, time_range, filters))
        .group_by(literal_column("cut"), literal_column("is_listed"), *names(dimensions))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, SPANS)


def build_costliest_groups(
    project: str, time_range: TimeRange, dimensions: Sequence[str], filters: Filters, limit: int
) -> Select[Any]:
    """Which groups of spans cost most? Number of all groups that used anything, then the dimensions."""
    statement = (
        select(
            func.count().over().label("groups"),
            *(func.toString(span_dimension(name)).label(f"by_{name}") for name in dimensions),
            *(SUMS[name].label(f"sum_{name}") for name in ("cost_usd", "calls", "cache_lookups")),
        )
        .where(*span_conditions(project, time_range, filters))
        .group_by(*names(dimensions))
        .having(or_(literal_column("sum_calls") > 0, literal_column("sum_cache_lookups") > 0))
        .order_by(
            literal_column("sum_cost_usd").desc(), literal_column("sum_calls").desc(), *names(dimensions)
        )
        .limit(bindparam("groups_wanted", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def rollup_conditions(
    table: Table, project: str, time_range: TimeRange, filters: Filters
) -> list[ColumnElement[bool]]:
    """Return the conditions of a question to a rollup."""
    return [
        table.c.project == bindparam("project", project),
        table.c.bucket >= bindparam("start", time_range.start, ch.DateTime("UTC")),
        table.c.bucket < bindparam("end", time_range.end, ch.DateTime("UTC")),
        *(one_of(table.c[name], name, values) for name, values in filters.items()),
    ]


def span_conditions(project: str, time_range: TimeRange, filters: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions of a question to spans."""
    return [*span_window(project, time_range), *span_filters(filters)]


def span_window(project: str, time_range: TimeRange) -> list[ColumnElement[bool]]:
    """Return the conditions that a span is of the project and starts in the range."""
    return [
        SPANS.c.project == bindparam("project", project),
        SPANS.c.start_time >= nanos("start_ns", to_ns(time_range.start)),
        SPANS.c.start_time < nanos("end_ns", to_ns(time_range.end)),
    ]


def span_filters(filters: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters alone."""
    return [_span_filter(name, values) for name, values in filters.items()]


def _span_filter(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    if name != "tag":
        return one_of(span_dimension(name), name, values)
    wanted = bindparam("only_tag", list(values), ch.Array(ch.String))
    tags = func.if_(func.empty(SPANS.c.tags), func.array(""), SPANS.c.tags)
    return func.hasAny(wanted, tags) == 1


def grouped(dimensions: Sequence[str], listed: Sequence[Key]) -> list[ColumnElement[Any]]:
    """Return `is_listed` and the dimensions of spans, which are empty where the group is not `listed`."""
    if not dimensions:
        return [func.toUInt8(1).label("is_listed")]
    keys = bindparam("listed", [list(key) for key in listed], ch.Array(ch.Array(ch.String)))
    values = [func.toString(span_dimension(name)) for name in dimensions]
    is_listed = func.has(keys, func.array(*values))
    return [
        is_listed.label("is_listed"),
        *(
            func.if_(is_listed, value, "").label(f"by_{name}")
            for name, value in zip(dimensions, values, strict=True)
        ),
    ]


def names(dimensions: Sequence[str]) -> list[ColumnElement[Any]]:
    """Return the labels of the dimensions, to group and sort by."""
    return [literal_column(f"by_{name}") for name in dimensions]


def span_dimension(name: str) -> ColumnElement[Any]:
    """Return the dimension as an expression over spans."""
    return SPAN_DIMENSIONS[name] if name in SPAN_DIMENSIONS else SPANS.c[name]


def one_of(column: ColumnElement[Any], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that the column has one of the values of this filter."""
    wanted = bindparam(f"only_{name}", list(values), ch.Array(ch.String))
    return func.has(wanted, column) == 1


def _bucket(time: ColumnElement[Any], bounds: Sequence[datetime]) -> ColumnElement[Any]:
    seconds = [int(bound.timestamp()) for bound in bounds]
    starts = bindparam("bounds", seconds, ch.Array(ch.UInt32))
    return func.roundDown(func.toUnixTimestamp(time), starts).label("cut")
