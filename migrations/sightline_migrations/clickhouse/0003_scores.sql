-- Judgements of people, code and models on a span, a trace or a session, before or after the span arrives.
-- The newest `scored_at` of one (target, name, source, author) counts; read with FINAL.
-- sharded: scores by cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS {scores}
(
    project LowCardinality(String),
    score_id String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    session String CODEC(ZSTD(1)),
    name LowCardinality(String),
    source LowCardinality(String),
    author String CODEC(ZSTD(1)),
    value_type LowCardinality(String),
    number Float64,
    text String CODEC(ZSTD(3)),
    comment String CODEC(ZSTD(3)),
    scored_at DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    is_deleted UInt8,

    INDEX trace_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX session_bloom session TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(scored_at, is_deleted)
PARTITION BY (project, toYYYYMM(scored_at))
ORDER BY (project, cityHash64(trace_id), span_id, session, name, source, author, score_id);

-- What a span's cost was before it was priced again.
-- sharded: reprice_audit by cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS {reprice_audit}
(
    project LowCardinality(String),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    start_time DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    run String CODEC(ZSTD(1)),
    old_cost_usd Decimal(18, 12),
    old_cost_state LowCardinality(String),
    old_price_id LowCardinality(String),
    new_cost_usd Decimal(18, 12),
    new_cost_state LowCardinality(String),
    new_price_id LowCardinality(String),
    repriced_at DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(repriced_at)
PARTITION BY (project, toYYYYMM(start_time))
ORDER BY (project, toDate(start_time), cityHash64(trace_id), span_id, run);
