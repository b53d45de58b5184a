-- A merge into a wide part goes column by column, however few its rows: with all columns at once it holds about
-- three times as much memory, and spans with long prompts reach that format with a few thousand rows.
ALTER TABLE {spans} MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1;
