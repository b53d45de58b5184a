"""The SQL behind `FailureReader`: one pure builder for each question, time-bound and limited."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)

from sightline_core.nanoseconds import DAY_NS
from sightline_storage.engines.sql import nanos, nanos_of
from sightline_storage.failures.failure_conditions import (
    hours_between,
    members_of,
    named_cluster,
    of_app,
    one_of,
)
from sightline_storage.failures.failure_hours import FAILURE_HOURS, failed_by_itself
from sightline_storage.spans.span_filters import between, of_project
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import (
    ANY_SAMPLED,
    weighted_count,
    weighted_money,
    weighted_traces,
)

S = SPANS.c


def build_impact(
    project: str, start_ns: int, end_ns: int, cluster_of: Mapping[str, str], app: str | None = None
) -> Select[Any]:
    """What did each cluster hit? Spans, traces, users, sessions, cost, times, versions, apps, if sampled.

    Exact but for sampled traces, which count for those that they stand for; users and sessions cannot.
    """
    cluster = named_cluster(S.failure_fingerprint, cluster_of).label("cluster")
    statement = (
        select(
            cluster,
            weighted_count(true()).label("spans"),
            weighted_traces().label("traces"),
            func.uniqExactIf(S.user, S.user != ""),
            func.uniqExactIf(S.session, S.session != ""),
            weighted_money(S.cost_usd, true()),
            nanos_of(func.min(S.start_time)),
            nanos_of(func.max(S.start_time)),
            func.arraySort(func.groupUniqArrayIf(S.app_version, S.app_version != "")),
            func.arraySort(func.groupUniqArrayIf(S.app, S.app != "")),
            ANY_SAMPLED,
        )
        .where(of_project(project), between(start_ns, end_ns), failed_by_itself(), *of_app(app))
        .group_by(literal_column("cluster"))
        .order_by(literal_column("traces").desc(), literal_column("cluster"))
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_hourly_impact(
    project: str, first_hour: datetime, end: datetime, cluster_of: Mapping[str, str]
) -> Select[Any]:
    """The same over whole hours, from what was summed before; large numbers of traces are estimates."""
    statement = summed_impact(FAILURE_HOURS, cluster_of).where(*hours_between(project, first_hour, end))
    return final(statement, FAILURE_HOURS)


def summed_impact(sums: Table | Subquery, cluster_of: Mapping[str, str]) -> Select[Any]:
    """Return the statement that adds up sums by hour and fingerprint; columns as in `build_impact`."""
    cluster = named_cluster(sums.c.fingerprint, cluster_of).label("cluster")
    traces, users, sessions = (_merged(sums, name) for name in ("traces", "users", "sessions"))
    more_traces = func.sum(sums.c.more_traces)
    return (
        select(
            cluster,
            func.sum(sums.c.spans).label("all_spans"),
            (traces + more_traces).label("all_traces"),
            users,
            sessions,
            func.sum(sums.c.cost_usd),
            nanos_of(func.min(sums.c.first_start)),
            nanos_of(func.max(sums.c.last_start)),
            func.arraySort(func.groupUniqArrayArray(sums.c.app_versions)),
            func.arraySort(func.groupUniqArrayArray(sums.c.apps)),
            more_traces > 0,
        )
        .group_by(literal_column("cluster"))
        .order_by(literal_column("all_traces").desc(), literal_column("cluster"))
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )


def _merged(sums: Table | Subquery, name: str) -> ColumnElement[Any]:
    return literal_column(f"uniqCombinedMerge(17)(`{sums.name}`.`{name}`)")


def build_hours(
    project: str, first_hour: datetime, end: datetime, cluster_of: Mapping[str, str]
) -> Select[Any]:
    """How often did each cluster occur in each hour, given as hours since the epoch?"""
    by_hour = summed_hours(FAILURE_HOURS, cluster_of).where(*hours_between(project, first_hour, end))
    return hours_of_clusters(final(by_hour, FAILURE_HOURS))


def summed_hours(sums: Table | Subquery, cluster_of: Mapping[str, str]) -> Select[Any]:
    """Return the statement that counts spans by cluster and hour, from sums by hour and fingerprint."""
    cluster = named_cluster(sums.c.fingerprint, cluster_of).label("cluster")
    hour = func.intDiv(func.toUnixTimestamp(sums.c.bucket), 3600).label("hour")
    return (
        select(cluster, hour, func.sum(sums.c.spans).label("spans"))
        .group_by(literal_column("cluster"), literal_column("hour"))
        .limit(bindparam("rows", 10_000_000, ch.UInt64))
    )


def hours_of_clusters(by_hour: Select[Any]) -> Select[Any]:
    """Return a row for each cluster: its hours, and how often it occurred in each."""
    hours = by_hour.subquery("hours")
    return (
        select(hours.c.cluster, func.groupArray(hours.c.hour), func.groupArray(hours.c.spans))
        .group_by(hours.c.cluster)
        .order_by(hours.c.cluster)
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )


def build_timeline(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], bucket_s: int
) -> Select[Any]:
    """How often did these fingerprints occur in each bucket, given as seconds since the epoch?"""
    width = bindparam("bucket_s", bucket_s, ch.UInt32)
    bucket = (func.intDiv(func.toUnixTimestamp(S.start_time), width) * width).label("bucket")
    statement = (
        select(bucket, weighted_count(true()))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            members_of(fingerprints),
            S.failure_propagated == 0,
        )
        .group_by(literal_column("bucket"))
        .order_by(literal_column("bucket"))
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_versions(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], apps: Sequence[str], limit: int
) -> Select[Any]:
    """When did each version of these apps first run, and how often did these fingerprints occur in it?

    Times are looked for from a day before the range on; what is counted is in the range.
    """
    counted = S.start_time >= nanos("counted_from_ns", start_ns)
    inside = and_(counted, members_of(fingerprints), S.failure_propagated == 0)
    first = func.min(S.start_time).label("first")
    statement = (
        select(S.app, S.app_version, nanos_of(first), weighted_count(counted), weighted_count(inside))
        .where(
            of_project(project),
            between(start_ns - DAY_NS, end_ns),
            one_of(S.app, "apps", apps),
            S.app_version != "",
        )
        .group_by(S.app, S.app_version)
        .having(func.countIf(counted) > 0)
        .order_by(func.min(S.start_time).desc(), S.app, S.app_version)
        .limit(bindparam("limit", limit, ch.UInt64))
    )
    return final(statement, SPANS)


_EXAMPLE = (
    S.trace_id, S.span_id, nanos_of(S.start_time).label("start_ns"), S.name, S.kind, S.app, S.model,
    S.app_version, S.failure_fingerprint, S.failure_message, S.failure_reason, S.input_preview,
    S.output_preview,
)  # fmt: skip


def build_examples(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], each: int
) -> Select[Any]:
    """The newest spans of each fingerprint, newest first."""
    place = func.row_number().over(
        partition_by=S.failure_fingerprint, order_by=(S.start_time.desc(), S.span_id)
    )
    spans = (
        select(*_EXAMPLE, place.label("place"))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            members_of(fingerprints),
            S.failure_propagated == 0,
        )
        .limit(bindparam("spans", 1_000_000, ch.UInt64))
    )
    found = final(spans, SPANS).subquery("found")
    columns = [column for column in found.c if column.name != "place"]
    return (
        select(*columns)
        .where(found.c.place <= bindparam("each", each, ch.UInt32))
        .order_by(found.c.start_ns.desc(), found.c.span_id)
        .limit(bindparam("limit", 1_000, ch.UInt64))
    )


def build_healthy(project: str, start_ns: int, end_ns: int, app: str, name: str, kind: str) -> Select[Any]:
    """The newest span of the same app, name and kind that did not fail."""
    statement = (
        select(*_EXAMPLE)
        .where(
            of_project(project),
            between(start_ns, end_ns),
            S.app == bindparam("app", app),
            S.name == bindparam("name", name),
            S.kind == bindparam("kind", kind),
            S.failure_category == "",
        )
        .order_by(S.start_time.desc(), S.span_id)
        .limit(bindparam("limit", 1, ch.UInt64))
    )
    return final(statement, SPANS)
