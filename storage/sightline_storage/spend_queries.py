"""The SQL of cost reports: what did each group use and cost in each calendar bucket?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select

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
    # The whole set of tags is one value: with one row a tag, groups would not add up to the total.
    "tags": func.arrayStringConcat(func.arraySort(SPANS.c.tags), ", "),
}
"""What only spans know; a report by one of these reads spans instead of rollups."""

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
        .where(
            table.c.project == bindparam("project", project),
            table.c.bucket >= bindparam("start", time_range.start, ch.DateTime("UTC")),
            table.c.bucket < bindparam("end", time_range.end, ch.DateTime("UTC")),
            *(one_of(table.c[name], name, values) for name, values in filters.items()),
        )
        .group_by(literal_column("cut"), *(literal_column(f"by_{name}") for name in dimensions))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, table)


def build_span_spend(
    project: str,
    time_range: TimeRange,
    dimensions: Sequence[str],
    bounds: Sequence[datetime],
    filters: Filters,
) -> Select[Any]:
    """The same from spans, for dimensions that rollups do not have."""
    start, end = nanos("start_ns", to_ns(time_range.start)), nanos("end_ns", to_ns(time_range.end))
    statement = (
        select(
            _bucket(SPANS.c.start_time, bounds),
            *(_span_dimension(name).label(f"by_{name}") for name in dimensions),
            *(SUMS[name].label(f"sum_{name}") for name in SPEND_SUMS),
        )
        .where(
            SPANS.c.project == bindparam("project", project),
            SPANS.c.start_time >= start,
            SPANS.c.start_time < end,
            *(one_of(_span_dimension(name), name, values) for name, values in filters.items()),
        )
        .group_by(literal_column("cut"), *(literal_column(f"by_{name}") for name in dimensions))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, SPANS)


def _bucket(time: ColumnElement[Any], bounds: Sequence[datetime]) -> ColumnElement[Any]:
    seconds = [int(bound.timestamp()) for bound in bounds]
    starts = bindparam("bounds", seconds, ch.Array(ch.UInt32))
    return func.roundDown(func.toUnixTimestamp(time), starts).label("cut")


def _span_dimension(name: str) -> ColumnElement[Any]:
    return SPAN_DIMENSIONS[name] if name in SPAN_DIMENSIONS else SPANS.c[name]


def one_of(column: ColumnElement[Any], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that the column has one of the values of this filter."""
    wanted = bindparam(f"only_{name}", list(values), ch.Array(ch.String))
    return func.has(wanted, column) == 1
