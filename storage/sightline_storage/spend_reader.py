"""Reading what was used and cost, for reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.engine import Engine
from sightline_storage.spend_queries import (
    MAX_ROWS,
    ROLLUP_DIMENSIONS,
    SPAN_DIMENSIONS,
    SPEND_SUMS,
    Filters,
    build_rollup_spend,
    build_span_spend,
)
from sightline_storage.spend_savings import SAVING_SUMS, build_savings
from sightline_storage.sql import compile_query

DIMENSIONS = (*ROLLUP_DIMENSIONS, *SPAN_DIMENSIONS)
"""Everything that a report can group and filter by."""


@dataclass(frozen=True, slots=True)
class SpendSums:
    """One group in one bucket: start of the bucket in UTC, values of the dimensions, `SPEND_SUMS` by name.

    Sums that end in `_usd` are `Decimal`, the others whole numbers.
    """

    bucket: datetime
    key: tuple[str, ...]
    sums: dict[str, Any]


class SpendReader:
    """Thread-safe, as the engine is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read_spend(
        self,
        project: ProjectId,
        time_range: TimeRange,
        dimensions: Sequence[str],
        bounds: Sequence[datetime],
        filters: Filters,
    ) -> list[SpendSums]:
        """Return the sums of the range by dimensions and bucket; empty buckets and groups have no row.

        `bounds` are the ascending starts of the buckets; the first may lie before the range, and is then
        named as it is. Rollups answer where they can, hourly ones when all bounds are full hours. Raises
        `CallerError` for an unknown dimension, and when the answer would have too many rows.
        """
        for name in (*dimensions, *filters):
            if name not in DIMENSIONS:
                raise CallerError(f"costs can be asked by {', '.join(DIMENSIONS)}, not by {name[:60]!r}")
        if any(name in SPAN_DIMENSIONS for name in (*dimensions, *filters)):
            statement = build_span_spend(project, time_range, dimensions, bounds, filters)
        else:
            edges = (*bounds, time_range.start, time_range.end)
            hourly = all(edge.minute == edge.second == edge.microsecond == 0 for edge in edges)
            statement = build_rollup_spend(project, time_range, dimensions, bounds, filters, hourly=hourly)
        query = compile_query(statement)
        rows = self._engine.query(query.sql, query.params)
        if len(rows) > MAX_ROWS:
            raise CallerError("the report has too many groups; choose fewer dimensions or a shorter range")
        return [_sums(row, len(dimensions)) for row in rows]

    def read_savings(
        self, project: ProjectId, time_range: TimeRange, filters: Filters
    ) -> list[tuple[tuple[str, str, str], dict[str, Any]]]:
        """Return ((provider, model, service tier), `SAVING_SUMS` by name) for each, in no order.

        Reads spans. Filters are of `ROLLUP_DIMENSIONS`. Raises `CallerError` when there are too many rows.
        """
        query = compile_query(build_savings(project, time_range, filters))
        rows = self._engine.query(query.sql, query.params)
        if len(rows) > MAX_ROWS:
            raise CallerError("there are too many models; choose a shorter range")
        return [
            (
                (str(provider), str(model), str(tier)),
                {
                    name: Decimal(value) if name.endswith("_usd") else int(value)
                    for name, value in zip(SAVING_SUMS, values, strict=True)
                },
            )
            for provider, model, tier, *values in rows
        ]


def _sums(row: tuple[Any, ...], dimensions: int) -> SpendSums:
    values = dict(zip(SPEND_SUMS, row[1 + dimensions :], strict=True))
    return SpendSums(
        bucket=datetime.fromtimestamp(int(row[0]), UTC),
        key=tuple(str(value) for value in row[1 : 1 + dimensions]),
        sums={
            name: Decimal(value) if name.endswith("_usd") else int(value) for name, value in values.items()
        },
    )
