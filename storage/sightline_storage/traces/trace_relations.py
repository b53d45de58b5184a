"""The SQL behind `TraceInspector`: what is inside one trace, and which others are related to it."""

from collections.abc import Sequence
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, or_, select

from sightline_storage.engines.sql import nanos_of
from sightline_storage.spans.span_filters import between, of_project
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.trace_queries import MAX_SPANS_OF_TRACE, of_one_trace

S = SPANS.c

_SEARCHED = (
    S.name, S.model, S.tool_name, S.agent_name, S.status_message, S.failure_message, S.input, S.output,
    S.system_instructions, S.documents, S.events,
)  # fmt: skip


def build_spans_with_text(
    project: str, trace_id: str, start_ns: int, end_ns: int, spellings: Sequence[str], limit: int
) -> Select[Any]:
    """Which spans of this trace hold one of the spellings, letter case aside, by start?"""
    needles = [bindparam(f"text_{index}", text, ch.String) for index, text in enumerate(spellings)]
    found: list[ColumnElement[bool]] = [
        func.positionCaseInsensitiveUTF8(column, needle) > literal_column("0")
        for column in _SEARCHED
        for needle in needles
    ]
    statement = (
        select(S.span_id)
        .where(or_(*found))
        .order_by(S.start_time, S.span_id)
        .limit(bindparam("limit", limit, ch.UInt64))
    )
    return of_one_trace(statement, project, trace_id, start_ns, end_ns)


def build_content_digests(project: str, trace_id: str, start_ns: int, end_ns: int) -> Select[Any]:
    """Which content do the spans of this trace have, as hashes? Columns in the order of `ContentDigest`."""
    statement = (
        select(
            S.span_id,
            func.cityHash64(S.system_instructions),
            func.cityHash64(S.tool_definitions),
            func.cityHash64(S.input),
            func.cityHash64(S.output),
        )
        .order_by(S.start_time, S.span_id)
        .limit(bindparam("spans", MAX_SPANS_OF_TRACE, ch.UInt64))
    )
    return of_one_trace(statement, project, trace_id, start_ns, end_ns)


def build_runs_of_kind(
    project: str, app: str, name: str, start_ns: int, end_ns: int, limit: int
) -> Select[Any]:
    """Which traces have a root of this app and name that did not fail, newest first?"""
    statement = (
        select(S.trace_id, nanos_of(S.start_time).label("start_ns"))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            S.app == bindparam("app", app),
            S.name == bindparam("name", name),
            S.parent_span_id == "",
            S.status != "error",
        )
        .order_by(S.start_time.desc(), S.trace_id)
        .limit(bindparam("limit", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_session_neighbour(
    project: str, session: str, trace_id: str, start_ns: int, end_ns: int, *, newest: bool
) -> Select[Any]:
    """Which other trace of the session started last, or first, in the window?"""
    first: ColumnElement[Any] = literal_column("first_ns")
    return (
        select(S.trace_id, nanos_of(func.min(S.start_time)).label("first_ns"))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            S.session == bindparam("session", session),
            S.trace_id != bindparam("trace_id", trace_id),
        )
        .group_by(S.trace_id)
        .order_by(first.desc() if newest else first, S.trace_id)
        .limit(bindparam("limit", 1, ch.UInt64))
    )
