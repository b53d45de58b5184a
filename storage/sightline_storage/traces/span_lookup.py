"""Stored spans by their ids, many at a time: for what arrives later and belongs to them, or arrives again."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_core.batches import batched
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.sql import nanos_of
from sightline_storage.engines.statements import run
from sightline_storage.spans.span_filters import between, of_project, of_traces, read_key
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import RECORD_KEYS, SPANS, record_of
from sightline_storage.traces.trace_finder import bounds_of, read_windows

SpanKey = tuple[str, str]
"""Trace id and span id."""

_LOOK_UPS = 500  # at a time


def key_of(record: SpanRecord) -> SpanKey:
    """Return what names a span in its project."""
    return record["trace_id"], record["span_id"]


class SpanLookup:
    """Reads whole spans. Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, project: str, keys: Iterable[SpanKey]) -> list[SpanRecord]:
        """Return those that are stored, every column present, in no order; raises `BackendError`."""
        rows = self._run(build_spans_by_id, project, keys)
        return [record_of(row) for row in rows]

    def find_starts(self, project: str, keys: Iterable[SpanKey]) -> dict[SpanKey, int]:
        """Return when those that are stored start, in nanoseconds; raises `BackendError`."""
        return _by_span(self._run(build_starts, project, keys))

    def find_weights(self, project: str, trace_ids: Sequence[str]) -> dict[str, float]:
        """Return the largest `sample_weight` in each trace that is stored; raises `BackendError`."""
        weights: dict[str, float] = {}
        for some in batched(trace_ids, _LOOK_UPS):
            windows = read_windows(self._engine, project, some)
            if windows:
                rows = run(
                    self._engine, build_weights(project, sorted(windows), *bounds_of(windows.values()))
                )
                weights.update((str(trace_id), float(weight)) for trace_id, weight in rows)
        return weights

    def find_versions(self, project: str, keys: Iterable[SpanKey]) -> dict[SpanKey, int]:
        """Return the `ingested_ns` of those that are stored; raises `BackendError`. Reads no content."""
        return _by_span(self._run(build_span_versions, project, keys))

    def find_calls(
        self, project: str, response_ids: Sequence[str], start_ns: int, end_ns: int
    ) -> dict[str, SpanKey]:
        """Return, by response id, the newest counted call in the window that got that response."""
        rows = run(self._engine, build_calls_by_response(project, response_ids, start_ns, end_ns))
        return {str(response_id): (str(trace), str(span)) for response_id, trace, span in rows}

    def _run(
        self,
        build: Callable[[str, Sequence[SpanKey], int, int], Select[Any]],
        project: str,
        keys: Iterable[SpanKey],
    ) -> list[Row]:
        rows: list[Row] = []
        for some in batched(sorted(set(keys)), _LOOK_UPS):
            windows = read_windows(self._engine, project, sorted({trace_id for trace_id, _ in some}))
            known = [key for key in some if key[0] in windows]
            if known:
                rows += run(self._engine, build(project, known, *bounds_of(windows.values())))
        return rows


def _by_span(rows: Iterable[Row]) -> dict[SpanKey, int]:
    return {(str(trace_id), str(span_id)): int(number) for trace_id, span_id, number in rows}


def build_spans_by_id(project: str, keys: Sequence[SpanKey], start_ns: int, end_ns: int) -> Select[Any]:
    """What is stored of these spans? Columns in the order of `RECORD_KEYS`."""
    statement = (
        select(*(read_key(key) for key in RECORD_KEYS))
        .where(*_has_keys(project, keys, start_ns, end_ns))
        .limit(bindparam("spans", len(keys), ch.UInt64))
    )
    return final(statement, SPANS)


def build_starts(project: str, keys: Sequence[SpanKey], start_ns: int, end_ns: int) -> Select[Any]:
    """When do these spans start? Of several copies the first counts, so none need be merged."""
    return (
        select(SPANS.c.trace_id, SPANS.c.span_id, nanos_of(func.min(SPANS.c.start_time)).label("first_ns"))
        .where(*_has_keys(project, keys, start_ns, end_ns))
        .group_by(SPANS.c.trace_id, SPANS.c.span_id)
        .limit(bindparam("spans", len(keys), ch.UInt64))
    )


def _has_keys(project: str, keys: Sequence[SpanKey], start_ns: int, end_ns: int) -> list[ColumnElement[bool]]:
    trace_ids = bindparam("key_traces", [trace_id for trace_id, _ in keys], ch.Array(ch.String))
    span_ids = bindparam("key_spans", [span_id for _, span_id in keys], ch.Array(ch.String))
    return [
        of_project(project),
        between(start_ns, end_ns),
        of_traces(SPANS.c.trace_id, sorted({trace_id for trace_id, _ in keys})),
        func.has(func.arrayZip(trace_ids, span_ids), func.tuple(SPANS.c.trace_id, SPANS.c.span_id)),
    ]


def build_weights(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """What does a span of each of these traces stand for, if it would not be kept of any trace?"""
    return (
        select(SPANS.c.trace_id, func.max(SPANS.c.sample_weight).label("weight"))
        .where(
            of_project(project),
            between(start_ns, end_ns),
            of_traces(SPANS.c.trace_id, trace_ids),
        )
        .group_by(SPANS.c.trace_id)
        .limit(bindparam("traces", len(trace_ids), ch.UInt64))
    )


def build_span_versions(project: str, keys: Sequence[SpanKey], start_ns: int, end_ns: int) -> Select[Any]:
    """Which versions of these spans are the newest?"""
    spans = build_spans_by_id(project, keys, start_ns, end_ns)
    return spans.with_only_columns(SPANS.c.trace_id, SPANS.c.span_id, read_key("ingested_ns"))


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
            of_project(project),
            between(start_ns, end_ns),
            func.has(ids, SPANS.c.response_id),
            SPANS.c.counted == 1,
        )
        .group_by(SPANS.c.response_id)
        .limit(bindparam("calls", len(response_ids), ch.UInt64))
    )
    return final(statement, SPANS)
