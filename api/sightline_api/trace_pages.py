"""One trace as pages of span columns."""

import re
from collections.abc import Sequence

from sightline_analysis.chains import Chain, build_chain
from sightline_api.amounts import span_cost_text, usd_or_none
from sightline_api.models import SpanColumns, Trace
from sightline_api.trace_view import status_of, trace_summary
from sightline_core.errors import CallerError, Conflict
from sightline_storage.contract import SpanRow, TraceRow

_CURSOR = re.compile(r"([0-9]{1,10})\.([0-9]{1,10})\.(.*)")


def trace_page(row: TraceRow, spans: Sequence[SpanRow], *, limit: int, cursor: str | None) -> Trace:
    """Return at most `limit` spans in tree order, from `cursor` on; see `page_window` for what is raised."""
    window = page_window(row.trace_id, len(spans), limit=limit, cursor=cursor)
    return Trace(
        summary=trace_summary(row),
        total_spans=len(spans),
        spans=_columns(build_chain(spans), window),
        next_cursor=next_cursor(row.trace_id, len(spans), window),
    )


def page_window(of: str, total: int, *, limit: int, cursor: str | None) -> slice:
    """Return which of `total` lines of the trace, or pair of traces, `of` the page at `cursor` holds.

    Raises `CallerError` for a cursor of another one, and `Conflict` when spans arrived since the first
    page: the tree order may have changed, and pages of two orders would repeat and skip spans.
    """
    first = 0
    if cursor is not None:
        first, known = _parse_cursor(cursor, of)
        if known != total:
            raise Conflict("spans of this trace arrived between two pages; read it again from the first page")
    return slice(first, min(first + limit, total))


def next_cursor(of: str, total: int, window: slice) -> str | None:
    """Return the cursor of the page after `window`; None when there is none."""
    return f"{window.stop}.{total}.{of}" if window.stop < total else None


def _parse_cursor(cursor: str, of: str) -> tuple[int, int]:
    match = _CURSOR.fullmatch(cursor)
    if match is None or match[3] != of:
        raise CallerError("the cursor is not one of this trace; start again without it")
    return int(match[1]), int(match[2])


def _columns(chain: Chain, window: slice) -> SpanColumns:
    spans = chain.tree.spans[window]
    start = chain.first_start_ns
    return SpanColumns(
        span_id=[span.span_id for span in spans],
        parent_span_id=[span.parent_span_id for span in spans],
        depth=chain.tree.depth[window],
        name=[span.name for span in spans],
        kind=[span.kind for span in spans],
        status=[status_of(span.status) for span in spans],
        start_offset_ns=[moment - start for moment in chain.start_ns[window]],
        clock_skew_ns=chain.skew_ns[window],
        duration_ns=[span.duration_ns for span in spans],
        self_time_ns=chain.self_time_ns[window],
        time_to_first_token_ns=[span.time_to_first_token_ns for span in spans],
        model=[span.model for span in spans],
        provider=[span.provider for span in spans],
        input_tokens=[span.input_tokens for span in spans],
        output_tokens=[span.output_tokens for span in spans],
        cost_usd=[span_cost_text(span.cost_usd, span.cost_state) for span in spans],
        cost_state=[span.cost_state for span in spans],
        counted=[span.counted for span in spans],
        failure_category=[span.failure_category for span in spans],
        failure_propagated=[span.failure_propagated for span in spans],
        guardrail_outcome=[span.guardrail_outcome for span in spans],
        cache_hit=[None if span.cache_hit < 0 else bool(span.cache_hit) for span in spans],
        orphan=chain.tree.orphan[window],
        critical=chain.critical[window],
        subtree_spans=chain.subtree_spans[window],
        subtree_tokens=chain.subtree_tokens[window],
        subtree_cost_usd=[usd_or_none(cost) for cost in chain.subtree_cost_usd[window]],
        marks=[span.marks for span in spans],
    )
