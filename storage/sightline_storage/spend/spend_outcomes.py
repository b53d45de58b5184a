"""The SQL of unit costs: how many traces, sessions, users and successes are behind the cost of a group?"""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select

from sightline_storage.spans.span_table import SPANS
from sightline_storage.spend.spend_queries import (
    MAX_ROWS,
    Key,
    SpendQuestion,
    place_of,
    span_filters,
    span_window,
)

_S = SPANS.c

ALL_GROUPS: Final = -1
"""The place of all groups together."""


def build_outcomes(question: SpendQuestion, listed: Sequence[Key]) -> Select[Any]:
    """How many traces have calls of each group, and how did they end?

    Place in `listed` from 1 (0: all other groups as one, `ALL_GROUPS`), then the numbers of traces, of traces
    whose root ended well, of sessions and of users.

    A trace is of a group when one of its counted calls is. Traces that sampling kept count for those they
    stand for; sessions and users cannot be scaled so.
    """
    counted = and_(_S.counted == 1, _S.cost_state != "none", *span_filters(question))
    ended_well = and_(_S.parent_span_id == "", _S.status != "error", _S.failure_category == "")
    traces = (
        select(
            func.groupUniqArrayIf(place_of(question, listed), counted).label("places"),
            func.max(ended_well).label("ended_well"),
            func.max(_hash(_S.session)).label("session"),
            func.max(_hash(_S.user)).label("user"),
            func.max(_S.sample_weight).label("weight"),
        )
        .where(*span_window(question))
        .group_by(_S.trace_id)
        .having(func.notEmpty(literal_column("places")))
    )
    found = final(traces, SPANS).subquery("found").c
    return (
        select(
            func.arrayJoin(func.arrayPushBack(found["places"], func.toInt32(ALL_GROUPS))).label("place"),
            func.toUInt64(func.round(func.sum(found.weight))).label("traces"),
            func.toUInt64(func.round(func.sumIf(found.weight, found.ended_well == 1))).label("successes"),
            func.uniqExactIf(found.session, found.session != 0).label("sessions"),
            func.uniqExactIf(found.user, found.user != 0).label("users"),
        )
        .group_by(literal_column("place"))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )


def _hash(name: ColumnElement[Any]) -> ColumnElement[Any]:
    # A number in place of a text for each of millions of traces; 0 is no name.
    return func.if_(func.empty(name), func.toUInt64(0), func.cityHash64(name))
