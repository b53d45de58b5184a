"""The SQL behind `TraceReader`: one pure builder for each question, time-bound and limited.

Spans are read with `FINAL` wherever something is counted or shown, so that a span that was delivered twice is
there once. Looking for candidates needs no `FINAL`: a second copy has the same trace id and start. Whether
its newest copy matches, too, is asked of what was found.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.sql import prewhere
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
    or_,
    select,
)

from sightline_storage.contract import SpanRow
from sightline_storage.engines.sql import OPEN_CONDITION, name_of, nanos, nanos_of
from sightline_storage.spans.span_filters import (
    ROOT_FIRST,
    between,
    has_hash,
    in_minutes,
    of_project,
    of_trace,
    of_traces,
    read_key,
)
from sightline_storage.spans.span_table import RECORD_KEYS, SPANS
from sightline_storage.spans.span_weights import ANY_SAMPLED, weighted_traces
from sightline_storage.traces.trace_folding import SpanContext
from sightline_storage.traces.usage_totals import TOKEN_COLUMNS, cost_totals, token_totals

MAX_SPANS_OF_TRACE = 200_000
"""More spans of one trace than this are not read at once."""

_INDEX_ROWS = 10_000  # of one trace: a row a part

TRACE_INDEX = Table(
    "trace_index",
    MetaData(),
    Column("project", ch.String),
    Column("trace_id", ch.String),
    Column("first_start", ch.DateTime64(9, "UTC")),
    Column("last_start", ch.DateTime64(9, "UTC")),
    Column("last_end", ch.DateTime64(9, "UTC")),
)

S = SPANS.c
_I = TRACE_INDEX.c


def build_window_floor(
    filters: Sequence[ColumnElement[bool]], start_ns: int, end_ns: int, spans: int
) -> Select[Any]:
    """Which minute does the `spans`-th newest matching span start in, and how many are there up to `spans`?

    The table is ordered by minute, so the engine reads backwards and stops.
    """
    minute = func.toStartOfMinute(S.start_time)
    newest = (
        select(minute.label("minute"))
        .where(*filters, between(start_ns, end_ns))
        .order_by(minute.desc())
        .limit(bindparam("spans", spans, ch.UInt64))
        .subquery("newest")
    )
    return select(
        func.toUnixTimestamp(func.min(newest.c.minute)).label("minute_s"), func.count().label("found")
    ).limit(1)


def build_newest_spans(
    filters: Sequence[ColumnElement[bool]], start_ns: int, end_ns: int, spans: int
) -> Select[Any]:
    """Which traces do the newest spans that match belong to, and when do those start? Newest first.

    Trace id, its hash as `of_traces` takes it, start of the span. The table is ordered by minute, so the
    engine reads backwards and stops.
    """
    return (
        select(
            S.trace_id, func.cityHash64(S.trace_id).label("hash"), nanos_of(S.start_time).label("start_ns")
        )
        .where(*filters, between(start_ns, end_ns))
        .order_by(func.toStartOfMinute(S.start_time).desc(), S.start_time.desc())
        .limit(bindparam("spans", spans, ch.UInt64))
    )


def build_trace_windows(
    project: str, trace_ids: Sequence[str] = (), *, hashes: Sequence[int] = ()
) -> Select[Any]:
    """When did these traces start and end? Of several rows of one, the earliest and the latest count.

    With `hashes`, the `cityHash64` of their ids, there may be rows of another trace: binding and reading the
    ids as well takes longer than finding the rows. Grouping took longer, too.
    """
    chosen = has_hash(_I.trace_id, hashes) if hashes else of_traces(_I.trace_id, trace_ids)
    return (
        select(
            _I.trace_id,
            func.cityHash64(_I.trace_id).label("hash"),
            nanos_of(_I.first_start).label("first_ns"),
            nanos_of(_I.last_start).label("last_ns"),
        )
        .where(_I.project == bindparam("project", project), chosen)
        .limit(bindparam("rows", index_rows(len(hashes or trace_ids)), ch.UInt64))
    )


def index_rows(traces: int) -> int:
    """Return the value of the parameter `rows`: of so many traces there are no more rows."""
    return _INDEX_ROWS * traces


def build_any_trace(project: str) -> Select[Any]:
    """Is there any trace? The first row of the project's index will do, so no time bound is needed."""
    return select(_I.trace_id).where(_I.project == bindparam("project", project)).limit(1)


def build_matched_before(
    filters: Sequence[ColumnElement[bool]], trace_ids: Sequence[str], start_ns: int, end_ns: int
) -> Select[Any]:
    """Which of these traces have a matching span in the window?"""
    return (
        select(S.trace_id)
        .where(*filters, between(start_ns, end_ns), of_traces(S.trace_id, trace_ids))
        .group_by(S.trace_id)
        .limit(bindparam("traces", len(trace_ids), ch.UInt64))
    )


def build_trace_rows(
    project: str,
    trace_ids: Sequence[str],
    start_ns: int,
    end_ns: int,
    *,
    hashes: Sequence[int] = (),
    minutes: Sequence[int] = (),
) -> Select[Any]:
    """What does a list show of these traces? Columns in the order of `trace_reader`.

    The last column says whether a span meets `OPEN_CONDITION` as it was stored last: before a
    merge, an older copy may have been found, of a call without a price that got one since.

    Planning, not reading, is what this query's time goes into: so there is one tuple for the root and one
    array for what is added up alike, instead of a column for each.
    """
    root = func.tuple(S.name, S.kind, S.app, S.environment, S.status, S.input_preview, S.output_preview)
    rooted_failure = and_(S.failure_category != "", S.failure_propagated == 0)
    is_call = [and_(S.counted, S.cost_state == state) for state in ("priced", "estimated", "unpriced")]
    counts = (
        S.parent_span_id == "",
        name_of("1"),
        S.status == "error",
        and_(S.counted, S.kind == "llm"),
    )
    statement = (
        select(
            S.trace_id,
            func.argMin(root, ROOT_FIRST).label("root"),
            nanos_of(func.min(S.start_time)).label("first_ns"),
            func.max(nanos_of(S.start_time) + S.duration_ns).label("end_ns"),
            func.sumForEach(func.array(*counts)).label("counts"),
            func.arraySort(func.groupUniqArrayIf(S.model, S.model != "")).label("models"),
            func.sumForEach(func.array(*(S.counted * S[name] for name in TOKEN_COLUMNS))).label("tokens"),
            func.max(and_(S.counted, S.usage_estimated)).label("any_estimated"),
            func.sumIf(S.cost_usd, or_(*is_call[:2])).label("total_usd"),
            func.sumForEach(func.array(*is_call)).label("calls"),
            func.argMinIf(S.session, ROOT_FIRST, S.session != "").label("first_session"),
            func.argMinIf(S.user, ROOT_FIRST, S.user != "").label("first_user"),
            func.arraySort(func.groupUniqArrayIf(S.failure_category, rooted_failure)).label("failures"),
            func.max(OPEN_CONDITION).label("is_matching"),
        )
        .group_by(S.trace_id)
        .limit(bindparam("traces", len(trace_ids), ch.UInt64))
    )
    return of_some_traces(statement, project, trace_ids, start_ns, end_ns, hashes=hashes, minutes=minutes)


def build_still_matching(
    project: str,
    conditions: Sequence[ColumnElement[bool]],
    trace_ids: Sequence[str],
    start_ns: int,
    end_ns: int,
    *,
    hashes: Sequence[int],
    minutes: Sequence[int],
) -> Select[Any]:
    """Which of these traces have a span in the window that matches as it was stored last?

    What `is_matching` of `build_trace_rows` says, for conditions on content.
    """
    statement = (
        select(S.trace_id)
        .where(*conditions)
        .group_by(S.trace_id)
        .limit(bindparam("traces", len(trace_ids), ch.UInt64))
    )
    return of_some_traces(statement, project, trace_ids, start_ns, end_ns, hashes=hashes, minutes=minutes)


SPAN_ROW_KEYS = tuple(field.name for field in fields(SpanRow))
"""The columns of `SpanRow`, in its order."""

CONTEXT_KEYS = tuple(field.name for field in fields(SpanContext))


def build_trace_spans(project: str, trace_id: str, start_ns: int, end_ns: int) -> Select[Any]:
    """Which spans does this trace have, without content, by start? `SPAN_ROW_KEYS`, then `CONTEXT_KEYS`.

    Previews are those of roots and of what starts when the trace does.
    """
    may_be_first = or_(S.parent_span_id == "", S.start_time <= nanos("start_ns", start_ns))
    context = (
        func.if_(may_be_first, S[key], "").label(f"first_{key}") if key.endswith("_preview") else S[key]
        for key in CONTEXT_KEYS
    )
    statement = (
        select(*(read_key(key) for key in SPAN_ROW_KEYS), *context)
        .order_by(S.start_time, S.span_id)
        .limit(bindparam("spans", MAX_SPANS_OF_TRACE, ch.UInt64))
    )
    return of_one_trace(statement, project, trace_id, start_ns, end_ns)


def build_span(project: str, trace_id: str, span_id: str, start_ns: int, end_ns: int) -> Select[Any]:
    """What is stored of this span? Columns in the order of `RECORD_KEYS`."""
    statement = (
        select(*(read_key(key) for key in RECORD_KEYS))
        .where(S.span_id == bindparam("span_id", span_id))
        .limit(1)
    )
    return of_one_trace(statement, project, trace_id, start_ns, end_ns)


def of_one_trace(
    statement: Select[Any], project: str, trace_id: str, start_ns: int, end_ns: int
) -> Select[Any]:
    """Return the statement over the spans of one trace that start in the window.

    With FINAL the engine moves no condition before reading: without PREWHERE it would read the content of
    every span that shares a minute with the trace. All versions of a span agree on these columns.
    """
    conditions = and_(of_project(project), between(start_ns, end_ns), of_trace(trace_id))
    return prewhere(final(statement, SPANS), conditions)


def of_some_traces(
    statement: Select[Any],
    project: str,
    trace_ids: Sequence[str],
    start_ns: int,
    end_ns: int,
    *,
    hashes: Sequence[int] = (),
    minutes: Sequence[int] = (),
) -> Select[Any]:
    """Return the statement over the spans of some traces that start in the window, as `of_one_trace` does.

    `hashes` as in `of_traces`. `minutes` are all that the traces have spans in, when they are few; see
    `in_minutes`.
    """
    conditions = and_(
        of_project(project),
        between(start_ns, end_ns),
        *([in_minutes(minutes)] if minutes else []),
        of_traces(S.trace_id, trace_ids, hashes),
    )
    return prewhere(final(statement, SPANS), conditions)


def build_apps(project: str, start_ns: int, end_ns: int, limit: int) -> Select[Any]:
    """Which apps sent spans in the window? Columns in the order of `trace_reader`."""
    statement = (
        select(
            S.app,
            func.arraySort(func.groupUniqArrayIf(S.environment, S.environment != "")).label("environments"),
            weighted_traces().label("traces"),
            weighted_traces(S.status == "error").label("error_traces"),
            *token_totals(),
            *cost_totals(),
            nanos_of(func.max(S.start_time)).label("last_ns"),
            ANY_SAMPLED.label("sampled"),
        )
        .where(of_project(project), between(start_ns, end_ns))
        .group_by(S.app)
        .order_by(literal_column("traces").desc(), S.app)
        .limit(bindparam("apps", limit, ch.UInt64))
    )
    return final(statement, SPANS)
