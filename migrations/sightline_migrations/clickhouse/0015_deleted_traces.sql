-- Which traces were deleted for a request on a user or session. A span of one that comes later need not name either,
-- and is found by its trace once nothing else of that is left. Requests are repeated for about a day.
-- sharded: deleted_traces by cityHash64(trace_id)
CREATE TABLE IF NOT EXISTS {deleted_traces}
(
    project LowCardinality(String),
    request String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    deleted_at DateTime('UTC') DEFAULT now() CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY project
ORDER BY (project, request, trace_id)
TTL deleted_at + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
