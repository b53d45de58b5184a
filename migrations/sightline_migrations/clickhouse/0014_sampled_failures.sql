-- For how many traces more than they are the sampled ones stand that failed: the states of distinct traces count each
-- as one. Hours that were summed before keep their numbers.
ALTER TABLE {failure_hours} ADD COLUMN IF NOT EXISTS more_traces UInt64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER traces;
