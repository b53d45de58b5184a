"""The SQL behind `SpanDownloads`."""

from collections.abc import Sequence
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, select

from sightline_storage.engines.sql import nanos, text_list, tuple_less
from sightline_storage.spans.span_filters import between, of_project, of_trace, of_traces, read_key
from sightline_storage.spans.span_table import RECORD_KEYS, SPANS
from sightline_storage.traces.trace_queries import S


def build_records_after(
    project: str, trace_id: str, after: tuple[int, str], end_ns: int, limit: int
) -> Select[Any]:
    """What is stored of the next spans of a trace, by start and id? Columns in the order of `RECORD_KEYS`."""
    start_ns, span_id = after
    last = (nanos("after_ns", start_ns), func.toString(bindparam("after_id", span_id, ch.String)))
    statement = (
        select(*(read_key(key) for key in RECORD_KEYS))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            of_trace(trace_id),
            tuple_less(last, (S.start_time, S.span_id)),
        )
        .order_by(S.start_time, S.span_id)
        .limit(bindparam("spans", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_records_of(
    project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int, limit: int
) -> Select[Any]:
    """What is stored of the spans of these traces, in the order of the traces, then by start and id?"""
    place = func.indexOf(text_list("trace_ids", list(trace_ids)), S.trace_id)
    statement = (
        select(*(read_key(key) for key in RECORD_KEYS))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            of_traces(S.trace_id, trace_ids),
        )
        .order_by(place, S.start_time, S.span_id)
        .limit(bindparam("spans", limit, ch.UInt64))
    )
    return final(statement, SPANS)
