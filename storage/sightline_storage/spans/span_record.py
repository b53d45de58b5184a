"""One stored span, as the collector hands it to the writer and as the `spans` table holds it.

`SpanRecord` is the single list of columns in Python; `migrations/clickhouse/0001_spans.sql` is the single
DDL. A test compares the two. A key that is left out means the column's default: "" for text, 0 for numbers,
[] and {} for collections, and the sentinels named below. Nothing is ever None.
"""

from decimal import Decimal
from typing import TypedDict


class SpanRecord(TypedDict, total=False):
    """Keys are column names of `spans`; see the comments for unit and meaning."""

    # Identity. Hex ids in lower case; `parent_span_id` is "" for a root.
    project: str
    trace_id: str
    span_id: str
    parent_span_id: str
    trace_state: str

    # What it was. `kind` is a `SpanKind`; `otel_kind` is internal, server, client, producer or consumer.
    name: str
    kind: str
    otel_kind: str
    operation: str
    scope_name: str
    scope_version: str
    dialect: str  # which table of `semconv.dialects` recognised it

    # When. Nanoseconds since the Unix epoch, UTC; `ingested_ns` doubles as the row's version.
    start_ns: int
    duration_ns: int
    time_to_first_token_ns: int  # 0 = not a stream or not known
    ingested_ns: int

    # How it ended. `status` is ok, error or unset.
    status: str
    status_message: str
    error_type: str
    http_status: int
    failure_category: str  # "" = did not fail
    failure_fingerprint: str
    failure_message: str  # the unwrapped root message
    failure_reason: str  # which rule decided, in words
    failure_propagated: int  # 1 = a deeper span of this trace is the root of the same cause

    # Who and where.
    app: str
    service: str
    environment: str
    app_version: str
    session: str
    user: str
    tags: list[str]

    # Model call.
    provider: str
    model: str  # the response's model when known, else the request's
    request_model: str
    response_model: str
    response_id: str
    request_id: str  # the provider's
    retries: int
    stream: int
    stream_outcome: str
    seed: str  # decimal text, "" = none given
    service_tier: str
    system_fingerprint: str
    finish_reasons: list[str]
    prompt_name: str
    prompt_version: str
    prompt_fingerprint: str
    request_fingerprint: str
    output_valid: int  # -1 not checked, 0 invalid, 1 valid
    agent_name: str
    tool_name: str
    tool_call_id: str

    # Tokens. `input_tokens` includes cached and written ones, `output_tokens` includes reasoning.
    # `counted` is 0 on a span whose call another span of the trace records too: it never enters a sum.
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    audio_input_tokens: int
    audio_output_tokens: int
    image_input_tokens: int
    image_output_tokens: int
    usage_estimated: int
    counted: int  # default 1

    # Money in USD. `cost_state` is a `CostState`; `emitter_cost_usd` is -1 when the emitter gave none.
    cost_usd: Decimal
    cost_input_usd: Decimal
    cost_cached_usd: Decimal
    cost_output_usd: Decimal
    cost_state: str
    cost_reason: str  # why it is unpriced or estimated
    price_id: str
    emitter_cost_usd: Decimal

    # Cache in front of the model, guardrail, retrieval.
    cache_kind: str
    cache_hit: int  # -1 no look-up, 0 miss, 1 hit
    cache_similarity: float
    cache_age_s: int
    cache_saved_tokens: int
    cache_saved_usd: Decimal
    guardrail_name: str
    guardrail_stage: str
    guardrail_outcome: str
    guardrail_score: float
    guardrail_categories: list[str]
    retrieved_count: int  # documents; -1 not a retrieval

    # Content. Previews are plain text of at most 300 characters. For model calls `input` and `output` are
    # JSON arrays of messages in the GenAI shape ({"role", "parts": [{"type", …}]}); for other spans they are
    # the emitter's text or JSON. `events` and `links` are JSON arrays; `scores` live in their own table.
    input_preview: str
    output_preview: str
    input: str
    output: str
    system_instructions: str
    tool_definitions: str
    documents: str  # JSON array of retrieved documents
    events: str
    links: str
    marks: list[str]  # what we had to change to store it, see `semconv.marks`

    # Everything else the emitter sent, by exact name; numbers and booleans also in the numeric map.
    attributes: dict[str, str]
    attributes_num: dict[str, float]
    resource: dict[str, str]

    sample_weight: float  # default 1; spans kept by tail sampling stand for this many
