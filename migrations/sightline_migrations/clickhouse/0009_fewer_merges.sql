-- A merge waits for eight parts of a size, not five: a span is written anew less often on its way into a large
-- part, and readers meet hardly more parts. Parts that grow old are merged in smaller groups, as ever.
ALTER TABLE {spans} MODIFY SETTING merge_selector_base = 8;
