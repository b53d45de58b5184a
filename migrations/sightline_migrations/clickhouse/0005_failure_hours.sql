-- What each fingerprint hit in each hour, recomputed from `spans` whenever a minute of it was written, so that a week
-- of failures is listed without reading their spans. Spans that only carry a deeper span's failure are left out.
-- A row is one group of one hour under the newest `version`; a group that no longer exists gets a row with
-- `is_deleted = 1`. Read with FINAL.
-- sharded: failure_hours by cityHash64(project, fingerprint)
CREATE TABLE IF NOT EXISTS {failure_hours}
(
    project LowCardinality(String),
    bucket DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    fingerprint String CODEC(ZSTD(1)),

    spans UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    traces AggregateFunction(uniqCombined(17), String) CODEC(ZSTD(1)),
    users AggregateFunction(uniqCombined(17), String) CODEC(ZSTD(1)),
    sessions AggregateFunction(uniqCombined(17), String) CODEC(ZSTD(1)),
    apps Array(LowCardinality(String)),
    app_versions Array(LowCardinality(String)),
    first_start DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    last_start DateTime64(9, 'UTC') CODEC(ZSTD(1)),

    version UInt64,
    is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (project, toYYYYMM(bucket))
ORDER BY (project, bucket, fingerprint);
