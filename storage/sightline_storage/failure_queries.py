"""The SQL behind `FailureReader`: one pure builder for each question, time-bound and limited."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select

from sightline_storage.rollup_queries import MARKS, Bucket, in_buckets
from sightline_storage.span_table import RECORD_KEYS, SPANS
from sightline_storage.sql import nanos_of
from sightline_storage.trace_queries import between, of_traces, read_key, span_filters

S = SPANS.c

SCOPE = func.if_(S.tool_name != "", S.tool_name, S.provider)
"""What a failure is counted under besides its category; the same as `failures.detection.scope_of`."""

CONTRAST: Final = (
    "app", "environment", "app_version", "model", "provider", "prompt_name", "prompt_version", "tool_name",
    "agent_name", "service_tier", "system_fingerprint", "name", "user",
)  # fmt: skip
"""Columns whose values may set a cluster apart."""

_ROOTS = and_(S.failure_fingerprint != "", S.failure_propagated == 0)
MAX_NEW = 100_000
_AROUND: Final = timedelta(minutes=15)


def build_written(since_s: int, limit: int) -> Select[Any]:
    """Which minutes were written since a second of the store's clock, when last, and how often?"""
    since = func.toDateTime(bindparam("since_s", since_s, ch.UInt32))
    return (
        select(
            MARKS.c.project,
            MARKS.c.bucket,
            func.toUnixTimestamp(func.max(MARKS.c.marked_at)),
            func.uniqExact(MARKS.c.token),
        )
        .where(MARKS.c.marked_at >= since)
        .group_by(MARKS.c.project, MARKS.c.bucket)
        .order_by(func.max(MARKS.c.marked_at), MARKS.c.project, MARKS.c.bucket)
        .limit(bindparam("minutes", limit, ch.UInt64))
    )


def written_in(start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None) -> list[ColumnElement[bool]]:
    """Return the conditions that spans start in a range and, unless it is `None`, in one of the minutes."""
    conditions = [between(start_ns, end_ns)]
    if minutes is not None:
        conditions += in_buckets(SPANS, func.toStartOfMinute(S.start_time), minutes)
    return conditions


def build_new_failures(start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None) -> Select[Any]:
    """Which fingerprints are there, in any project, by app version? With a message, times and how many."""
    statement = (
        select(
            S.project,
            S.failure_fingerprint,
            func.any(S.failure_category),
            func.any(SCOPE),
            func.any(S.failure_message),
            nanos_of(func.min(S.start_time)),
            nanos_of(func.max(S.start_time)),
            S.app,
            S.app_version,
        )
        .where(*written_in(start_ns, end_ns, minutes), _ROOTS)
        .group_by(S.project, S.failure_fingerprint, S.app, S.app_version)
        .order_by(S.project, func.min(S.start_time), S.failure_fingerprint, S.app, S.app_version)
        .limit(bindparam("fingerprints", MAX_NEW, ch.UInt64))
    )
    return final(statement, SPANS)


def build_first_run(project: str, start_ns: int, end_ns: int, app: str, version: str) -> Select[Any]:
    """When did a version of an app run first? 0 when it did not."""
    first = func.if_(func.count() > 0, nanos_of(func.min(S.start_time)), 0)
    return (
        select(first)
        .where(
            *span_filters(project),
            between(start_ns, end_ns),
            S.app == bindparam("app", app),
            S.app_version == bindparam("version", version),
        )
        .limit(1)
    )


def build_failing_traces(
    start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None, traces: int
) -> Select[Any]:
    """Which traces have several failing spans, at least one of them written just now? Project, id and time.

    The other spans are looked for a quarter of an hour around the minutes.
    """
    failing = S.failure_fingerprint != ""
    written = select(S.trace_id).where(*written_in(start_ns, end_ns, minutes), failing)
    around = [between(start_ns, end_ns)]
    if minutes:
        starts = [start for _, start in minutes]
        around.append(S.start_time >= bindparam("around_start", min(starts) - _AROUND, ch.DateTime("UTC")))
        around.append(S.start_time < bindparam("around_end", max(starts) + _AROUND, ch.DateTime("UTC")))
    return (
        select(S.project, S.trace_id, nanos_of(func.min(S.start_time)), nanos_of(func.max(S.start_time)))
        .where(*around, failing, S.trace_id.in_(written.scalar_subquery()))
        .group_by(S.project, S.trace_id)
        .having(func.uniqExact(S.span_id) > 1)
        .order_by(S.project, S.trace_id)
        .limit(bindparam("traces", traces, ch.UInt64))
    )


def build_trace_failures(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """Every span of these traces with its parent and its failure."""
    statement = (
        select(
            S.trace_id,
            S.span_id,
            S.parent_span_id,
            nanos_of(S.start_time),
            S.error_type,
            S.failure_category,
            S.failure_fingerprint,
            S.failure_message,
            S.failure_propagated,
        )
        .where(*span_filters(project), between(start_ns, end_ns), of_traces(S.trace_id, trace_ids))
        .order_by(S.trace_id, S.start_time, S.span_id)
        .limit(bindparam("spans", 500_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_records(
    project: str, trace_ids: Sequence[str], span_ids: Sequence[str], start_ns: int, end_ns: int
) -> Select[Any]:
    """These spans with every column."""
    ids = bindparam("span_ids", list(span_ids), ch.Array(ch.String))
    statement = (
        select(*(read_key(key) for key in RECORD_KEYS))
        .where(
            *span_filters(project),
            between(start_ns, end_ns),
            of_traces(S.trace_id, trace_ids),
            func.has(ids, S.span_id) == 1,
        )
        .order_by(S.trace_id, S.span_id)
        .limit(bindparam("spans", 100_000, ch.UInt64))
    )
    return final(statement, SPANS)


def _cluster_of(cluster_of: Mapping[str, str]) -> ColumnElement[Any]:
    fingerprints = bindparam("fingerprints", list(cluster_of), ch.Array(ch.String))
    clusters = bindparam("clusters", list(cluster_of.values()), ch.Array(ch.String))
    return func.transform(S.failure_fingerprint, fingerprints, clusters, "")


def _members(fingerprints: Sequence[str]) -> ColumnElement[bool]:
    wanted = bindparam("members", list(fingerprints), ch.Array(ch.String))
    return func.has(wanted, S.failure_fingerprint) == 1


def build_impact(project: str, start_ns: int, end_ns: int, cluster_of: Mapping[str, str]) -> Select[Any]:
    """What did each cluster hit? Spans, traces, users, sessions, cost, versions, first and last time."""
    cluster = _cluster_of(cluster_of).label("cluster")
    statement = (
        select(
            cluster,
            func.count().label("spans"),
            func.uniqExact(S.trace_id).label("traces"),
            func.uniqExactIf(S.user, S.user != ""),
            func.uniqExactIf(S.session, S.session != ""),
            func.sum(S.cost_usd),
            nanos_of(func.min(S.start_time)),
            nanos_of(func.max(S.start_time)),
            func.arraySort(func.groupUniqArrayIf(S.app_version, S.app_version != "")),
            func.arraySort(func.groupUniqArrayIf(S.app, S.app != "")),
        )
        .where(*span_filters(project), between(start_ns, end_ns), _ROOTS)
        .group_by(literal_column("cluster"))
        .order_by(literal_column("traces").desc(), literal_column("cluster"))
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_hours(project: str, start_ns: int, end_ns: int, cluster_of: Mapping[str, str]) -> Select[Any]:
    """How often did each cluster occur in each hour?"""
    hour = func.toStartOfHour(S.start_time).label("hour")
    statement = (
        select(_cluster_of(cluster_of).label("cluster"), hour, func.count())
        .where(*span_filters(project), between(start_ns, end_ns), _ROOTS)
        .group_by(literal_column("cluster"), literal_column("hour"))
        .order_by(literal_column("cluster"), literal_column("hour"))
        .limit(bindparam("limit", 1_000_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_timeline(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], bucket_s: int
) -> Select[Any]:
    """How often did these fingerprints occur in each bucket, given as seconds since the epoch?"""
    width = bindparam("bucket_s", bucket_s, ch.UInt32)
    bucket = (func.intDiv(func.toUnixTimestamp(S.start_time), width) * width).label("bucket")
    statement = (
        select(bucket, func.count())
        .where(
            *span_filters(project),
            between(start_ns, end_ns),
            _members(fingerprints),
            S.failure_propagated == 0,
        )
        .group_by(literal_column("bucket"))
        .order_by(literal_column("bucket"))
        .limit(bindparam("limit", 10_000, ch.UInt64))
    )
    return final(statement, SPANS)


def build_versions(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], apps: Sequence[str]
) -> Select[Any]:
    """When did each version of these apps first run, and how often did these fingerprints occur in it?"""
    inside = and_(_members(fingerprints), S.failure_propagated == 0)
    first = func.min(S.start_time).label("first")
    statement = (
        select(S.app, S.app_version, nanos_of(first), func.count(), func.countIf(inside))
        .where(
            *span_filters(project),
            between(start_ns, end_ns),
            func.has(bindparam("apps", list(apps), ch.Array(ch.String)), S.app) == 1,
            S.app_version != "",
        )
        .group_by(S.app, S.app_version)
        .order_by(func.min(S.start_time).desc(), S.app, S.app_version)
        .limit(bindparam("limit", 200, ch.UInt64))
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
    """The newest spans of each fingerprint, from as many as there are."""
    statement = (
        select(*_EXAMPLE)
        .where(
            *span_filters(project),
            between(start_ns, end_ns),
            _members(fingerprints),
            S.failure_propagated == 0,
        )
        .order_by(S.start_time.desc(), S.span_id)
        .limit(bindparam("limit", each, ch.UInt64))
    )
    return final(statement, SPANS)


def build_healthy(project: str, start_ns: int, end_ns: int, app: str, name: str, kind: str) -> Select[Any]:
    """The newest span of the same app, name and kind that did not fail."""
    statement = (
        select(*_EXAMPLE)
        .where(
            *span_filters(project),
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


def build_contrast(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], kinds: Sequence[str]
) -> Select[Any]:
    """How often does each value of each attribute occur in the cluster and on healthy spans of its kinds?

    The attribute "" counts all of them.
    """
    pairs = [func.tuple(name, SPANS.c[name]) for name in CONTRAST]
    length = func.concat(
        "10^", func.toString(func.floor(func.log10(func.length(S.input) + 1))), " characters"
    )
    pair = func.arrayJoin(func.array(func.tuple("", ""), *pairs, func.tuple("input_length", length))).label(
        "pair"
    )
    inside = _members(fingerprints)
    statement = (
        select(
            pair,
            func.countIf(inside).label("inside"),
            func.countIf(S.failure_category == "").label("outside"),
        )
        .where(
            *span_filters(project),
            between(start_ns, end_ns),
            func.has(bindparam("kinds", list(kinds), ch.Array(ch.String)), S.kind) == 1,
        )
        .group_by(literal_column("pair"))
        .having(literal_column("inside") > 0)
        .order_by(literal_column("inside").desc(), literal_column("pair"))
        .limit(bindparam("limit", 2000, ch.UInt64))
    )
    return final(statement, SPANS)
