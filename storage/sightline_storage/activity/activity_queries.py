"""The SQL behind sessions and users: whose traces these are, and the turns of a session.

A trace counts for every session and every user that a span of it names, as in the groups of a search.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from sightline_core.query_fields import FieldName
from sightline_core.query_tree import EVERYTHING, Has, Node, Pattern, TextMatch
from sightline_storage.engines.sql import name_of, nanos_of, tuple_less
from sightline_storage.search.fitting_traces import build_traces, weight_of_fitting
from sightline_storage.search.search_scope import MARGIN_NS, SearchScope
from sightline_storage.search.trace_totals import measure_trace, sum_traces
from sightline_storage.spans.page_cursor import RowKey
from sightline_storage.spans.span_filters import ROOT_FIRST, between, of_project, of_traces
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.texts_below import first_asked, last_answered

S = SPANS.c

Holder = Literal["session", "user"]
OTHER: Final[dict[Holder, Holder]] = {"session": "user", "user": "session"}
_SHOWN: Final = name_of("10")

ActivitySort = Literal["last", "traces", "errors", "tokens", "cost"]
_SORTS: Final[dict[ActivitySort, ColumnElement[Any]]] = {
    "last": name_of("last_ns"),
    "traces": name_of("traces"),
    "errors": name_of("errors"),
    "tokens": name_of("sum_total_input_tokens + sum_total_output_tokens"),
    "cost": name_of("sum_total_usd * 1000000000"),
}
"""What sessions and users are sorted by, as whole numbers: nanoseconds, counts, 10⁻⁹ USD."""


def build_activity(
    holder: Holder,
    node: Node,
    scope: SearchScope,
    *,
    sort: ActivitySort = "last",
    only: str = "",
    before: RowKey,
    limit: int,
) -> Select[Any]:
    """Which sessions (or users) have a trace that fits, the most of `sort` first, and what are their figures?

    The figures are about all of their traces in the scope. `only` picks one; "" asks for all. Columns in the
    order of `activity_reader`.
    """
    wanted: Node = TextMatch(FieldName(holder), (Pattern(only),)) if only else Has(holder)
    columns = [*_holders(), _APP.label("trace_app"), weight_of_fitting(wanted, scope), *measure_trace()]
    found = build_traces(wanted, scope, columns)
    traces = found.subquery("traces")
    each = select(func.arrayJoin(traces.c[f"{holder}s"]).label("holder"), *traces.c).subquery("each")
    others = each.c[f"{OTHER[holder]}s"]
    key: tuple[ColumnElement[Any], ...] = (name_of("sort_value"), each.c.holder)
    bound = (bindparam("before_value", before.value, ch.Int64), bindparam("before_id", before.id, ch.String))
    return (
        select(
            *sum_traces(each.c),
            each.c.holder,
            func.min(each.c.end_ns - each.c.trace_ns).label("first_ns"),
            func.max(each.c.end_ns).label("last_ns"),
            func.arraySlice(func.arraySort(func.groupUniqArray(each.c.trace_app)), 1, _SHOWN).label("apps"),
            func.uniqExact(each.c.trace_app).label("app_count"),
            func.arraySlice(func.arraySort(func.groupUniqArrayArray(others)), 1, _SHOWN).label("others"),
            func.uniqExactArray(others).label("other_count"),
            func.toInt64(_SORTS[sort]).label("sort_value"),
        )
        .where(*_chosen(each.c.holder, holder, node, scope, only))
        .group_by(each.c.holder)
        .having(tuple_less(key, bound))
        .order_by(name_of("sort_value").desc(), each.c.holder.desc())
        .limit(bindparam("holders", limit, ch.UInt64))
    )


_APP: Final = func.argMin(S.app, ROOT_FIRST)


def _holders() -> list[ColumnElement[Any]]:
    return [func.groupUniqArrayIf(S[name], S[name] != "").label(f"{name}s") for name in OTHER]


def _chosen(
    value: ColumnElement[Any], holder: Holder, node: Node, scope: SearchScope, only: str
) -> list[ColumnElement[bool]]:
    if only:
        return [value == bindparam("only", only, ch.String)]
    if node == EVERYTHING:
        return []
    fitting = build_traces(node, scope, _holders()).subquery("fitting")
    values = select(func.arrayJoin(fitting.c[f"{holder}s"]))
    return [value.op("GLOBAL IN")(values.scalar_subquery())]


def build_window(holder: Holder, project: str, id_: str, start_ns: int, end_ns: int) -> Select[Any]:
    """When do the first and the last span of a session or user start, and is there one at all?"""
    return (
        select(
            nanos_of(func.min(S.start_time)).label("first_ns"),
            nanos_of(func.max(S.start_time)).label("last_ns"),
            func.count().label("spans"),
        )
        .where(
            of_project(project),
            between(start_ns, end_ns),
            S[holder] == bindparam("holder", id_, ch.String),
        )
        .limit(bindparam("rows", 1, ch.UInt64))
    )


def build_session_traces(
    project: str, session: str, start_ns: int, end_ns: int, after: RowKey, limit: int
) -> Select[Any]:
    """Which traces has this session, in order of time?

    One that began before the range is known by its spans of an hour before it.
    """
    first = nanos_of(func.min(S.start_time)).label("first_ns")
    key: tuple[ColumnElement[Any], ...] = (name_of("first_ns"), S.trace_id)
    bound = (bindparam("after_ns", after.value, ch.Int64), bindparam("after_id", after.id, ch.String))
    return (
        select(S.trace_id, first)
        .where(
            of_project(project),
            between(max(0, start_ns - MARGIN_NS), end_ns),
            S.session == bindparam("session", session, ch.String),
        )
        .group_by(S.trace_id)
        .having(tuple_less(bound, key))
        .order_by(name_of("first_ns"), S.trace_id)
        .limit(bindparam("traces", limit, ch.UInt64))
    )


def build_turn_texts(
    project: str, session: str, trace_ids: Sequence[str], start_ns: int, end_ns: int
) -> Select[Any]:
    """What went into those of these traces that have the session, and what came out?

    Each text with the id of the span that has it.

    The root's own texts come first. Without them, the first text that went into a span below, and the last
    answer of a model.
    """
    asked = func.tuple(S.span_id, S.input_preview)
    answered = func.tuple(S.span_id, S.output_preview)
    statement = (
        select(
            S.trace_id,
            first_asked(asked).label("asked"),
            func.argMin(answered, ROOT_FIRST).label("answered_by_root"),
            last_answered(answered).label("answered_by_model"),
        )
        .where(of_project(project), between(start_ns, end_ns), of_traces(S.trace_id, trace_ids))
        .group_by(S.trace_id)
        .having(func.max(S.session == bindparam("session", session, ch.String)) == name_of("1"))
        .limit(bindparam("traces", len(trace_ids), ch.UInt64))
    )
    return final(statement, SPANS)
