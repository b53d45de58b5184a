"""The SQL of unit costs: how many traces, sessions, users and successes are behind the cost of a group?"""

from collections.abc import Sequence
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select

from sightline_storage.span_table import SPANS
from sightline_storage.spend_queries import (
    MAX_ROWS,
    Key,
    SpendQuestion,
    listed_key,
    span_filters,
    span_window,
)

_S = SPANS.c


def build_outcomes(question: SpendQuestion, listed: Sequence[Key]) -> Select[Any]:
    """How many traces have calls of each group, and how did they end?

    Values of the group (none for all groups that are not `listed`, which are one), then the numbers of
    traces, of traces whose root ended well, of sessions and of users.

    A trace is of a group when one of its counted calls is. Traces that sampling kept count for those they
    stand for; sessions and users cannot be scaled so.
    """
    counted = and_(_S.counted == 1, _S.cost_state != "none", *span_filters(question))
    ended_well = and_(_S.parent_span_id == "", _S.status != "error", _S.failure_category == "")
    traces = (
        select(
            func.groupUniqArrayIf(_key(question, listed), counted).label("keys"),
            func.max(ended_well).label("ended_well"),
            func.max(_S.session).label("session"),
            func.max(_S.user).label("user"),
            func.max(_S.sample_weight).label("weight"),
        )
        .where(*span_window(question))
        .group_by(_S.trace_id)
        .having(func.notEmpty(literal_column("keys")))
    )
    found = final(traces, SPANS).subquery("found").c
    return (
        select(
            func.arrayJoin(found["keys"]).label("key"),
            func.toUInt64(func.round(func.sum(found.weight))).label("traces"),
            func.toUInt64(func.round(func.sumIf(found.weight, found.ended_well == 1))).label("successes"),
            func.uniqExactIf(found.session, found.session != "").label("sessions"),
            func.uniqExactIf(found.user, found.user != "").label("users"),
        )
        .group_by(literal_column("key"))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )


def _key(question: SpendQuestion, listed: Sequence[Key]) -> ColumnElement[Any]:
    nothing: ColumnElement[Any] = literal_column("emptyArrayString()")
    if not question.dimensions:
        return nothing
    values, is_listed = listed_key(question, listed)
    return func.if_(is_listed, func.array(*values), nothing)
