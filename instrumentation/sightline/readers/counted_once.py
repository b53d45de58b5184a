"""Keeps tokens from being counted twice, or never, where another call shows them than the one that made them.

Each process knows its own.
"""

from __future__ import annotations

import threading

_MAX_IDS = 10_000


class RecentIds:
    """The newest ids, oldest forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, identity: str) -> bool:
        """Whether it is new; "" always is, and is not kept."""
        if not identity:
            return True
        with self._lock:
            known = identity in self._ids
            self._ids[identity] = None
            if len(self._ids) > _MAX_IDS:
                del self._ids[next(iter(self._ids))]
        return not known

    def discard(self, identity: str) -> bool:
        """Whether it was there."""
        with self._lock:
            return self._ids.pop(identity, self) is None


background_responses = RecentIds()
"""Responses that were begun and not yet seen finished."""
counted_turns = RecentIds()
"""Turns of agents whose tokens are on a span."""
