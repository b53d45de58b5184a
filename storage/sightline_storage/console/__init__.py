"""SQL of callers, checked and bounded."""
