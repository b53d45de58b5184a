"""Deleting on request (a trace, a user, a session) and dropping what is older than its project keeps it."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_core.ids import ProjectId
from sightline_storage import trace_queries as sql
from sightline_storage.engine import Engine
from sightline_storage.rollups import mark_minutes
from sightline_storage.score_deletion import delete_scores
from sightline_storage.span_table import SPANS
from sightline_storage.sql import nanos_of
from sightline_storage.trace_finder import read_windows, run

_TRACES_A_STATEMENT = 1_000
_SESSIONS_A_STATEMENT = 1_000
_MAX_TRACES = 1_000_000

# By partition: (table, condition that all rows of an expired partition meet).
_EXPIRING = (
    ("spans", "toDate(start_time) < {before:Date}"),
    ("trace_index", "month < toYYYYMM({before:Date})"),
    ("reprice_audit", "start_time < toStartOfMonth({before:Date})"),
    ("scores", "scored_at < toStartOfMonth({before:Date})"),
)


def delete_user(engine: Engine, project: ProjectId, user: str) -> int:
    """Delete every trace with a span of the user, and return how many traces those were.

    The user's own scores go too, and those on sessions that the user took part in.
    """
    of_user = SPANS.c.user == bindparam("user", user, ch.String)
    sessions = [str(row[0]) for row in run(engine, build_sessions_where(project, of_user, _MAX_TRACES))]
    deleted = _delete_where(engine, project, of_user)
    for start in range(0, len(sessions), _SESSIONS_A_STATEMENT):
        _delete_session_scores(engine, project, sessions[start : start + _SESSIONS_A_STATEMENT])
    delete_scores(engine, project, "source = 'human' AND author = {author:String}", {"author": user})
    return deleted


def delete_session(engine: Engine, project: ProjectId, session: str) -> int:
    """Delete every trace with a span of the session and its scores; return how many traces those were."""
    deleted = _delete_where(engine, project, SPANS.c.session == bindparam("session", session, ch.String))
    _delete_session_scores(engine, project, [session])
    return deleted


def delete_traces(engine: Engine, project: ProjectId, trace_ids: Sequence[str]) -> int:
    """Delete the traces with their scores, from lists, sums and the index; return how many were stored.

    They are gone for every reader when this returns; rollups follow with the next refresh, and the bytes
    leave the disk with the next merge. All nodes must be up, else `BackendError`; do it again then.
    """
    windows = read_windows(engine, project, list(trace_ids))
    if not windows:
        return 0
    params: dict[str, Any] = {
        "project": project,
        "trace_ids": list(windows),
        "start_ns": min(window.first_ns for window in windows.values()),
        "end_ns": max(window.last_ns for window in windows.values()),
    }
    starts = run(engine, build_starts(project, list(windows), params["start_ns"], params["end_ns"] + 1))
    for table, in_time in (("spans", _SPAN_TIME), ("reprice_audit", ""), ("trace_index", "")):
        for node in engine.nodes():
            node.command(
                f"DELETE FROM {engine.layout.stored_table(table)}"
                f" WHERE project = {{project:String}} AND {_OF_TRACES}{in_time}",
                params,
            )
    delete_scores(engine, project, _OF_TRACES, params)
    mark_minutes(engine, [(project, int(start)) for (start,) in starts], token=f"delete-{uuid.uuid4().hex}")
    return len(windows)


_OF_TRACES = (
    "has({trace_ids:Array(String)}, trace_id)"
    " AND cityHash64(trace_id) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})))"
)
_SPAN_TIME = (
    " AND start_time >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC')"
    " AND start_time <= fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC')"
)


def build_starts(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """In which minutes do these traces have spans? One start in nanoseconds for each."""
    minute = func.toStartOfMinute(SPANS.c.start_time)
    return (
        select(nanos_of(func.min(SPANS.c.start_time)).label("start_ns"))
        .where(
            *sql.span_filters(project),
            sql.between(start_ns, end_ns),
            sql.of_traces(SPANS.c.trace_id, trace_ids),
        )
        .group_by(minute)
        .limit(bindparam("minutes", 10_000_000, ch.UInt64))
    )


def build_traces_where(project: str, condition: ColumnElement[bool], limit: int) -> Select[Any]:
    """Which traces have a span that meets the condition, at whatever time?"""
    return (
        select(SPANS.c.trace_id)
        .where(*sql.span_filters(project), condition)
        .group_by(SPANS.c.trace_id)
        .limit(bindparam("traces", limit, ch.UInt64))
    )


def build_sessions_where(project: str, condition: ColumnElement[bool], limit: int) -> Select[Any]:
    """Which sessions have a span that meets the condition, at whatever time?"""
    return (
        select(SPANS.c.session)
        .where(*sql.span_filters(project), condition, SPANS.c.session != "")
        .group_by(SPANS.c.session)
        .limit(bindparam("sessions", limit, ch.UInt64))
    )


def drop_expired(engine: Engine, project: ProjectId, before: date) -> int:
    """Drop the project's partitions that lie wholly before a day (UTC), and return how many those were.

    Only whole partitions go: days of spans, months of the trace index, scores and audit rows. Rollups stay;
    they hold sums and no content.
    """
    dropped = 0
    params = {"project": project, "before": before}
    for node in engine.nodes():
        for table, expired in _EXPIRING:
            stored = engine.layout.stored_table(table)
            rows = node.query(
                f"SELECT DISTINCT _partition_id FROM {stored}"
                f" WHERE project = {{project:String}} AND {expired} LIMIT 100000",
                params,
            )
            for (partition,) in rows:
                node.command(
                    f"ALTER TABLE {stored} DROP PARTITION ID {{partition:String}}", {"partition": partition}
                )
                dropped += 1
    return dropped


def _delete_where(engine: Engine, project: ProjectId, condition: ColumnElement[bool]) -> int:
    rows = run(engine, build_traces_where(project, condition, _MAX_TRACES))
    trace_ids = [str(row[0]) for row in rows]
    return sum(
        delete_traces(engine, project, trace_ids[start : start + _TRACES_A_STATEMENT])
        for start in range(0, len(trace_ids), _TRACES_A_STATEMENT)
    )


def _delete_session_scores(engine: Engine, project: ProjectId, sessions: Sequence[str]) -> None:
    of_sessions = "trace_id = '' AND has({sessions:Array(String)}, session)"
    delete_scores(engine, project, of_sessions, {"sessions": list(sessions)})
