"""Response shapes of searching by a query."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sightline_api.models import CostSummary, Model, Sampled, Status


class FacetValue(Model):
    """A value of a field, and how many of the traces have a span with it."""

    value: str
    traces: int


class Facet(Model):
    """The most frequent values of a field, most traces first. `more`: there are others."""

    field: str
    values: list[FacetValue]
    more: bool
    sampled: Sampled


class Facets(Model):
    """One facet for each field that was asked for, in that order."""

    facets: list[Facet]


class TraceFigures(Model):
    """Figures of some traces. Durations are of whole traces."""

    traces: int
    errors: int = Field(description="traces whose root failed")
    p50_ns: int
    p95_ns: int
    tokens: int
    cost: CostSummary
    sampled: Sampled


class HistogramBucket(TraceFigures):
    """Traces of one bucket of time."""

    start: datetime


class Histogram(Model):
    """Buckets by time, without gaps. The first and the last hold what of them is in the range."""

    start: datetime = Field(description="of the range, which may be within the first bucket")
    end: datetime
    bucket_s: int
    buckets: list[HistogramBucket]


class TraceGroup(TraceFigures):
    """Traces with a span that has this value; "" are those without one."""

    value: str


class TraceGroups(Model):
    """Most traces first. A trace with several values is in each of their groups. `more`: there are others."""

    by: str
    groups: list[TraceGroup]
    more: bool


class SpanSummary(Model):
    """One row of a list of spans."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: str
    app: str
    environment: str
    session: str
    user: str
    status: Status
    start_time: datetime
    duration_ns: int
    time_to_first_token_ns: int
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost: CostSummary
    failure_category: str
    input_preview: str
    output_preview: str


class SpanList(Model):
    """Newest first. `next_cursor` is null on the last page."""

    spans: list[SpanSummary]
    next_cursor: str | None


class CompletionOption(Model):
    """Text that can be put in the place. An empty `text` is a hint only. `traces` counts a value's traces."""

    text: str
    kind: Literal["field", "fact", "value", "keyword"]
    meaning: str
    traces: int | None


class Completion(Model):
    """Options for the characters `start` to `end` (exclusive) of the query, counted from 0."""

    start: int
    end: int
    options: list[CompletionOption]
