"""Keeps tokens from being counted twice, or never, where another call shows them than the one that made them.

Each process knows its own.
"""

from __future__ import annotations

from contextlib import suppress

_MAX_IDS = 10_000


class RecentIds:
    """The newest ids, oldest forgotten first. Thread-safe by single operations on a dict: a forked process
    would find a lock held for good by a thread that it does not have."""

    def __init__(self) -> None:
        self._ids: dict[str, object] = {}

    def add(self, identity: str) -> bool:
        """Whether it is new; "" always is, and is not kept."""
        if not identity:
            return True
        ours = object()
        first = self._ids.setdefault(identity, ours)
        while len(self._ids) > _MAX_IDS:
            with suppress(RuntimeError):  # another thread came between the two calls
                self._ids.pop(next(iter(self._ids)), None)
        return first is ours

    def discard(self, identity: str) -> bool:
        """Whether it was there."""
        return self._ids.pop(identity, None) is not None


background_responses = RecentIds()
"""Responses that were begun and not yet seen finished."""
counted_turns = RecentIds()
"""Turns of agents whose tokens are on a span."""
told_batches = RecentIds()
"""Batches that were seen at their end."""
