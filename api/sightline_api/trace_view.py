"""Rows of lists as response models."""

from sightline_api.amounts import cost_of, tokens_of
from sightline_api.models import AppSummary, Status, TraceSummary
from sightline_core.nanoseconds import time_of
from sightline_storage.contract import AppRow, TraceRow


def status_of(text: str) -> Status:
    """Return the status; anything but ok and error is unset."""
    if text == "ok":
        return "ok"
    return "error" if text == "error" else "unset"


def trace_summary(row: TraceRow) -> TraceSummary:
    """Return one row of the trace list."""
    return TraceSummary(
        trace_id=row.trace_id,
        name=row.name,
        kind=row.kind,
        app=row.app,
        environment=row.environment,
        start_time=time_of(row.start_ns),
        duration_ns=row.duration_ns,
        status=status_of(row.status),
        running=not row.has_root,
        span_count=row.span_count,
        error_count=row.error_count,
        llm_calls=row.llm_calls,
        models=row.models,
        tokens=tokens_of(row.tokens),
        cost=cost_of(row.cost),
        session=row.session,
        user=row.user,
        input_preview=row.input_preview,
        output_preview=row.output_preview,
        failure_categories=row.failure_categories,
    )


def app_summary(row: AppRow) -> AppSummary:
    """Return one app of the list."""
    return AppSummary(
        app=row.app,
        environments=row.environments,
        traces=row.traces,
        errors=row.errors,
        tokens=tokens_of(row.tokens),
        cost=cost_of(row.cost),
        last_seen=row.last_seen,
        sampled=row.sampled,
    )
