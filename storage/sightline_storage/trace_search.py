"""Answers to queries of the query language, from stored spans."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import true

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId, TraceId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_fields import FieldType, find_field
from sightline_core.query_tree import EVERYTHING, Node
from sightline_core.time_range import TimeRange
from sightline_storage import trace_queries
from sightline_storage import trace_search_queries as sql
from sightline_storage.contract import TracePage
from sightline_storage.engine import Engine, Row
from sightline_storage.needed_span import is_about_one_span, needed_span
from sightline_storage.page_cursor import SortKey
from sightline_storage.reach import Reach
from sightline_storage.span_conditions import span_condition
from sightline_storage.sql import Query, compile_query
from sightline_storage.statements import run
from sightline_storage.trace_finder import FIRST_LOOK_NS, TraceWindow, next_look, window_floor
from sightline_storage.trace_reader import MAX_PAGE, EngineTraceReader
from sightline_storage.trace_search_queries import SearchScope

_FIRST_LOOK_SPANS = 3_000
_WIDER = 8
MAX_GROUPS = 1000


@dataclass(frozen=True, slots=True)
class TraceFigures:
    """Of some traces: how many, how many failed, how long they took, what they used.

    `cost_usd` is None when no call of theirs has a price.
    """

    traces: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: int
    cost_usd: Decimal | None


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
        self._reach = Reach()
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
            needed = needed_span(node)
            conditions = [] if needed is None or node == EVERYTHING else [span_condition(needed)]
            return self._reader.find_matching(project, time_range, conditions, limit=limit, cursor=cursor)
        scope = SearchScope(project, to_ns(time_range.start), to_ns(time_range.end))
        after = None if cursor is None else SortKey.decode(cursor, order.sort)
        statement = sql.build_sorted_traces(
            node,
            scope,
            order.sort,
            descending=order.descending,
            after=None if after is None else (after.value, after.id),
            limit=limit + 1,
        )
        query = compile_query(statement)
        if order == NEWEST_FIRST:
            keys, windows = self._newest(node, scope, query, after, limit + 1)
        else:
            keys, windows = _keys(order, self._engine.query(query.sql, query.params)), {}
        page = [TraceId(key.id) for key in keys[:limit]]
        return TracePage(
            traces=self._reader.read_rows(project, page, windows),
            next_cursor=keys[limit - 1].encode() if len(keys) > limit else None,
        )

    def _newest(
        self, node: Node, scope: SearchScope, query: Query, after: SortKey | None, wanted: int
    ) -> tuple[list[SortKey], dict[str, TraceWindow]]:
        """Look as far as the last list of this kind had to, then ever further, as the traces so far say.

        `query` asks the whole scope; here it asks a part at a time. Also returns the windows it learns.
        """
        newest_ns = end_ns = scope.end_ns if after is None else min(scope.end_ns, after.value + 1)
        kind = (scope.project, query.sql)
        look_ns, spans = self._reach.of(kind) or FIRST_LOOK_NS, _FIRST_LOOK_SPANS
        found: list[SortKey] = []
        windows: dict[str, TraceWindow] = {}
        while len(found) < wanted and end_ns > scope.start_ns:
            since_ns = max(scope.start_ns, end_ns - look_ns)
            floor_ns = self._floor(node, SearchScope(scope.project, since_ns, end_ns), spans)
            window, is_whole = self._judged_whole(node, SearchScope(scope.project, floor_ns, end_ns), scope)
            asked = query.params | window.bounds | {"traces": wanted - len(found)}
            rows = self._engine.query(query.sql, asked)
            found += _keys(NEWEST_FIRST, rows)
            if is_whole:
                windows.update((row[0], TraceWindow(*row[3:])) for row in rows)
            end_ns = floor_ns
            if floor_ns == since_ns:
                look_ns = max(FIRST_LOOK_NS, next_look(newest_ns - floor_ns, len(found), wanted))
            else:
                spans *= _WIDER
        if len(found) == wanted:
            self._reach.note(kind, newest_ns - end_ns, newest_ns - found[-1].value)
        return found, windows

    def _floor(self, node: Node, scope: SearchScope, spans: int) -> int:
        """Return the start of the window that ends with the scope and has so many spans that may fit."""
        needed = needed_span(node)
        filters = [
            *trace_queries.span_filters(scope.project),
            true() if needed is None else span_condition(needed),
        ]
        return window_floor(self._engine, filters, scope.start_ns, scope.end_ns, spans)[0]

    def _judged_whole(self, node: Node, window: SearchScope, scope: SearchScope) -> tuple[SearchScope, bool]:
        """Return the window such that traces that reach out of it are judged by all that the scope judges.

        And whether that is all there is of them.
        """
        ((first_ns, last_ns),) = run(self._engine, sql.build_extent(node, window))
        start_ns, end_ns = max(scope.judged[0], int(first_ns)), min(scope.judged[1], int(last_ns) + 1)
        is_whole = start_ns == first_ns and end_ns == last_ns + 1
        return replace(window, judged_ns=(start_ns, end_ns)), is_whole

    def histogram(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, bucket_ns: int
    ) -> dict[int, TraceFigures]:
        """Return figures by bucket, counted from the start of the range; empty ones are left out."""
        scope = _scope(project, time_range)
        buckets = -(-(scope.end_ns - scope.start_ns) // bucket_ns)
        rows = run(self._engine, sql.build_histogram(node, scope, bucket_ns, buckets))
        return {int(row[0]): _figures(row[1:]) for row in rows}

    def groups(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, by: str, limit: int
    ) -> list[tuple[str, TraceFigures]]:
        """Return figures for each value of a field, most traces first; see `build_groups`."""
        statement = sql.build_groups(node, _scope(project, time_range), _groupable(by), _checked(limit))
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
    ) -> list[tuple[str, int]]:
        """Return values of a field and in how many of the traces each occurs, most traces first."""
        statement = sql.build_facet(
            None if node == EVERYTHING else node,
            _scope(project, time_range),
            _groupable(field),
            _checked(limit),
            prefix=prefix,
        )
        return [(str(value), int(traces)) for value, traces in run(self._engine, statement)]


def _keys(order: Order, rows: Sequence[Row]) -> list[SortKey]:
    return [SortKey(order.sort, int(row[2]), str(row[0])) for row in rows]


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
        raise CallerError(f"there is no field {name}")
    if field.type not in (FieldType.TEXT, FieldType.ATTRIBUTE):
        raise CallerError(f"{name} is a number; group by a text field or an attribute")
    return field.name


def _figures(row: Row) -> TraceFigures:
    traces, errors, (p50, p95), tokens, cost_usd, with_cost = row
    return TraceFigures(traces, errors, int(p50), int(p95), int(tokens), cost_usd if with_cost else None)
