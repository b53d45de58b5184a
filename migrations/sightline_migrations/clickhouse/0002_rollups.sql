-- Sums of counted spans by minute, recomputed from `spans` whenever a minute is marked (docs/adr/0001).
-- A row is one group of one minute under the newest `version`; a group that no longer exists gets a row with
-- `is_deleted = 1`. Read with FINAL.
--
-- The dimensions are few and slow to grow: nothing that follows the number of users, sessions or prompts.
-- `is_root = 1` are traces: their count, latency and errors.
--
-- Every number except the quantile sketches is weighted by `sample_weight`, so that spans kept by tail sampling
-- stand for those that were not.
-- sharded: rollup_minute by cityHash64(project, app)
CREATE TABLE IF NOT EXISTS {rollup_minute}
(
    project LowCardinality(String),
    bucket DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    app LowCardinality(String),
    environment LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    kind LowCardinality(String),
    operation LowCardinality(String),
    is_root UInt8,

    spans UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    failures UInt64 CODEC(T64, ZSTD(1)),
    refusals UInt64 CODEC(T64, ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    estimated_calls UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    failed_calls UInt64 CODEC(T64, ZSTD(1)),
    estimated_usage_calls UInt64 CODEC(T64, ZSTD(1)),

    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_write_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
    audio_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    audio_output_tokens UInt64 CODEC(T64, ZSTD(1)),
    image_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    image_output_tokens UInt64 CODEC(T64, ZSTD(1)),
    unpriced_tokens UInt64 CODEC(T64, ZSTD(1)),

    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    cost_input_usd Decimal(38, 12) CODEC(ZSTD(1)),
    cost_cached_usd Decimal(38, 12) CODEC(ZSTD(1)),
    cost_output_usd Decimal(38, 12) CODEC(ZSTD(1)),
    estimated_cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    failed_cost_usd Decimal(38, 12) CODEC(ZSTD(1)),

    cache_lookups UInt64 CODEC(T64, ZSTD(1)),
    cache_hits UInt64 CODEC(T64, ZSTD(1)),
    cache_saved_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_saved_usd Decimal(38, 12) CODEC(ZSTD(1)),
    guardrail_checks UInt64 CODEC(T64, ZSTD(1)),
    guardrail_blocks UInt64 CODEC(T64, ZSTD(1)),

    duration_sum_ns UInt64 CODEC(T64, ZSTD(1)),
    duration AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.95, 0.99), UInt64) CODEC(ZSTD(1)),
    time_to_first_token AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.95, 0.99), UInt64) CODEC(ZSTD(1)),
    last_start DateTime64(9, 'UTC') CODEC(ZSTD(1)),

    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (project, toYYYYMM(bucket))
ORDER BY (project, bucket, app, environment, provider, model, kind, operation, is_root);

-- The same by hour, recomputed from the minutes.
-- sharded: rollup_hour by cityHash64(project, app)
CREATE TABLE IF NOT EXISTS {rollup_hour} AS {rollup_minute}
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (project, toYYYYMM(bucket))
ORDER BY (project, bucket, app, environment, provider, model, kind, operation, is_root);

-- Minutes to recompute. The writer adds a mark after its spans are stored, deletion and repricing do too; the
-- refresh adds the same mark with `done = 1` after the minute is recomputed. Marks are told apart by `token`, so
-- one that arrives during a refresh survives it.
-- sharded: rollup_marks by cityHash64(token)
CREATE TABLE IF NOT EXISTS {rollup_marks}
(
    project LowCardinality(String),
    bucket DateTime('UTC'),
    token String,
    done UInt8,
    marked_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(done)
ORDER BY (project, bucket, token)
TTL marked_at + INTERVAL 1 DAY DELETE WHERE done = 1
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
