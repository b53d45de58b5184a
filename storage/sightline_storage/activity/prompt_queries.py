"""The SQL behind prompts: the model calls that were made with each version of a named prompt."""

from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, Subquery, Table, and_, bindparam, func, or_, select, true

from sightline_core.query_tree import Node
from sightline_semconv.kinds import COUNTED_KINDS
from sightline_storage.engines.sql import exact_quantiles, lambda_of, name_of, nanos, nanos_of
from sightline_storage.scores.score_table import SCORES
from sightline_storage.search.fitting_traces import spans_fit
from sightline_storage.search.search_scope import SearchScope, starts_within
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import ANY_SAMPLED, SPAN_WEIGHT, weight_of_trace, weighted_count
from sightline_storage.traces.usage_totals import cost_totals, token_totals

S = SPANS.c
C = SCORES.c

# Costs by prompt, budgets and rules are over the same calls, but for those that were refused unbilled.
_IS_CALL: Final = and_(S.counted == 1, S.kind.in_(sorted(COUNTED_KINDS)), S.prompt_name != "")
_NUMBERS: Final = ("boolean", "number")


def build_prompts(node: Node, scope: SearchScope, limit: int) -> Select[Any]:
    """How did each version of each prompt do? Columns in the order of `prompt_reader`, newest use first."""
    statement = (
        select(
            S.prompt_name,
            S.prompt_version,
            weighted_count(true()).label("calls"),
            weighted_count(S.status == "error").label("errors"),
            exact_quantiles(S.duration_ns, SPAN_WEIGHT).label("quantiles_ns"),
            *token_totals(),
            *cost_totals(),
            nanos_of(func.min(S.start_time)).label("first_ns"),
            nanos_of(func.max(S.start_time)).label("last_ns"),
            func.arraySort(func.groupUniqArray(S.app)).label("apps"),
            func.arraySort(func.groupUniqArrayIf(S.model, S.model != "")).label("models"),
            ANY_SAMPLED.label("sampled"),
        )
        .where(spans_fit(node, scope), _IS_CALL)
        .group_by(S.prompt_name, S.prompt_version)
        .order_by(name_of("last_ns").desc(), S.prompt_name, S.prompt_version)
        .limit(bindparam("versions", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_prompt_scores(node: Node, scope: SearchScope, limit: int) -> Select[Any]:
    """What is the mean of each score, by version?

    A score on a call counts for the prompt of that call; one on the trace or another span of it for every
    prompt that the trace used. Those of a sampled trace weigh more in the mean, and count as they were given.
    """
    calls = _calls_by_trace(node, scope).subquery("calls")
    scores = _newest_scores(scope).subquery("scores")
    named = select(_span_of(_named_calls(scope).subquery("named")))
    own = func.arrayFilter(
        lambda_of(["call"], name_of("call.1") == scores.c.span_id), calls.c.calls_with_version
    )
    versions = func.arrayDistinct(
        func.arrayMap(
            lambda_of(["call"], func.tuple(name_of("call.2"), name_of("call.3"))),
            func.if_(func.empty(own), calls.c.calls_with_version, own),
        )
    )
    judged = (
        select(func.arrayJoin(versions).label("version"), scores.c.name, scores.c.number, calls.c.weight)
        .select_from(calls.join(scores, calls.c.trace_id == scores.c.trace_id))
        # A score on the call of a prompt that does not fit is not one on another span.
        .where(or_(func.notEmpty(own), _span_of(scores).op("GLOBAL NOT IN")(named.scalar_subquery())))
        .subquery("judged")
    )
    return (
        select(
            func.tupleElement(judged.c.version, 1).label("prompt"),
            func.tupleElement(judged.c.version, 2).label("prompt_version"),
            judged.c.name,
            # `avgWeighted` reckons in whole numbers where the weights are.
            func.divide(func.sum(judged.c.number * judged.c.weight), func.sum(judged.c.weight)).label("mean"),
            func.count().label("count"),
        )
        .group_by(judged.c.version, judged.c.name)
        .order_by(judged.c.version, judged.c.name)
        .limit(bindparam("means", limit, ch.UInt64))
    )


def _calls_by_trace(node: Node, scope: SearchScope) -> Select[Any]:
    call: ColumnElement[Any] = func.tuple(S.span_id, S.prompt_name, S.prompt_version)
    statement = (
        select(
            S.trace_id,
            func.groupUniqArray(call).label("calls_with_version"),
            weight_of_trace().label("weight"),
        )
        .where(spans_fit(node, scope), _IS_CALL)
        .group_by(S.trace_id)
    )
    return final(statement, SPANS)


def _named_calls(scope: SearchScope) -> Select[Any]:
    """Which calls of prompts were judged by themselves?"""
    judged = select(_span_of(SCORES)).where(*_given(scope), C.span_id != "")
    is_judged = _span_of(SPANS).op("GLOBAL IN")(judged.scalar_subquery())
    return final(select(S.trace_id, S.span_id).where(starts_within(scope), _IS_CALL, is_judged), SPANS)


def _span_of(rows: Table | Subquery) -> ColumnElement[Any]:
    return func.tuple(rows.c.trace_id, rows.c.span_id)


def _newest_scores(scope: SearchScope) -> Select[Any]:
    """Return numbers as they were last given; see `score_queries` for why `FINAL` is not enough."""
    statement = (
        select(
            C.trace_id,
            C.span_id,
            C.name,
            func.argMax(C.number, C.scored_at).label("number"),
        )
        .where(*_given(scope))
        .group_by(C.score_id, C.trace_id, C.span_id, C.name)
    )
    return final(statement, SCORES)


def _given(scope: SearchScope) -> tuple[ColumnElement[bool], ...]:
    return (
        C.project == bindparam("project", scope.project, ch.String),
        C.scored_at >= nanos("start_ns", scope.start_ns),
        C.trace_id != "",
        C.value_type.in_(_NUMBERS),
    )
