-- The one wide, insert-only spans table. A trace is its spans; nothing is ever updated in place.
-- Identity of a row is (project, minute, hash of trace id, span id); a second delivery of the same span has the
-- same key and is merged away by version, and every reader asks for one row a span.
-- Partitions are whole days of one project, so that retention drops partitions and never rewrites parts.
-- sharded: spans by cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS {spans}
(
    project LowCardinality(String),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    parent_span_id String CODEC(ZSTD(1)),
    trace_state String CODEC(ZSTD(1)),

    name LowCardinality(String),
    kind LowCardinality(String),
    otel_kind LowCardinality(String),
    operation LowCardinality(String),
    scope_name LowCardinality(String),
    scope_version LowCardinality(String),
    dialect LowCardinality(String),

    start_time DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    duration_ns UInt64 CODEC(T64, ZSTD(1)),
    time_to_first_token_ns UInt64 CODEC(T64, ZSTD(1)),
    ingested_at DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),

    status LowCardinality(String),
    status_message String CODEC(ZSTD(1)),
    error_type LowCardinality(String),
    http_status UInt16,
    failure_category LowCardinality(String),
    failure_fingerprint String CODEC(ZSTD(1)),
    failure_message String CODEC(ZSTD(1)),
    failure_reason LowCardinality(String),
    failure_propagated UInt8,

    app LowCardinality(String),
    service LowCardinality(String),
    environment LowCardinality(String),
    app_version LowCardinality(String),
    session String CODEC(ZSTD(1)),
    user String CODEC(ZSTD(1)),
    tags Array(LowCardinality(String)),

    provider LowCardinality(String),
    model LowCardinality(String),
    request_model LowCardinality(String),
    response_model LowCardinality(String),
    response_id String CODEC(ZSTD(1)),
    request_id String CODEC(ZSTD(1)),
    retries UInt16,
    stream UInt8,
    stream_outcome LowCardinality(String),
    seed String CODEC(ZSTD(1)),
    service_tier LowCardinality(String),
    system_fingerprint LowCardinality(String),
    finish_reasons Array(LowCardinality(String)),
    prompt_name LowCardinality(String),
    prompt_version LowCardinality(String),
    prompt_fingerprint String CODEC(ZSTD(1)),
    request_fingerprint String CODEC(ZSTD(1)),
    output_valid Int8 DEFAULT -1,
    agent_name LowCardinality(String),
    tool_name LowCardinality(String),
    tool_call_id String CODEC(ZSTD(1)),

    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_write_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
    audio_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    audio_output_tokens UInt64 CODEC(T64, ZSTD(1)),
    image_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    image_output_tokens UInt64 CODEC(T64, ZSTD(1)),
    usage_estimated UInt8,
    counted UInt8 DEFAULT 1,

    cost_usd Decimal(18, 12) CODEC(ZSTD(1)),
    cost_input_usd Decimal(18, 12) CODEC(ZSTD(1)),
    cost_cached_usd Decimal(18, 12) CODEC(ZSTD(1)),
    cost_output_usd Decimal(18, 12) CODEC(ZSTD(1)),
    cost_state LowCardinality(String) DEFAULT 'none',
    cost_reason LowCardinality(String),
    price_id LowCardinality(String),
    emitter_cost_usd Decimal(18, 12) DEFAULT -1 CODEC(ZSTD(1)),

    cache_kind LowCardinality(String),
    cache_hit Int8 DEFAULT -1,
    cache_similarity Float32,
    cache_age_s UInt32,
    cache_saved_tokens UInt64,
    cache_saved_usd Decimal(18, 12) CODEC(ZSTD(1)),
    guardrail_name LowCardinality(String),
    guardrail_stage LowCardinality(String),
    guardrail_outcome LowCardinality(String),
    guardrail_score Float32,
    guardrail_categories Array(LowCardinality(String)),
    retrieved_count Int32 DEFAULT -1,

    input_preview String CODEC(ZSTD(1)),
    output_preview String CODEC(ZSTD(1)),
    input String CODEC(ZSTD(3)),
    output String CODEC(ZSTD(3)),
    system_instructions String CODEC(ZSTD(3)),
    tool_definitions String CODEC(ZSTD(3)),
    documents String CODEC(ZSTD(3)),
    events String CODEC(ZSTD(3)),
    links String CODEC(ZSTD(1)),
    marks Array(LowCardinality(String)),

    attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    attributes_num Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    resource Map(LowCardinality(String), String) CODEC(ZSTD(1)),

    sample_weight Float32 DEFAULT 1,
    is_deleted UInt8,

    INDEX session_bloom session TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX user_bloom user TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX input_words input TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(input)),
    INDEX output_words output TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(output)),
    INDEX fingerprint_bloom failure_fingerprint TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(ingested_at, is_deleted)
PARTITION BY (project, toDate(start_time))
ORDER BY (project, toStartOfMinute(start_time), cityHash64(trace_id), span_id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- trace id -> the time its spans span, so that every read of a trace has a time window and touches few parts.
-- Minimum and maximum do not care how often a span arrives, so a materialized view may maintain it.
-- Months, not days: a read by trace id opens every partition.
-- sharded: trace_index by cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS {trace_index}
(
    project LowCardinality(String),
    month UInt32,
    trace_id String CODEC(ZSTD(1)),
    first_start SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    last_start SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    last_end SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY (project, month)
ORDER BY (project, cityHash64(trace_id), trace_id)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS trace_index_of_spans TO {trace_index} AS
SELECT
    project,
    toYYYYMM(start_time) AS month,
    trace_id,
    min(start_time) AS first_start,
    max(start_time) AS last_start,
    max(start_time + toIntervalNanosecond(duration_ns)) AS last_end
FROM {spans}
GROUP BY project, month, trace_id;
