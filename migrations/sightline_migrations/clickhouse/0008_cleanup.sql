-- A deletion adds a row with `is_deleted = 1` for each row that goes, and readers see neither. Afterwards the
-- partition is merged with CLEANUP, which leaves nothing of both on the disk.
ALTER TABLE {spans} MODIFY SETTING allow_experimental_replacing_merge_with_cleanup = 1;
ALTER TABLE {scores} MODIFY SETTING allow_experimental_replacing_merge_with_cleanup = 1;
