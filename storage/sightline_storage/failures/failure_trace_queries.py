"""The SQL of findings about whole traces: which are over, their steps, what is usual, what people said."""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select

from sightline_storage.engines.sql import exact_quantiles, nanos, nanos_of
from sightline_storage.rollups.rollup_queries import Bucket
from sightline_storage.rollups.written_minutes import written_in
from sightline_storage.scores.score_table import SCORES
from sightline_storage.spans.span_filters import between, of_project, of_traces
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import weight_of_trace

S = SPANS.c
_SCORE = SCORES.c
_CONTENT_CHARS: Final = 20_000
MAX_STEPS: Final = 500_000
"""Spans of one answer."""
_SAMPLE_TRACES: Final = 20_000


def build_ended_traces(
    start_ns: int, end_ns: int, minutes: Sequence[Bucket] | None, after_ns: int, until_ns: int, traces: int
) -> Select[Any]:
    """Which traces got their last span after a moment and none since another? The first to end, first."""
    last = nanos_of(func.max(S.ingested_at)).label("last_ns")
    return (
        select(
            S.project,
            S.trace_id,
            func.cityHash64(S.trace_id),
            nanos_of(func.min(S.start_time)),
            nanos_of(func.max(S.start_time)),
            last,
            func.max(S.parent_span_id == ""),
        )
        .where(*written_in(start_ns, end_ns, minutes))
        .group_by(S.project, S.trace_id)
        .having(
            literal_column("last_ns") > bindparam("after_ns", after_ns, ch.Int64),
            literal_column("last_ns") <= bindparam("until_ns", until_ns, ch.Int64),
        )
        .order_by(literal_column("last_ns"), S.project, S.trace_id)
        .limit(bindparam("traces", traces, ch.UInt64))
    )


def _content(column: ColumnElement[Any], kinds: Sequence[str]) -> ColumnElement[Any]:
    """The begin of a content column, on spans of these kinds only: it is the largest thing there is."""
    wanted = S.kind.in_(list(kinds))
    return func.if_(wanted, func.substringUTF8(column, 1, _CONTENT_CHARS), "")


def build_steps(
    project: str,
    trace_ids: Sequence[str],
    hashes: Sequence[int],
    start_ns: int,
    end_ns: int,
    *,
    contents: bool,
) -> Select[Any]:
    """What did these traces do, span by span, in order? With the contents that rules compare, or without."""
    compared = (
        func.if_(and_(S.kind == "tool", S.input != ""), func.cityHash64(S.input), 0),
        _content(S.documents, ("retrieval",)),
        _content(S.input, ("retrieval",)),
        _content(S.output, ("llm",)),
    )
    statement = (
        select(
            S.trace_id,
            S.span_id,
            S.parent_span_id,
            nanos_of(S.start_time),
            S.duration_ns,
            S.app,
            S.kind,
            S.tool_name,
            S.provider,
            func.if_(S.counted == 1, S.input_tokens + S.output_tokens, 0),
            func.if_(S.counted == 1, S.cost_usd, 0),
            S.finish_reasons,
            S.stream_outcome,
            S.failure_category,
            *(compared if contents else ()),
        )
        .where(of_project(project), between(start_ns, end_ns), of_traces(S.trace_id, trace_ids, hashes))
        .order_by(S.trace_id, S.start_time, S.span_id)
        .limit(bindparam("spans", MAX_STEPS, ch.UInt64))
    )
    return final(statement, SPANS)


def build_norms(project: str, start_ns: int, end_ns: int) -> Select[Any]:
    """What do the apps' traces take? Their number; median and 95th percentile of steps, tokens, cost.

    Sampled traces count in the latter for those that they stand for, in the number as those looked at.
    """
    traces = (
        select(
            func.any(S.app).label("app"),
            func.count().label("steps"),
            func.sumIf(S.input_tokens + S.output_tokens, S.counted == 1).label("tokens"),
            func.sumIf(S.cost_usd, S.counted == 1).label("cost"),
            weight_of_trace().label("weight"),
        )
        .where(of_project(project), between(start_ns, end_ns))
        .group_by(S.trace_id)
        .limit(bindparam("sample", _SAMPLE_TRACES, ch.UInt64))
        .subquery("traces")
    )
    measures: list[ColumnElement[Any]] = [
        exact_quantiles(func.toFloat64(traces.c[name]), traces.c.weight)
        for name in ("steps", "tokens", "cost")
    ]
    return (
        select(traces.c.app, func.count(), *measures)
        .group_by(traces.c.app)
        .order_by(traces.c.app)
        .limit(bindparam("apps", 1_000, ch.UInt64))
    )


def build_judged_traces(after_ns: int, until_ns: int, limit: int) -> Select[Any]:
    """Which traces of any project got scores, on themselves or a span, in a time, and when last?"""
    return (
        select(_SCORE.project, _SCORE.trace_id, nanos_of(func.max(_SCORE.scored_at)))
        .where(
            _SCORE.scored_at > nanos("after_ns", after_ns),
            _SCORE.scored_at <= nanos("until_ns", until_ns),
            _SCORE.trace_id != "",
        )
        .group_by(_SCORE.project, _SCORE.trace_id)
        .order_by(func.max(_SCORE.scored_at), _SCORE.project, _SCORE.trace_id)
        .limit(bindparam("traces", limit, ch.UInt64))
    )


def build_judgements(project: str, trace_ids: Sequence[str], until_ns: int) -> Select[Any]:
    """What was last said under each score id about these traces and their spans?"""
    newest = func.argMax(
        func.tuple(_SCORE.value_type, _SCORE.number, _SCORE.text, _SCORE.comment, _SCORE.is_deleted),
        _SCORE.scored_at,
    )
    return (
        select(_SCORE.trace_id, _SCORE.span_id, _SCORE.name, _SCORE.source, newest)
        .where(
            _SCORE.project == bindparam("project", project),
            _SCORE.scored_at <= nanos("until_ns", until_ns),
            of_traces(_SCORE.trace_id, trace_ids),
        )
        .group_by(_SCORE.trace_id, _SCORE.span_id, _SCORE.name, _SCORE.source, _SCORE.score_id)
        .order_by(_SCORE.trace_id, _SCORE.span_id, func.max(_SCORE.scored_at).desc(), _SCORE.name)
        .limit(bindparam("scores", 100_000, ch.UInt64))
    )


def build_judged_spans(project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Select[Any]:
    """Every span of these traces with its failure, as far as they started in the time range."""
    statement = (
        select(
            S.trace_id, S.span_id, S.parent_span_id, nanos_of(S.start_time), S.kind, S.tool_name, S.provider,
            S.failure_category,
        )
        .where(of_project(project), between(start_ns, end_ns), of_traces(S.trace_id, trace_ids))
        .order_by(S.trace_id, S.start_time, S.span_id)
        .limit(bindparam("spans", MAX_STEPS, ch.UInt64))
    )  # fmt: skip
    return final(statement, SPANS)
