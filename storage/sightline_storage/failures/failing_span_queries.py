"""The SQL behind `FailingSpanReader`: one pure builder for each question, time-bound and limited."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, select

from sightline_core.nanoseconds import to_ns
from sightline_storage.engines.sql import nanos, nanos_of
from sightline_storage.failures.failure_conditions import members_of
from sightline_storage.failures.failure_hours import failed_by_itself
from sightline_storage.rollups.rollup_queries import Bucket
from sightline_storage.rollups.written_minutes import written_in
from sightline_storage.spans.span_filters import between, of_project, of_traces, read_key
from sightline_storage.spans.span_table import RECORD_KEYS, SPANS

S = SPANS.c
_SCOPE = func.if_(S.tool_name != "", S.tool_name, S.provider)
"""What a failure is counted under besides its category; the same as `failures.detection.scope_of`."""

_MAX_NEW = 100_000
MAX_FAILURES = 500_000
"""Spans of traces of one answer."""
FAILURE_KEYS: Final = (
    "trace_id", "span_id", "parent_span_id", "start_ns", "error_type", "failure_category",
    "failure_fingerprint", "failure_message", "failure_propagated",
)  # fmt: skip
_AROUND: Final = timedelta(minutes=15)


def build_new_failures(start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None) -> Select[Any]:
    """Which fingerprints are there, in any project, by app version? With a message, times and how many."""
    statement = (
        select(
            S.project,
            S.failure_fingerprint,
            func.any(S.failure_category),
            func.any(_SCOPE),
            func.any(S.failure_message),
            nanos_of(func.min(S.start_time)),
            nanos_of(func.max(S.start_time)),
            S.app,
            S.app_version,
        )
        .where(*written_in(start_ns, end_ns, minutes), failed_by_itself())
        .group_by(S.project, S.failure_fingerprint, S.app, S.app_version)
        .order_by(S.project, func.min(S.start_time), S.failure_fingerprint, S.app, S.app_version)
        .limit(bindparam("fingerprints", _MAX_NEW, ch.UInt64))
    )
    return final(statement, SPANS)


def build_causes(project: str, fingerprints: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """Which of these fingerprints have spans that failed by themselves?"""
    statement = (
        select(S.failure_fingerprint)
        .distinct()
        .where(of_project(project), between(start_ns, end_ns), failed_by_itself(), members_of(fingerprints))
        .limit(bindparam("fingerprints", len(fingerprints), ch.UInt64))
    )
    return final(statement, SPANS)


def build_first_run(project: str, start_ns: int, end_ns: int, app: str, version: str) -> Select[Any]:
    """When did a version of an app run first? 0 when it did not."""
    first = func.if_(func.count() > 0, nanos_of(func.min(S.start_time)), 0)
    return (
        select(first)
        .where(
            of_project(project),
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
        around += [
            S.start_time >= nanos("around_start_ns", to_ns(min(starts) - _AROUND)),
            S.start_time < nanos("around_end_ns", to_ns(max(starts) + _AROUND)),
        ]
    return (
        select(S.project, S.trace_id, nanos_of(func.min(S.start_time)), nanos_of(func.max(S.start_time)))
        .where(*around, failing, S.trace_id.op("GLOBAL IN")(written.scalar_subquery()))
        .group_by(S.project, S.trace_id)
        .having(func.uniqExact(S.span_id) > 1)
        .order_by(S.project, S.trace_id)
        .limit(bindparam("traces", traces, ch.UInt64))
    )


def build_trace_failures(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """Every span of these traces with its parent and its failure. Columns in the order of `FAILURE_KEYS`."""
    statement = (
        select(*map(read_key, FAILURE_KEYS))
        .where(of_project(project), between(start_ns, end_ns), of_traces(S.trace_id, trace_ids))
        .order_by(S.trace_id, S.start_time, S.span_id)
        .limit(bindparam("spans", MAX_FAILURES, ch.UInt64))
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
            of_project(project),
            between(start_ns, end_ns),
            of_traces(S.trace_id, trace_ids),
            func.has(ids, S.span_id) == 1,
        )
        .order_by(S.trace_id, S.span_id)
        .limit(bindparam("spans", 100_000, ch.UInt64))
    )
    return final(statement, SPANS)
