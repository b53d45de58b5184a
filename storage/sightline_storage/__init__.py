"""The only code that knows SQL: engines, the span writer, readers, metadata tables."""
