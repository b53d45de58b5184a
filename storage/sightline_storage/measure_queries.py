"""The SQL of alert evaluation: many windows of many measures for all groups, in one pass over the rollups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from sightline_core.time_range import TimeRange
from sightline_storage.rollup_table import ROLLUP_HOUR, ROLLUP_MINUTE, SKETCH, SUMS
from sightline_storage.spend_queries import Filters

TRACE_COLUMNS: Final = {"traces": "spans", "trace_errors": "errors"}
QUANTILE_COLUMNS: Final = {
    "duration_p50": ("duration", 1),
    "duration_p95": ("duration", 3),
    "duration_p99": ("duration", 4),
    "time_to_first_token_p95": ("time_to_first_token", 3),
}
"""Column → its sketch, and its place in the answer (`rollup_table.QUANTILES`, counted from 1)."""

COLUMNS: Final = frozenset({*SUMS, *TRACE_COLUMNS, *QUANTILE_COLUMNS})
"""What can be measured over a window of rollups."""

CALL_DIMENSIONS: Final = frozenset({"model", "provider", "operation"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What rules must have in common to share one query."""

    project: str
    group_by: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def of_calls(self) -> bool:
        """Whether latency means that of model calls: traces have no model. Otherwise it is that of traces."""
        return not CALL_DIMENSIONS.isdisjoint({*self.group_by, *(name for name, _ in self.filters)})

    def filter_map(self) -> Filters:
        """Return the filters by dimension."""
        return dict(self.filters)


class _MergeIf(FunctionElement[Any]):
    """`quantilesDDMergeIf(levels)(state, condition)`: SQLAlchemy has no aggregates with parameters."""

    inherit_cache = True
    name = "quantiles_merge_if"


@compiles(_MergeIf)
def _compile_merge_if(element: _MergeIf, compiler: Any, **options: Any) -> str:
    return f"{SKETCH.format(suffix='MergeIf')}({compiler.process(element.clauses, **options)})"


def build_measures(
    shape: Shape, windows: Sequence[TimeRange], columns: Sequence[str], *, hourly: bool, groups: int
) -> Select[Any]:
    """What do these windows add up to, for each group? The largest groups first, at most `groups`.

    Group values, then for each window: the number of spans, and each of `columns`.
    """
    table = ROLLUP_HOUR if hourly else ROLLUP_MINUTE
    inside = [_inside(table, number, window) for number, window in enumerate(windows)]
    measured = [
        _column(table, name, condition, shape).label(f"w{number}_{name}")
        for number, condition in enumerate(inside)
        for name in ("spans", *columns)
    ]
    statement = (
        select(*(table.c[name].label(f"by_{name}") for name in shape.group_by), *measured)
        .where(
            table.c.project == bindparam("project", shape.project),
            or_(*inside),
            *(
                func.has(bindparam(f"only_{name}", list(values), ch.Array(ch.String)), table.c[name]) == 1
                for name, values in shape.filters
            ),
        )
        .group_by(*(literal_column(f"by_{name}") for name in shape.group_by))
        .order_by(func.sum(table.c.spans).desc(), *(literal_column(f"by_{name}") for name in shape.group_by))
        .limit(bindparam("groups", groups, ch.UInt64))
    )
    return final(statement, table)


def build_changed_minutes(project: str, version: int, oldest: datetime, newest: datetime) -> Select[Any]:
    """Which minutes between `oldest` and `newest` were recomputed after `version`? With their version."""
    table = ROLLUP_MINUTE
    return (
        select(table.c.bucket, func.max(table.c.version))
        .where(
            table.c.project == bindparam("project", project),
            table.c.bucket >= bindparam("oldest", oldest, ch.DateTime("UTC")),
            table.c.bucket < bindparam("newest", newest, ch.DateTime("UTC")),
            table.c.version > bindparam("version", version, ch.UInt64),
        )
        .group_by(table.c.bucket)
        .order_by(table.c.bucket)
        .limit(bindparam("minutes", 10_000, ch.UInt64))
    )


def _inside(table: Table, number: int, window: TimeRange) -> ColumnElement[bool]:
    return and_(
        table.c.bucket >= bindparam(f"from{number}", window.start, ch.DateTime("UTC")),
        table.c.bucket < bindparam(f"to{number}", window.end, ch.DateTime("UTC")),
    )


def _column(table: Table, name: str, inside: ColumnElement[bool], shape: Shape) -> ColumnElement[Any]:
    if name in TRACE_COLUMNS:
        return func.sumIf(table.c[TRACE_COLUMNS[name]], and_(inside, table.c.is_root == 1))
    if name in QUANTILE_COLUMNS:
        sketch, place = QUANTILE_COLUMNS[name]
        kind = table.c.kind.in_(["llm", "embedding"]) if shape.of_calls else table.c.is_root == 1
        wanted = table.c.calls > 0 if name.startswith("time_to_first") else kind
        state: ColumnElement[Any] = literal_column(f"`{table.name}`.`{sketch}`")
        merged: ColumnElement[Any] = func.arrayElement(_MergeIf(state, and_(inside, wanted)), place + 1)
        return merged
    return func.sumIf(table.c[name], inside)
