"""Keeping `failure_hours` equal to the stored spans, in the way of the rollups (docs/adr/0001)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)

from sightline_core.nanoseconds import HOUR_NS, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import as_utc
from sightline_storage.engines.statements import run
from sightline_storage.rollups.rollup_queries import Bucket, SummedTable, in_buckets
from sightline_storage.rollups.rollup_refresh import in_statements, open_days, recompute
from sightline_storage.spans.span_filters import between
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import more_traces, weighted_count, weighted_money

FAILURE_HOURS: Final = Table(
    "failure_hours",
    MetaData(),
    Column("project", ch.String),
    Column("bucket", ch.DateTime("UTC")),
    Column("fingerprint", ch.String),
    Column("spans", ch.UInt64),
    Column("more_traces", ch.UInt64),
    Column("cost_usd", ch.Decimal(38, 12)),
    Column("apps", ch.Array(ch.String)),
    Column("app_versions", ch.Array(ch.String)),
    Column("first_start", ch.DateTime64(9, "UTC")),
    Column("last_start", ch.DateTime64(9, "UTC")),
    Column("version", ch.UInt64),
)

S = SPANS.c
H = FAILURE_HOURS.c
_KEYS = ("project", "bucket", "fingerprint")
SUMS: Final = (
    "spans", "more_traces", "cost_usd", "traces", "users", "sessions", "apps", "app_versions", "first_start",
    "last_start",
)  # fmt: skip
_HOURS_A_STATEMENT = 200


def failed_by_itself() -> ColumnElement[bool]:
    """Return the condition that a span failed, and not only because of a span below it."""
    return and_(S.failure_fingerprint != "", S.failure_propagated == 0)


class FailureHours:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def failing(self, time_range: TimeRange) -> list[Bucket]:
        """Return the hours (project, start) of any project in which something failed."""
        query = build_failing_hours(to_ns(time_range.start), to_ns(time_range.end))
        return [(str(row[0]), as_utc(row[1])) for row in run(self._engine, query)]

    def refresh(self, hours: Sequence[Bucket], now: datetime) -> None:
        """Recompute these hours (project, start) but for those of closed days; again, it changes nothing."""
        for some in in_statements(hours, _HOURS_A_STATEMENT):
            with open_days(self._engine, some) as summed:
                recompute(self._engine, SUMMED, summed, to_ns(now))


def hour_sums() -> list[ColumnElement[Any]]:
    """Return what is summed of the spans of an hour, in the order of `SUMS`; sampled ones weigh more."""
    return [
        weighted_count(true()).label("new_spans"),
        more_traces(true()).label("new_more_traces"),
        weighted_money(S.cost_usd, true()).label("new_cost_usd"),
        *_states(),
        func.groupUniqArrayIf(S.app, S.app != "").label("new_apps"),
        func.groupUniqArrayIf(S.app_version, S.app_version != "").label("new_app_versions"),
        func.min(S.start_time).label("new_first_start"),
        func.max(S.start_time).label("new_last_start"),
    ]


def _states() -> list[ColumnElement[Any]]:
    columns = (("trace_id", ""), ("user", "If"), ("session", "If"))
    return [
        literal_column(
            f"uniqCombined{suffix}State(17)(`spans`.`{name}`"
            + (f", `spans`.`{name}` != '')" if suffix else ")")
        ).label(f"new_{name}")
        for name, suffix in columns
    ]


def build_failure_hours(hours: Sequence[Bucket], version: int) -> Select[Any]:
    """What did each fingerprint hit in these hours? In the order of `_KEYS`, `SUMS` and the version."""
    hour = func.toStartOfHour(S.start_time)
    statement = (
        select(
            S.project,
            hour.label("by_hour"),
            S.failure_fingerprint,
            *hour_sums(),
            bindparam("version", version, ch.UInt64).label("new_version"),
        )
        .where(*in_buckets(SPANS, hour, hours), _days(hours), failed_by_itself())
        .group_by(S.project, literal_column("by_hour"), S.failure_fingerprint)
        .limit(bindparam("rows", 10_000_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_failing_hours(start_ns: int, end_ns: int) -> Select[Any]:
    """In which hours of which projects did something fail?"""
    hour = func.toStartOfHour(S.start_time).label("hour")
    return (
        select(S.project, hour)
        .where(between(start_ns, end_ns), failed_by_itself())
        .group_by(S.project, literal_column("hour"))
        .order_by(S.project, literal_column("hour"))
        .limit(bindparam("hours", 1_000_000, ch.UInt64))
    )


def _days(hours: Sequence[Bucket]) -> ColumnElement[bool]:
    """Bounds for the partitions and the primary index, which know no hours."""
    starts = [to_ns(start) for _, start in hours]
    return between(min(starts), max(starts) + HOUR_NS)


SUMMED: Final = SummedTable(FAILURE_HOURS, _KEYS, SUMS, build_failure_hours)
