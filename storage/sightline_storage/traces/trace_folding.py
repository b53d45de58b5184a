"""What a list shows of a trace, worked out in Python for the page of one trace, which reads its spans anyway.

The engine would work it out as well, but planning that query takes it longer than reading the spans does.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sightline_core.ids import TraceId
from sightline_storage.contract import CostTotals, SpanRow, TokenTotals, TraceRow


@dataclass(frozen=True, slots=True)
class SpanContext:
    """What the row of a trace takes from a span beyond `SpanRow`.

    Previews are there on spans that may be the first one.
    """

    app: str
    environment: str
    session: str
    user: str
    cached_input_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    usage_estimated: int
    input_preview: str
    output_preview: str


ReadSpan = tuple[SpanRow, SpanContext]


def fold_trace(trace_id: TraceId, spans: Sequence[ReadSpan]) -> TraceRow:
    """Return what `build_trace_rows` says of the same spans, of which there is at least one."""
    by_rank = sorted(spans, key=lambda read: _rank(read[0]))
    root, around = by_rank[0]
    rows = [row for row, _ in spans]
    start_ns = min(row.start_ns for row in rows)
    return TraceRow(
        trace_id=trace_id,
        name=root.name,
        kind=root.kind,
        app=around.app,
        environment=around.environment,
        start_ns=start_ns,
        duration_ns=max(row.start_ns + row.duration_ns for row in rows) - start_ns,
        status=root.status,
        has_root=root.parent_span_id == "",
        span_count=len(rows),
        error_count=sum(row.status == "error" for row in rows),
        llm_calls=sum(row.counted and row.kind == "llm" for row in rows),
        models=_texts(row.model for row in rows),
        tokens=_tokens([read for read in spans if read[0].counted]),
        cost=_cost([row for row in rows if row.counted]),
        session=_first(by_rank, lambda context: context.session),
        user=_first(by_rank, lambda context: context.user),
        input_preview=around.input_preview,
        output_preview=around.output_preview,
        failure_categories=_texts(row.failure_category for row in rows if not row.failure_propagated),
    )


def _rank(row: SpanRow) -> tuple[bool, int, int, str]:
    """As `span_filters.ROOT_FIRST`."""
    return row.parent_span_id != "", row.start_ns, -row.duration_ns, row.span_id


def _tokens(counted: Sequence[ReadSpan]) -> TokenTotals:
    return TokenTotals(
        input=sum(row.input_tokens for row, _ in counted),
        cached_input=sum(context.cached_input_tokens for _, context in counted),
        cache_write=sum(context.cache_write_tokens for _, context in counted),
        output=sum(row.output_tokens for row, _ in counted),
        reasoning=sum(context.reasoning_tokens for _, context in counted),
        estimated=any(context.usage_estimated for _, context in counted),
    )


def _cost(counted: Sequence[SpanRow]) -> CostTotals:
    states = [row.cost_state for row in counted]
    return CostTotals(
        usd=sum((row.cost_usd for row in counted if row.cost_state in ("priced", "estimated")), Decimal(0)),
        priced_calls=states.count("priced"),
        estimated_calls=states.count("estimated"),
        unpriced_calls=states.count("unpriced"),
    )


def _texts(values: Iterable[str]) -> list[str]:
    """As the engine sorts them: by their bytes."""
    return sorted({value for value in values if value}, key=str.encode)


def _first(by_rank: Iterable[ReadSpan], read: Callable[[SpanContext], str]) -> str:
    return next((value for _, context in by_rank if (value := read(context))), "")
