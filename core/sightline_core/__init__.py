"""Server-side vocabulary without I/O: errors, ids, settings, time ranges, money, pricing."""
