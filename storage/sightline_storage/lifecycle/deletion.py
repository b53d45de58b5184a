"""Deleting on request: traces, and all traces of a user or a session.

A deletion adds a row with `is_deleted = 1` and a newer version for each row that goes, so that it costs what
it deletes and not what the store holds: a `DELETE` touches every part of a table, which takes minutes when
there are some hundred days. `purge` takes the bytes from the disk afterwards.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.sql import prewhere
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import DAY_NS, to_ns
from sightline_semconv.sightline import REPLAY_SCOPE, REPLAYED_TRACE_ID
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import nanos, nanos_of
from sightline_storage.engines.statements import run
from sightline_storage.lifecycle.deleted_traces import MAX_TRACES, DeletedTraces
from sightline_storage.rollups.rollup_refresh import minutes_changing
from sightline_storage.scores.score_deletion import delete_scores
from sightline_storage.spans.span_filters import between, of_project, of_traces
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.trace_finder import bounds_of, read_windows

TRACES_A_STATEMENT = 1_000
_SESSIONS_A_STATEMENT = 1_000
_DAYS_A_STATEMENT = 90  # each is a partition, and an insert may touch a hundred


def delete_user(
    engine: Engine,
    project: ProjectId,
    user: str,
    sessions: Sequence[str],
    before: datetime | None = None,
    deleted: DeletedTraces | None = None,
) -> int:
    """Delete every trace with a span of the user, and return how many traces those were.

    The user's own scores go too, and those on `sessions`, which are what `find_sessions` has found. Traces in
    which the user's spans started, and arrived, at `before` or later stay; None: all go. With `deleted`, the
    traces are noted there, and what has come since of those that were noted before goes too.
    """
    of_user = _started_before(SPANS.c.user == bindparam("user", user, ch.String), before)
    traces = _delete_where(engine, project, of_user, deleted)
    for some in batched(sessions, _SESSIONS_A_STATEMENT):
        _delete_session_scores(engine, project, some)
    delete_scores(engine, project, "source = 'human' AND author = {author:String}", {"author": user})
    return traces


def find_sessions(engine: Engine, project: ProjectId, user: str, before: datetime | None = None) -> list[str]:
    """Return the sessions that the user took part in before `before`; None: ever."""
    of_user = _started_before(SPANS.c.user == bindparam("user", user, ch.String), before)
    return [str(row[0]) for row in run(engine, build_sessions_where(project, of_user, MAX_TRACES))]


def delete_session(
    engine: Engine,
    project: ProjectId,
    session: str,
    before: datetime | None = None,
    deleted: DeletedTraces | None = None,
) -> int:
    """Delete every trace with a span of the session and its scores; the rest is as of a user."""
    of_session = SPANS.c.session == bindparam("session", session, ch.String)
    traces = _delete_where(engine, project, _started_before(of_session, before), deleted)
    _delete_session_scores(engine, project, [session])
    return traces


def delete_traces(engine: Engine, project: ProjectId, trace_ids: Sequence[str]) -> int:
    """Delete the traces with their scores, from lists and sums; return how many were stored.

    Traces of calls that were made again go with that of the call, whose texts they have. All are gone for
    every reader when this returns, and rollups follow with the next refresh. All nodes must be up, else
    `BackendError`; doing it again completes what was cut off.
    """
    replayed = _with_replays(engine, project, trace_ids)
    return sum(_delete_traces(engine, project, some) for some in batched(replayed, TRACES_A_STATEMENT))


def _with_replays(engine: Engine, project: ProjectId, trace_ids: Sequence[str]) -> list[str]:
    found = dict.fromkeys(trace_ids)
    asked = list(found)
    while asked:
        rows = run(engine, build_replays_of(project, asked, MAX_TRACES))
        asked = [str(row[0]) for row in rows if row[0] not in found]
        found |= dict.fromkeys(asked)
    return list(found)


def _delete_traces(engine: Engine, project: ProjectId, trace_ids: Sequence[str]) -> int:
    delete_scores(engine, project, OF_TRACES, {"trace_ids": list(trace_ids)})
    windows = read_windows(engine, project, list(trace_ids))
    if not windows:
        return 0
    ids = list(windows)
    start_ns, end_ns = bounds_of(windows.values())
    ((stored,),) = run(engine, build_stored_traces(project, ids, start_ns, end_ns))
    # Those of rows that are deleted already are among them: whoever was cut off may not have marked them.
    starts = [int(start) for (start,) in run(engine, build_starts(project, ids, start_ns, end_ns))]
    if not starts:
        return 0
    # Before as well: a purge may come before the repetition, and leave nothing to find the minutes by.
    minutes = [(project, start) for start in starts]
    with minutes_changing(engine, minutes, token=f"delete-{uuid.uuid4().hex}"):
        for first_ns, last_ns in _few_days(starts):
            params = {"project": project, "trace_ids": ids, "start_ns": first_ns, "end_ns": last_ns}
            for node in engine.nodes():
                node.command(_delete_spans(engine), {**params, "at_ns": to_ns(datetime.now(UTC))})
    return int(stored)


OF_TRACES = (
    "trace_id IN (SELECT arrayJoin({trace_ids:Array(String)}))"
    " AND cityHash64(trace_id) IN (SELECT cityHash64(arrayJoin({trace_ids:Array(String)})))"
)


# The fingerprint tells which failures are to be forgotten, see `forgetting`.
MARK = "project, trace_id, span_id, start_time, failure_fingerprint, ingested_at, is_deleted"


def _delete_spans(engine: Engine) -> str:
    spans = engine.layout.stored_table("spans")
    return (
        f"INSERT INTO {spans} ({MARK})"
        " SELECT project, trace_id, span_id, start_time, failure_fingerprint,"
        " greatest(fromUnixTimestamp64Nano({at_ns:Int64}, 'UTC'), ingested_at + toIntervalNanosecond(1)), 1"
        f" FROM {spans} FINAL WHERE project = {{project:String}} AND {OF_TRACES}"
        " AND start_time >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC')"
        " AND start_time < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC')"
    )


def _few_days(starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield windows in nanoseconds that hold all starts and touch few days each."""
    days = sorted({start // DAY_NS for start in starts})
    for some in batched(days, _DAYS_A_STATEMENT):
        yield some[0] * DAY_NS, (some[-1] + 1) * DAY_NS


def build_stored_traces(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """How many of these traces have spans?"""
    statement = select(func.uniqExact(SPANS.c.trace_id).label("traces")).limit(1)
    conditions = (of_project(project), between(start_ns, end_ns))
    return prewhere(final(statement, SPANS), and_(*conditions, of_traces(SPANS.c.trace_id, trace_ids)))


def was_deleted(engine: Engine, project: ProjectId, trace_id: str, since: datetime) -> bool:
    """Tell whether spans of the trace were deleted since then, and are on the disk."""
    windows = read_windows(engine, project, [trace_id])
    if not windows:
        return False
    return bool(
        run(engine, build_deleted_since(project, trace_id, *bounds_of(windows.values()), to_ns(since)))
    )


def build_deleted_since(
    project: str, trace_id: str, start_ns: int, end_ns: int, since_ns: int
) -> Select[Any]:
    """Is there a row that marks a span of the trace as deleted, written since then?"""
    return (
        select(SPANS.c.span_id)
        .where(
            of_project(project),
            between(start_ns, end_ns),
            of_traces(SPANS.c.trace_id, [trace_id]),
            SPANS.c.is_deleted == 1,
            SPANS.c.ingested_at >= nanos("since_ns", since_ns),
        )
        .limit(bindparam("limit", 1, ch.UInt64))
    )


def build_starts(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """In which minutes do these traces have spans? One start in nanoseconds for each."""
    minute = func.toStartOfMinute(SPANS.c.start_time)
    return (
        select(nanos_of(func.min(SPANS.c.start_time)).label("start_ns"))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            of_traces(SPANS.c.trace_id, trace_ids),
        )
        .group_by(minute)
        .limit(bindparam("minutes", 10_000_000, ch.UInt64))
    )


def build_traces_where(project: str, condition: ColumnElement[bool], limit: int) -> Select[Any]:
    """Which traces have a span that meets the condition, at whatever time?"""
    return (
        select(SPANS.c.trace_id)
        .where(of_project(project), condition)
        .group_by(SPANS.c.trace_id)
        .limit(bindparam("traces", limit, ch.UInt64))
    )


def build_replays_of(project: str, trace_ids: Sequence[str], limit: int) -> Select[Any]:
    """Which traces are of calls of these traces that were made again, at whatever time?"""
    replayed = func.arrayElement(SPANS.c.attributes, literal(REPLAYED_TRACE_ID, ch.String))
    condition = func.has(bindparam("trace_ids", list(trace_ids), ch.Array(ch.String)), replayed)
    statement = select(SPANS.c.trace_id).distinct().limit(bindparam("traces", limit, ch.UInt64))
    return statement.where(of_project(project), SPANS.c.scope_name == REPLAY_SCOPE, condition)


def build_sessions_where(project: str, condition: ColumnElement[bool], limit: int) -> Select[Any]:
    """Which sessions have a span that meets the condition, at whatever time?"""
    return (
        select(SPANS.c.session)
        .where(of_project(project), condition, SPANS.c.session != "")
        .group_by(SPANS.c.session)
        .limit(bindparam("sessions", limit, ch.UInt64))
    )


def _started_before(condition: ColumnElement[bool], before: datetime | None) -> ColumnElement[bool]:
    if before is None:
        return condition
    moment = nanos("before_ns", to_ns(before))
    # The clock of an app may be ahead: what it says will start is there already.
    return and_(condition, or_(SPANS.c.start_time < moment, SPANS.c.ingested_at < moment))


def _delete_where(
    engine: Engine, project: ProjectId, condition: ColumnElement[bool], deleted: DeletedTraces | None
) -> int:
    found = {str(row[0]) for row in run(engine, build_traces_where(project, condition, MAX_TRACES))}
    if deleted is not None:
        before = set(deleted.read())
        deleted.note(found - before)
        found |= before
    return sum(delete_traces(engine, project, some) for some in batched(sorted(found), TRACES_A_STATEMENT))


def _delete_session_scores(engine: Engine, project: ProjectId, sessions: Sequence[str]) -> None:
    of_sessions = "trace_id = '' AND has({sessions:Array(String)}, session)"
    delete_scores(engine, project, of_sessions, {"sessions": list(sessions)})
