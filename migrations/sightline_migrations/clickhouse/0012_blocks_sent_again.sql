-- A block that is sent again is stored again. The engine writes into its log of blocks that it has one before it gives
-- the part its name, so that after a crash in between it took the block from the journal for a copy, and that was lost.
-- Readers take the newest of equal spans. Replicated tables note both at once, and still know a block by its token.
ALTER TABLE {spans} MODIFY SETTING non_replicated_deduplication_window = 0;
