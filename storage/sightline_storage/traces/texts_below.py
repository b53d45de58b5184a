"""What went into a trace and came out, by spans below the root: that of an HTTP request says neither."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from sightline_storage.contract import TraceRow
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.spans.span_filters import ROOT_FIRST
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.trace_finder import TraceWindow, bounds_of
from sightline_storage.traces.trace_queries import of_some_traces

S = SPANS.c


def first_asked(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the value of the first span that says what went into it, the root before all others."""
    return func.argMinIf(value, ROOT_FIRST, S.input_preview != "")


def last_answered(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the value of the last model call that says what came out."""
    return func.argMaxIf(value, S.start_time, and_(S.kind == "llm", S.output_preview != ""))


def with_texts_below(
    engine: Engine, project: str, rows: Mapping[str, TraceRow], windows: Mapping[str, TraceWindow]
) -> dict[str, TraceRow]:
    """Return the rows, those whose root says nothing with texts of the calls below it.

    A query of its own: where roots say what went in and out, as most do, it is not asked.
    """
    silent = {
        trace_id: windows[trace_id]
        for trace_id, row in rows.items()
        if row.span_count > 1 and row.llm_calls and not (row.input_preview or row.output_preview)
    }
    if not silent:
        return dict(rows)
    found = run(engine, build_texts_below(project, silent))
    return {
        **rows,
        **{
            trace_id: replace(rows[trace_id], input_preview=asked, output_preview=answered)
            for trace_id, asked, answered in found
        },
    }


def build_texts_below(project: str, windows: Mapping[str, TraceWindow]) -> Select[Any]:
    """What was asked first in these traces, and what was answered last?"""
    hashes = [window.hash for window in windows.values()]
    statement = (
        select(S.trace_id, first_asked(S.input_preview), last_answered(S.output_preview))
        .group_by(S.trace_id)
        .limit(bindparam("traces", len(windows), ch.UInt64))
    )
    bounds = bounds_of(windows.values())
    return of_some_traces(statement, project, list(windows), *bounds, hashes=hashes)
