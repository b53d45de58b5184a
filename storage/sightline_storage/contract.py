"""What every store does, in prose. chDB, a server and a cluster pass the same contract suite.

All calls block and are thread-safe; run them in a thread pool. Every call takes the project first and never
sees another project's rows. A span that was delivered twice is returned and counted once. Returned objects
belong to the caller. A store that cannot be reached raises `BackendError`; nothing else leaves this part
except the `CallerError`s named below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_core.time_range import TimeRange
from sightline_storage.spans.span_record import SpanRecord


@dataclass(frozen=True, slots=True)
class TokenTotals:
    """Sums over counted spans."""

    input: int
    cached_input: int
    cache_write: int
    output: int
    reasoning: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class CostTotals:
    """Sums over counted model calls. `usd` covers priced and estimated calls, not the unpriced ones."""

    usd: Decimal
    priced_calls: int
    estimated_calls: int
    unpriced_calls: int


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One trace of a list. Name, kind and previews are the root's, else the earliest span's.

    Where that says neither what went in nor what came out, previews are of the calls below it.
    """

    trace_id: TraceId
    name: str
    kind: str
    app: str
    environment: str
    start_ns: int
    duration_ns: int
    status: str
    has_root: bool
    span_count: int
    error_count: int
    llm_calls: int
    models: list[str]
    tokens: TokenTotals
    cost: CostTotals
    session: str
    user: str
    input_preview: str
    output_preview: str
    failure_categories: list[str]


@dataclass(frozen=True, slots=True)
class TracePage:
    """Newest first, at most the limit asked for. `next_cursor` is None on the last page."""

    traces: list[TraceRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One span of a trace without its content."""

    span_id: SpanId
    parent_span_id: str
    name: str
    kind: str
    status: str
    start_ns: int
    duration_ns: int
    time_to_first_token_ns: int
    model: str
    provider: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    cost_state: str
    counted: bool
    failure_category: str
    failure_propagated: bool
    guardrail_outcome: str
    cache_hit: int
    marks: list[str]


@dataclass(frozen=True, slots=True)
class AppRow:
    """An app seen in a time range. `sampled`: sampled traces are in it, and its totals are estimates."""

    app: str
    environments: list[str]
    traces: int
    errors: int
    tokens: TokenTotals
    cost: CostTotals
    last_seen: datetime
    sampled: bool


class SpanBlock(Protocol):
    """Spans that are stored together."""

    def add(self, records: Sequence[SpanRecord]) -> None:
        """Take these spans; the records may be forgotten. Raises when one has no place in the store, and then
        takes none of them."""

    def store(self, *, token: str) -> None:
        """Store all that was added, durably, before returning; without any, do nothing.

        `token` names this block for ever: storing the same spans under the same token again changes nothing.
        Raises `BackendError` when the store did not take it: ask again, under the same token, until it does;
        that is likely to be in vain only after `RowsRefused`. On a cluster a part of the block may be visible
        meanwhile.
        """


class SpanWriter(Protocol):
    """The write side."""

    def block(self) -> SpanBlock:
        """Return an empty block. The first one may raise `BackendError`."""

    def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
        """Store a block of just these spans, see `SpanBlock.store`, for who does not repeat it after a crash.

        Their sums follow what was stored, also when this was cut off.
        """


class TraceReader(Protocol):
    """The read side for traces."""

    def read_trace(self, project: ProjectId, trace_id: TraceId) -> tuple[TraceRow, list[SpanRow]]:
        """Return the trace's row and all of its spans by start time; `NotFound` when none is stored."""

    def read_rows(self, project: ProjectId, trace_ids: Sequence[TraceId]) -> list[TraceRow]:
        """Return the rows of these traces in the order asked for; those that are not stored are left out."""

    def read_span(self, project: ProjectId, trace_id: TraceId, span_id: SpanId) -> SpanRecord:
        """Return one span with its content, every column present; `NotFound` when it is not stored."""

    def has_traces(self, project: ProjectId) -> bool:
        """Return whether any span of the project is stored, of whatever time."""

    def list_apps(self, project: ProjectId, time_range: TimeRange, *, limit: int) -> list[AppRow]:
        """Return at most `limit` apps with spans in the range, most traces first; may be empty."""
