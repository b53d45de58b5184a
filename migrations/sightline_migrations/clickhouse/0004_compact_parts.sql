-- A part of a new block is one file, not two for each of a hundred columns: creating and syncing those files was
-- a third of an insert's CPU. Merges make wide parts, which read a few columns faster, once there is enough in one.
ALTER TABLE {spans} MODIFY SETTING min_bytes_for_wide_part = 134217728;
