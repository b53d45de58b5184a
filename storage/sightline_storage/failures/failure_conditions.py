"""Conditions on fingerprints, clusters and hours that several questions about failures share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, bindparam, func

from sightline_storage.failures.failure_hours import H
from sightline_storage.spans.span_filters import is_app
from sightline_storage.spans.span_table import SPANS

S = SPANS.c


def named_cluster(fingerprint: ColumnElement[Any], cluster_of: Mapping[str, str]) -> ColumnElement[Any]:
    """Return the cluster of a fingerprint; "" when it has none."""
    fingerprints = bindparam("fingerprints", list(cluster_of), ch.Array(ch.String))
    clusters = bindparam("clusters", list(cluster_of.values()), ch.Array(ch.String))
    return func.transform(fingerprint, fingerprints, clusters, "")


def members_of(fingerprints: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a span has one of these fingerprints."""
    return one_of(S.failure_fingerprint, "members", fingerprints)


def one_of(column: ColumnElement[Any], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values; compares the words of a dictionary only."""
    return column.op("IN", is_comparison=True)(bindparam(name, list(values), ch.Array(ch.String)))


def of_app(app: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions that a span is of an app; none without one."""
    return [] if app is None else [is_app(app)]


def hours_between(project: str, first_hour: datetime, end: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that a sum is of the project and these hours."""
    return [
        H.project == bindparam("project", project),
        H.bucket >= bindparam("first_hour", first_hour, ch.DateTime("UTC")),
        H.bucket < bindparam("end", end, ch.DateTime("UTC")),
    ]
