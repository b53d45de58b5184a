"""Comparisons as response models."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sightline_analysis.chains import Chain, build_chain
from sightline_analysis.trace_diff import Step, diff_chains
from sightline_analysis.trace_diff_text import content_text, diff_texts
from sightline_api import trace_diff_models as models
from sightline_api.amounts import usd_or_none, usd_text
from sightline_api.trace_pages import next_cursor, page_window
from sightline_api.trace_view import status_of, trace_summary
from sightline_storage.contract import SpanRow, TraceRow
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.traces.trace_inspector import ContentDigest

Side = tuple[TraceRow, Sequence[SpanRow], Mapping[str, ContentDigest]]
"""A trace's row, its spans and the digests of their content."""


def trace_diff(left: Side, right: Side, *, limit: int, cursor: str | None) -> models.TraceDiff:
    """Return one page of the comparison; see `page_window` for what is raised."""
    left_row, left_spans, left_content = left
    right_row, right_spans, right_content = right
    left_chain, right_chain = build_chain(left_spans), build_chain(right_spans)
    steps = diff_chains(left_chain, right_chain, left_content, right_content)
    pair = f"{left_row.trace_id}.{right_row.trace_id}"
    window = page_window(pair, len(steps), limit=limit, cursor=cursor)
    counts = Counter(step.outcome for step in steps)
    return models.TraceDiff(
        left=trace_summary(left_row),
        right=trace_summary(right_row),
        counts=models.DiffCounts(
            same=counts["same"], changed=counts["changed"], left=counts["left"], right=counts["right"]
        ),
        delta=_total(left_row, right_row),
        total_steps=len(steps),
        steps=[_step(step, left_chain, right_chain) for step in steps[window]],
        next_cursor=next_cursor(pair, len(steps), window),
    )


def step_diff(left: SpanRecord, right: SpanRecord) -> models.StepDiff:
    """Return the texts of two spans beside each other."""
    parts: tuple[tuple[models.DiffPart, str, str], ...] = (
        ("error", _error(left), _error(right)),
        ("instructions", left["system_instructions"], right["system_instructions"]),
        ("tools", left["tool_definitions"], right["tool_definitions"]),
        ("input", left["input"], right["input"]),
        ("output", left["output"], right["output"]),
    )
    return models.StepDiff(parts=[_part(*part) for part in parts if part[1] or part[2]])


def _part(name: models.DiffPart, left: str, right: str) -> models.TextDifference:
    difference = diff_texts(content_text(left), content_text(right))
    return models.TextDifference(
        part=name,
        changed=left != right,
        cut=difference.cut,
        pieces=[models.TextPiece(op=piece.op, text=piece.text) for piece in difference.pieces],
    )


def _error(record: SpanRecord) -> str:
    return record["failure_message"] or record["status_message"]


def _step(step: Step, left: Chain, right: Chain) -> models.DiffStep:
    cost = step.delta.cost_usd
    return models.DiffStep(
        depth=step.depth,
        outcome=step.outcome,
        changes=list(step.changes),
        left=None if step.left is None else _side(left, step.left),
        right=None if step.right is None else _side(right, step.right),
        delta=models.StepDelta(
            duration_ns=step.delta.duration_ns,
            tokens=step.delta.tokens,
            cost_usd=usd_or_none(cost),
        ),
    )


def _side(chain: Chain, position: int) -> models.StepSide:
    span, cost = chain.tree.spans[position], chain.subtree_cost_usd[position]
    return models.StepSide(
        span_id=span.span_id,
        name=span.name,
        kind=span.kind,
        model=span.model,
        status=status_of(span.status),
        failure_category=span.failure_category,
        duration_ns=span.duration_ns,
        tokens=chain.subtree_tokens[position],
        cost_usd=usd_or_none(cost),
    )


def _total(left: TraceRow, right: TraceRow) -> models.StepDelta:
    known = not left.cost.unpriced_calls and not right.cost.unpriced_calls
    return models.StepDelta(
        duration_ns=right.duration_ns - left.duration_ns,
        tokens=right.tokens.input + right.tokens.output - left.tokens.input - left.tokens.output,
        cost_usd=usd_text(right.cost.usd - left.cost.usd) if known else None,
    )
