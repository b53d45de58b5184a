"""Sums by minute and hour, keeping them true, and what was written since."""
