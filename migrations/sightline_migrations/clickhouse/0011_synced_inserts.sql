-- What is acknowledged, or checked off elsewhere, survives a power loss, as spans and marks do: a score is answered for
-- once it is inserted, a mark says that the sums of its minute are there, and a new price that the old one is kept.
ALTER TABLE {scores} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE {rollup_minute} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE {rollup_hour} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE {failure_hours} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE {reprice_audit} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
