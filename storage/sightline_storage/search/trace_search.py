"""Answers to queries of the query language, from stored spans."""

import time
from dataclasses import dataclass
from difflib import get_close_matches

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId, TraceId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_fields import FIELD_OF, FieldType, find_field
from sightline_core.query_tree import EVERYTHING, Node
from sightline_core.time_range import TimeRange
from sightline_storage.contract import CostTotals, TracePage
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import run
from sightline_storage.search import trace_figure_queries as figures
from sightline_storage.search import trace_search_queries as sql
from sightline_storage.search.needed_span import is_about_one_span, needed_conditions
from sightline_storage.search.newest_fitting import NewestFitting
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.spans.page_cursor import Glance, SortKey
from sightline_storage.traces.trace_reader import MAX_PAGE, EngineTraceReader

MAX_GROUPS = 1000
_COUNTABLE = (FieldType.TEXT, FieldType.ATTRIBUTE)
_WITH_VALUES = [name for name, field in FIELD_OF.items() if field.type in _COUNTABLE]


@dataclass(frozen=True, slots=True)
class TraceFigures:
    """Of some traces: how many, how many failed, how long they took, what they used.

    `sampled`: sampled traces are among them, each counted for those that it stands for, so that all of this
    is estimated.
    """

    traces: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: int
    cost: CostTotals
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class ValueCount:
    """In how many traces a value occurs; an estimate where sampled ones are among them."""

    value: str
    traces: int
    sampled: bool


@dataclass(frozen=True, slots=True)
class Order:
    """Of a list of traces: by `start`, `duration`, `cost` or `tokens`."""

    sort: str = "start"
    descending: bool = True


NEWEST_FIRST = Order()


class TraceSearch:
    """Finds, counts and groups the traces of a project that fit a query.

    Every call raises `CallerError` for a limit, field or cursor that cannot be, and `BackendError`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._newest = NewestFitting(engine)
        self._reader = EngineTraceReader(engine)

    def find_traces(
        self,
        project: ProjectId,
        time_range: TimeRange,
        node: Node,
        *,
        order: Order = NEWEST_FIRST,
        limit: int = 50,
        cursor: str | None = None,
    ) -> TracePage:
        """Return at most `limit` traces that fit; `cursor` comes from the page before in the same order."""
        if not 1 <= limit <= MAX_PAGE:
            raise CallerError(f"limit must be between 1 and {MAX_PAGE}")
        if order == NEWEST_FIRST and (node == EVERYTHING or is_about_one_span(node)):
            conditions = needed_conditions(node)
            return self._reader.find_matching(project, time_range, conditions, limit=limit, cursor=cursor)
        if order == NEWEST_FIRST:
            scope = _scope(project, time_range)
            after = None if cursor is None else SortKey.decode(cursor, order.sort)
            keys, windows = self._newest.find(node, scope, after, limit + 1)
            more = keys[limit - 1].encode() if len(keys) > limit else None
        else:
            glance, scope, inner = looked_at(project, time_range, cursor)
            after = None if inner is None else SortKey.decode(inner, order.sort)
            keys, windows = self._sorted(node, scope, order, after, limit + 1), {}
            more = glance.encode(keys[limit - 1].encode()) if len(keys) > limit else None
        page = [TraceId(key.id) for key in keys[:limit]]
        return TracePage(traces=self._reader.read_rows(project, page, windows), next_cursor=more)

    def _sorted(
        self, node: Node, scope: SearchScope, order: Order, after: SortKey | None, wanted: int
    ) -> list[SortKey]:
        statement = sql.build_sorted_traces(
            node, scope, order.sort, descending=order.descending, after=after, limit=wanted
        )
        rows = run(self._engine, statement)
        return [SortKey(order.sort, int(row[2]), str(row[0])) for row in rows]

    def histogram(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, bucket_ns: int
    ) -> dict[int, TraceFigures]:
        """Return figures by bucket, of which the n-th starts at n × `bucket_ns`; empty ones are left out.

        The first and the last hold what of them is in the range.
        """
        scope = _scope(project, time_range)
        buckets = -(-scope.end_ns // bucket_ns) - scope.start_ns // bucket_ns
        rows = run(self._engine, figures.build_histogram(node, scope, bucket_ns, buckets))
        return {int(row[0]): _figures(row[1:]) for row in rows}

    def groups(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, by: str, limit: int
    ) -> list[tuple[str, TraceFigures]]:
        """Return figures for each value of a field, most traces first; see `build_groups`."""
        statement = figures.build_groups(node, _scope(project, time_range), _groupable(by), _checked(limit))
        return [(str(row[0]), _figures(row[1:])) for row in run(self._engine, statement)]

    def facet(
        self,
        project: ProjectId,
        time_range: TimeRange,
        node: Node,
        *,
        field: str,
        limit: int,
        prefix: str = "",
    ) -> list[ValueCount]:
        """Return values of a field and in how many of the traces each occurs, most traces first."""
        statement = figures.build_facet(
            None if node == EVERYTHING else node,
            _scope(project, time_range),
            _groupable(field),
            _checked(limit),
            prefix=prefix,
        )
        rows = run(self._engine, statement)
        return [ValueCount(str(value), int(traces), bool(sampled)) for value, traces, sampled in rows]


def looked_at(
    project: str, time_range: TimeRange, cursor: str | None
) -> tuple[Glance, SearchScope, str | None]:
    """Return what a page looks at of a list that spans reorder as they arrive, and the list's own cursor.

    Pages after the first look at the range of the first, as it was stored then.
    """
    if cursor is None:
        scope = _scope(project, time_range)
        return Glance(scope.start_ns, scope.end_ns, time.time_ns()), scope, None
    glance, inner = Glance.decode(cursor)
    return glance, SearchScope(project, glance.start_ns, glance.end_ns, as_of_ns=glance.at_ns), inner


def _scope(project: str, time_range: TimeRange) -> SearchScope:
    return SearchScope(project, to_ns(time_range.start), to_ns(time_range.end))


def _checked(limit: int) -> int:
    if not 1 <= limit <= MAX_GROUPS:
        raise CallerError(f"limit must be between 1 and {MAX_GROUPS}")
    return limit


def _groupable(name: str) -> str:
    """Return the canonical name of a field that has values to count."""
    field = find_field(name)
    if field is None:
        close = get_close_matches(name, _WITH_VALUES, n=1)
        hint = f"did you mean {close[0]}?" if close else "attributes stand after attr."
        raise CallerError(f"there is no field {name[:100]!r}; {hint}")
    if field.type not in _COUNTABLE:
        raise CallerError(f"{name} is a number; group by a text field or an attribute")
    return field.name


def _figures(row: Row) -> TraceFigures:
    traces, errors, (p50, p95), tokens, *cost, sampled = row
    return TraceFigures(
        traces, errors, int(p50), int(p95), int(tokens), CostTotals(*cost), sampled=bool(sampled)
    )
