"""Response shapes of `/api/v1`. Times are RFC 3339 in UTC; money is a decimal string in USD.

A cost of `null` means *unpriced* (a model call without a price), never zero; see `CostSummary.state`.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Status = Literal["ok", "error", "unset"]
CostStateName = Literal["priced", "estimated", "partial", "unpriced", "none"]
Sampled = Annotated[
    bool, Field(description="totals are estimates: sampled traces count for those they stand for")
]


class Model(BaseModel):
    """Immutable; unknown fields are a bug of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tokens(Model):
    """Token counts. `input` includes `cached_input` and `cache_write`; `output` includes `reasoning`."""

    input: int
    cached_input: int
    cache_write: int
    output: int
    reasoning: int
    estimated: bool = Field(
        description="at least one count was estimated by us, not reported by the provider"
    )


class CostSummary(Model):
    """What the counted model calls cost."""

    usd: str | None = Field(description="decimal string; null when no call has a price")
    state: CostStateName = Field(
        description="partial: some calls are priced and some are not; none: there was no model call"
    )
    unpriced_calls: int


class TraceSummary(Model):
    """One row of the trace list."""

    trace_id: str
    name: str
    kind: str
    app: str
    environment: str
    start_time: datetime
    duration_ns: int = Field(description="first start to last end over all stored spans")
    status: Status
    running: bool = Field(description="the root span has not arrived yet")
    span_count: int
    error_count: int
    llm_calls: int
    models: list[str]
    tokens: Tokens
    cost: CostSummary
    session: str
    user: str
    input_preview: str
    output_preview: str
    failure_categories: list[str]


class TraceList(Model):
    """Newest first. `next_cursor` is null on the last page."""

    traces: list[TraceSummary]
    next_cursor: str | None


class ReplayedCall(Model):
    """A recorded call that was made again, as a trace of its own."""

    trace_id: str
    span_id: str
    http_status: int | None = Field(description="null when there was no answer")
    error: str | None = Field(description="why the call failed; null when it was answered")


class TailSkip(Model):
    """More traces arrived at once than a live tail sends."""

    traces: int


class SpanColumns(Model):
    """Spans of a trace as parallel columns in tree order (parents before children, siblings by start).

    Every list has the same length. Content is not here: fetch one span for it.
    """

    span_id: list[str]
    parent_span_id: list[str]
    depth: list[int]
    name: list[str]
    kind: list[str]
    status: list[Status]
    start_offset_ns: list[int] = Field(
        description="from the start of the trace, corrected by `clock_skew_ns`"
    )
    clock_skew_ns: list[int] = Field(
        description="how far the span was moved right so that it does not start before its parent; mostly 0"
    )
    duration_ns: list[int]
    self_time_ns: list[int] = Field(description="duration not covered by child spans")
    time_to_first_token_ns: list[int]
    model: list[str]
    provider: list[str]
    input_tokens: list[int]
    output_tokens: list[int]
    cost_usd: list[str | None]
    cost_state: list[str]
    counted: list[bool]
    failure_category: list[str]
    failure_propagated: list[bool]
    guardrail_outcome: list[str]
    cache_hit: list[bool | None]
    orphan: list[bool] = Field(description="its parent is named but not stored (yet)")
    critical: list[bool] = Field(description="on the critical path: it decided how long the trace took")
    subtree_spans: list[int] = Field(description="the span and all below it")
    subtree_tokens: list[int] = Field(description="input and output of the span and all below it")
    subtree_cost_usd: list[str | None] = Field(description="null when no model call in there has a price")
    marks: list[list[str]]


class Trace(Model):
    """A trace with all of its spans, or one page of them for very large traces."""

    summary: TraceSummary
    total_spans: int
    spans: SpanColumns
    next_cursor: str | None = Field(description="pass as `cursor` for the next page; null when complete")


class MessagePart(BaseModel):
    """One part of a message in the GenAI shape: text, reasoning, tool_call, tool_call_response, uri, …"""

    model_config = ConfigDict(extra="allow")
    type: str


class Message(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(extra="allow")
    role: str
    parts: list[MessagePart]


class SpanEvent(Model):
    """An event recorded on a span."""

    name: str
    time: datetime
    attributes: dict[str, JsonValue]


class SpanLink(Model):
    """A link to another span."""

    trace_id: str
    span_id: str
    attributes: dict[str, JsonValue]


class Failure(Model):
    """Why we say that the span failed."""

    category: str
    message: str
    reason: str
    fingerprint: str
    propagated: bool


class Guardrail(Model):
    """A guardrail verdict."""

    name: str
    stage: str
    outcome: str
    score: float
    categories: list[str]


class CacheLookup(Model):
    """One look-up in a cache in front of the model."""

    kind: str
    hit: bool
    similarity: float
    age_s: int
    saved_tokens: int
    saved_usd: str


class SpanDetail(Model):
    """One span with its content."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: str
    otel_kind: str
    operation: str
    scope_name: str
    scope_version: str
    dialect: str
    start_time: datetime
    duration_ns: int
    time_to_first_token_ns: int
    ingested_at: datetime
    status: Status
    status_message: str
    error_type: str
    http_status: int
    failure: Failure | None
    app: str
    service: str
    environment: str
    app_version: str
    session: str
    user: str
    tags: list[str]
    provider: str
    model: str
    request_model: str
    response_model: str
    response_id: str
    request_id: str
    retries: int
    stream: bool
    stream_outcome: str
    seed: str
    service_tier: str
    system_fingerprint: str
    finish_reasons: list[str]
    prompt_name: str
    prompt_version: str
    prompt_fingerprint: str
    request_fingerprint: str
    output_valid: bool | None
    agent_name: str
    tool_name: str
    tool_call_id: str
    tokens: Tokens
    counted: bool
    cost: CostSummary
    cost_reason: str
    price_id: str
    emitter_cost_usd: str | None
    cache: CacheLookup | None
    guardrail: Guardrail | None
    input_messages: list[Message] | None = Field(description="null when the input is not a conversation")
    output_messages: list[Message] | None
    input_text: str | None = Field(description="the raw input when it is not a conversation")
    output_text: str | None
    system_instructions: JsonValue
    tool_definitions: JsonValue
    documents: JsonValue
    events: list[SpanEvent]
    links: list[SpanLink]
    marks: list[str]
    attributes: dict[str, str]
    resource: dict[str, str]


class AppSummary(Model):
    """An app that sent spans in the time range. Tokens and cost are those of these spans."""

    app: str
    environments: list[str]
    traces: int
    errors: int = Field(description="traces in which a span of the app failed")
    tokens: Tokens
    cost: CostSummary
    last_seen: datetime
    sampled: Sampled


class AppList(Model):
    """Apps seen, most traces first."""

    apps: list[AppSummary]
    more: bool = Field(description="there are more than `limit`")


class ServerInfo(Model):
    """What the page needs to know of the server it talks to."""

    version: str
    project: str
    otlp_endpoint: str = Field(description="what `sightline.instrument(endpoint=…)` wants")
    key_required: bool
    runs_server: bool = Field(description="whether the caller may set up projects and keys")
    has_spans: bool


class Problem(BaseModel):
    """RFC 9457 problem details; every error of `/api/v1` has this shape as `application/problem+json`."""

    model_config = ConfigDict(extra="allow")
    type: str = "about:blank"
    title: str
    status: int
    detail: str
