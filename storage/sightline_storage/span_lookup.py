"""Stored spans by their ids, many at a time: for what arrives later and belongs to them."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, select

from sightline_storage import trace_queries as sql
from sightline_storage.engine import Engine
from sightline_storage.span_record import SpanRecord
from sightline_storage.span_table import RECORD_KEYS, SPANS
from sightline_storage.trace_finder import read_windows, run

SpanKey = tuple[str, str]
"""Trace id and span id."""


class SpanLookup:
    """Reads whole spans. Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, project: str, keys: Iterable[SpanKey]) -> list[SpanRecord]:
        """Return those that are stored, every column present, in no order; raises `BackendError`."""
        wanted = set(keys)
        windows = read_windows(self._engine, project, sorted({trace_id for trace_id, _ in wanted}))
        known = sorted(key for key in wanted if key[0] in windows)
        if not known:
            return []
        start_ns = min(window.first_ns for window in windows.values())
        end_ns = max(window.last_ns for window in windows.values()) + 1
        rows = run(self._engine, build_spans_by_id(project, known, start_ns, end_ns))
        return [cast(SpanRecord, dict(zip(RECORD_KEYS, row, strict=True))) for row in rows]

    def find_calls(
        self, project: str, response_ids: Sequence[str], start_ns: int, end_ns: int
    ) -> dict[str, SpanKey]:
        """Return, by response id, the newest counted call in the window that got that response."""
        rows = run(self._engine, build_calls_by_response(project, response_ids, start_ns, end_ns))
        return {str(response_id): (str(trace), str(span)) for response_id, trace, span in rows}


def build_spans_by_id(project: str, keys: Sequence[SpanKey], start_ns: int, end_ns: int) -> Select[Any]:
    """What is stored of these spans? Columns in the order of `RECORD_KEYS`."""
    trace_ids = bindparam("key_traces", [trace_id for trace_id, _ in keys], ch.Array(ch.String))
    span_ids = bindparam("key_spans", [span_id for _, span_id in keys], ch.Array(ch.String))
    statement = (
        select(*(sql.read_key(key) for key in RECORD_KEYS))
        .where(
            *sql.span_filters(project),
            sql.between(start_ns, end_ns),
            sql.of_traces(SPANS.c.trace_id, sorted({trace_id for trace_id, _ in keys})),
            func.has(func.arrayZip(trace_ids, span_ids), func.tuple(SPANS.c.trace_id, SPANS.c.span_id)),
        )
        .limit(bindparam("spans", len(keys), ch.UInt64))
    )
    return final(statement, SPANS)


def build_calls_by_response(
    project: str, response_ids: Sequence[str], start_ns: int, end_ns: int
) -> Select[Any]:
    """Which counted call got each of these responses, the newest of several?"""
    ids = bindparam("response_ids", list(response_ids), ch.Array(ch.String))
    statement = (
        select(
            SPANS.c.response_id,
            func.argMax(SPANS.c.trace_id, SPANS.c.start_time).label("call_trace_id"),
            func.argMax(SPANS.c.span_id, SPANS.c.start_time).label("call_span_id"),
        )
        .where(
            *sql.span_filters(project),
            sql.between(start_ns, end_ns),
            func.has(ids, SPANS.c.response_id),
            SPANS.c.counted == 1,
        )
        .group_by(SPANS.c.response_id)
        .limit(bindparam("calls", len(response_ids), ch.UInt64))
    )
    return final(statement, SPANS)
