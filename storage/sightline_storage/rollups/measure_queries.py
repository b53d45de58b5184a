"""The SQL of alert evaluation: many windows of many measures for all groups, in one pass over the rollups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.sql import limit_by
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.engines.sql import name_of, windows_with
from sightline_storage.rollups.rollup_table import ROLLUP_HOUR, ROLLUP_MINUTE, SKETCH, at_level
from sightline_storage.spans.key_text import key_column, key_text

TRACE_COLUMNS: Final = {"traces": "spans", "trace_errors": "errors"}
QUANTILE_COLUMNS: Final = {
    "duration_p50": ("duration", 0.5),
    "duration_p95": ("duration", 0.95),
    "duration_p99": ("duration", 0.99),
    "time_to_first_token_p95": ("time_to_first_token", 0.95),
}
"""Column → its sketch and its level."""

CALL_DIMENSIONS: Final = frozenset({"model", "provider", "operation"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What rules must have in common to be about the same groups.

    `only` are the groups that are wanted, each behind its project; () is all.
    """

    project: str
    group_by: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    only: tuple[tuple[str, ...], ...] = ()

    @property
    def kin(self) -> object:
        """What shapes have in common that one query can measure, whatever their projects are.

        Each is of one value of the same names, or they differ in nothing else.
        """
        names = tuple(name for name, _ in self.filters)
        is_single = all(len(values) == 1 for _, values in self.filters)
        return (self.group_by, names if is_single and set(self.group_by) <= set(names) else self.filters)

    @property
    def of_calls(self) -> bool:
        """Whether latency means that of model calls: traces have no model. Otherwise it is that of traces."""
        return not CALL_DIMENSIONS.isdisjoint({*self.group_by, *(name for name, _ in self.filters)})


class _MergeIf(FunctionElement[Any]):
    """`quantilesDDMergeIf(levels)(state, condition)`: SQLAlchemy has no aggregates with parameters."""

    inherit_cache = True
    name = "quantiles_merge_if"


@compiles(_MergeIf)
def _compile_merge_if(element: _MergeIf, compiler: Any, **options: Any) -> str:
    return f"{SKETCH.format(suffix='MergeIf')}({compiler.process(element.clauses, **options)})"


def build_measures(
    shape: Shape,
    projects: Sequence[str],
    windows: Sequence[TimeRange],
    columns: Sequence[str],
    *,
    hourly: bool,
    rows: int,
) -> Select[Any]:
    """What do these windows add up to, for each project and group? The largest first.

    Project, group values, number of the window from 1, spans, then `columns`; at most `rows` of a project.
    The shape's own project does not matter.
    """
    table = ROLLUP_HOUR if hourly else ROLLUP_MINUTE
    group_by = ("project", *shape.group_by)
    starts, ends = (
        bindparam(name, [int(moment.timestamp()) for moment in moments], ch.Array(ch.UInt32))
        for name, moments in (
            ("starts", [window.start for window in windows]),
            ("ends", [window.end for window in windows]),
        )
    )
    window = windows_with(func.toUnixTimestamp(table.c.bucket), starts, ends)
    statement = (
        select(
            *(table.c[name].label(f"by_{name}") for name in group_by),
            window.label("window_number"),
            func.sum(table.c.spans).label("all_spans"),
            *(_column(table, name, shape).label(f"sum_{name}") for name in columns),
        )
        .where(
            _is_of(table, projects),
            table.c.bucket >= bindparam("oldest", min(w.start for w in windows), ch.DateTime("UTC")),
            table.c.bucket < bindparam("newest", max(w.end for w in windows), ch.DateTime("UTC")),
            *(
                func.has(bindparam(f"only_{name}", list(values), ch.Array(ch.String)), table.c[name]) == 1
                for name, values in shape.filters
            ),
            *_only(table, shape),
        )
        .group_by(*(name_of(f"by_{name}") for name in group_by), name_of("window_number"))
        .order_by(name_of("all_spans").desc(), *(name_of(f"by_{name}") for name in group_by))
        .limit(bindparam("rows", rows * len(projects), ch.UInt64))
    )
    return limit_by(final(statement, table), [name_of("by_project")], rows)


def build_changed_minutes(
    versions: Mapping[ProjectId, int], oldest: datetime, newest: datetime
) -> Select[Any]:
    """Which minutes between `oldest` and `newest` were recomputed after the version of their project?

    Project, minute and its version, in order of time.
    """
    table = ROLLUP_MINUTE
    projects = bindparam("projects", list(versions), ch.Array(ch.String))
    known = bindparam("versions", list(versions.values()), ch.Array(ch.UInt64))
    return (
        select(table.c.project, table.c.bucket, func.max(table.c.version))
        .where(
            func.has(projects, table.c.project) == 1,
            table.c.bucket >= bindparam("oldest", oldest, ch.DateTime("UTC")),
            table.c.bucket < bindparam("newest", newest, ch.DateTime("UTC")),
            table.c.version > func.arrayElement(known, func.indexOf(projects, table.c.project)),
        )
        .group_by(table.c.project, table.c.bucket)
        .order_by(table.c.bucket)
        .limit(bindparam("minutes", 10_000 * len(versions), ch.UInt64))
    )


def _is_of(table: Table, projects: Sequence[str]) -> ColumnElement[bool]:
    if len(projects) == 1:
        return table.c.project == bindparam("project", projects[0])
    return func.has(bindparam("projects", list(projects), ch.Array(ch.String)), table.c.project) == 1


def _only(table: Table, shape: Shape) -> list[ColumnElement[bool]]:
    columns = [table.c[name] for name in ("project", *shape.group_by)]
    return [is_one_of_groups(columns, shape.only)] if shape.only else []


def is_one_of_groups(
    columns: Sequence[ColumnElement[Any]], groups: Sequence[tuple[str, ...]]
) -> ColumnElement[bool]:
    """Return the condition that the columns have the values of one of the groups."""
    wanted = bindparam("only_groups", [key_text(group) for group in groups], ch.Array(ch.String))
    is_one: ColumnElement[bool] = func.has(wanted, key_column(columns)) == 1
    return is_one


def _column(table: Table, name: str, shape: Shape) -> ColumnElement[Any]:
    if name in TRACE_COLUMNS:
        return func.sumIf(table.c[TRACE_COLUMNS[name]], table.c.is_root == 1)
    if name in QUANTILE_COLUMNS:
        sketch, level = QUANTILE_COLUMNS[name]
        kind = table.c.kind.in_(["llm", "embedding"]) if shape.of_calls else table.c.is_root == 1
        wanted = table.c.calls > 0 if name.startswith("time_to_first") else kind
        state = name_of(f"`{table.name}`.`{sketch}`")
        return at_level(_MergeIf(state, wanted), level)
    return func.sum(table.c[name])
