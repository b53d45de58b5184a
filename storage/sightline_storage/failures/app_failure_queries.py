"""The SQL behind what clusters did to one app.

The hourly sums of a fingerprint are of all apps. If it hit this app alone they are its figures; else, as with
the rate limits of a provider, the spans are read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    func,
    literal_column,
    not_,
    select,
    union_all,
)

from sightline_core.nanoseconds import to_ns
from sightline_storage.engines.sql import name_of, nanos_of
from sightline_storage.failures.failure_conditions import (
    hours_between,
    members_of,
    named_cluster,
    of_app,
    one_of,
)
from sightline_storage.failures.failure_hours import FAILURE_HOURS, SUMS, H, S, hour_sums
from sightline_storage.failures.failure_queries import hours_of_clusters, summed_hours, summed_impact
from sightline_storage.spans.span_filters import between, of_project
from sightline_storage.spans.span_table import SPANS


def build_shared_fingerprints(project: str, first_hour: datetime, end: datetime, app: str) -> Select[Any]:
    """Which fingerprints hit the app and others within one of these hours?"""
    statement = (
        select(H.fingerprint)
        .where(*hours_between(project, first_hour, end), _hit(app), func.length(H.apps) > 1)
        .group_by(H.fingerprint)
        .order_by(H.fingerprint)
        .limit(bindparam("shared", 100_000, ch.UInt64))
    )
    return final(statement, FAILURE_HOURS)


def build_app_impact(
    project: str,
    first_hour: datetime,
    end: datetime,
    cluster_of: Mapping[str, str],
    app: str,
    shared: Sequence[str],
) -> Select[Any]:
    """What did each cluster do to the app in these hours? Columns as in `build_impact`.

    `shared` are the `build_shared_fingerprints` of these hours, or of more.
    """
    return summed_impact(_sums_of(project, first_hour, end, app, shared), cluster_of)


def build_app_hours(
    project: str,
    first_hour: datetime,
    end: datetime,
    cluster_of: Mapping[str, str],
    app: str,
    shared: Sequence[str],
) -> Select[Any]:
    """How often did each cluster hit the app in each hour, given as hours since the epoch?"""
    return hours_of_clusters(summed_hours(_sums_of(project, first_hour, end, app, shared), cluster_of))


def build_app_seen(
    project: str, first_hour: datetime, end: datetime, cluster_of: Mapping[str, str], app: str
) -> Select[Any]:
    """When did each cluster first and last hit the app? In hours with several apps, one of them."""
    statement = (
        select(
            named_cluster(H.fingerprint, cluster_of).label("cluster"),
            nanos_of(func.min(H.first_start)),
            nanos_of(func.max(H.last_start)),
        )
        .where(*hours_between(project, first_hour, end), _hit(app))
        .group_by(literal_column("cluster"))
        .order_by(literal_column("cluster"))
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )
    return final(statement, FAILURE_HOURS)


def _sums_of(project: str, first_hour: datetime, end: datetime, app: str, shared: Sequence[str]) -> Subquery:
    """Return the columns of `failure_hours` for one app."""
    alone = select(H.fingerprint, H.bucket, *(name_of(column) for column in SUMS)).where(
        *hours_between(project, first_hour, end), _hit(app), not_(one_of(H.fingerprint, "shared", shared))
    )
    of_spans = (
        select(
            S.failure_fingerprint.label("by_fingerprint"),
            func.toStartOfHour(S.start_time).label("by_hour"),
            *hour_sums(),
        )
        .where(
            of_project(project),
            between(to_ns(first_hour), to_ns(end)),
            members_of(shared),
            S.failure_propagated == 0,
            *of_app(app),
        )
        .group_by(literal_column("by_hour"), literal_column("by_fingerprint"))
    )
    parts = [final(alone, FAILURE_HOURS), *([final(of_spans, SPANS)] if shared else [])]
    return union_all(*parts).subquery("sums")


def _hit(app: str) -> ColumnElement[bool]:
    return func.has(H.apps, bindparam("app", app)) == 1
