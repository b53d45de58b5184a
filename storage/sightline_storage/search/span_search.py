"""Lists of spans that fit a query, newest first."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, select

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_core.nanoseconds import to_ns
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import nanos_of, tuple_less
from sightline_storage.engines.statements import run
from sightline_storage.search.fitting_traces import spans_fit
from sightline_storage.search.search_scope import MARGIN_NS, SearchScope
from sightline_storage.spans.page_cursor import SortKey
from sightline_storage.spans.span_filters import read_key
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.trace_finder import window_floor
from sightline_storage.traces.trace_reader import MAX_PAGE

_FIRST_LOOK_SPANS = 20_000
_WIDER = 8
_SORT = "span"
_SPAN_ID = 16
# Ids of spans are unique in their trace only.
_IDS = (SPANS.c.span_id, SPANS.c.trace_id)


@dataclass(frozen=True, slots=True)
class SpanHit:
    """One span of a list, without its content."""

    trace_id: TraceId
    span_id: SpanId
    parent_span_id: str
    name: str
    kind: str
    app: str
    environment: str
    session: str
    user: str
    status: str
    start_ns: int
    duration_ns: int
    time_to_first_token_ns: int
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    cost_state: str
    failure_category: str
    input_preview: str
    output_preview: str


@dataclass(frozen=True, slots=True)
class SpanPage:
    """Newest first. `next_cursor` is None on the last page."""

    spans: list[SpanHit]
    next_cursor: str | None


class SpanSearch:
    """Finds the spans of a project that fit a query."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find_spans(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, limit: int, cursor: str | None
    ) -> SpanPage:
        """Return spans that start in the range; raises `CallerError` for a cursor of another list."""
        if not 1 <= limit <= MAX_PAGE:
            raise CallerError(f"limit must be between 1 and {MAX_PAGE}")
        start_ns, end_ns = to_ns(time_range.start), to_ns(time_range.end)
        # A trace may begin before the range, or before the look that finds its span.
        traces = SearchScope(project, max(0, start_ns - MARGIN_NS), end_ns, prefix="trace_")
        after = None if cursor is None else SortKey.decode(cursor, _SORT)
        if after is not None:
            end_ns = min(end_ns, after.value + 1)
        found: list[SpanHit] = []
        look = _FIRST_LOOK_SPANS
        while len(found) <= limit and end_ns > start_ns:
            fits = spans_fit(node, SearchScope(project, start_ns, end_ns), traces)
            floor_ns, _ = window_floor(self._engine, [fits], start_ns, end_ns, look)
            scope = SearchScope(project, floor_ns, end_ns)
            rows = run(self._engine, build_span_hits(node, scope, traces, after, limit + 1 - len(found)))
            found += [SpanHit(*row) for row in rows]
            end_ns, look = floor_ns, look * _WIDER
        if len(found) <= limit:
            return SpanPage(found, None)
        last = found[limit - 1]
        return SpanPage(found[:limit], SortKey(_SORT, last.start_ns, last.span_id + last.trace_id).encode())


def build_span_hits(
    node: Node, scope: SearchScope, traces: SearchScope, after: SortKey | None, limit: int
) -> Select[Any]:
    """Which spans of a scope fit, newest first, after `after`? Their traces begin in `traces`.

    Columns in the order of `SpanHit`.
    """
    start = nanos_of(SPANS.c.start_time)
    statement = select(*(read_key(field.name) for field in fields(SpanHit))).where(
        spans_fit(node, scope, traces)
    )
    if after is not None:
        bound = (
            bindparam("after_value", after.value, ch.Int64),
            bindparam("after_id", after.id[:_SPAN_ID], ch.String),
            bindparam("after_trace", after.id[_SPAN_ID:], ch.String),
        )
        statement = statement.where(tuple_less((start, *_IDS), bound))
    statement = statement.order_by(SPANS.c.start_time.desc(), *(each.desc() for each in _IDS))
    return final(statement.limit(bindparam("spans", limit, ch.UInt64)), SPANS)
