"""Work of projects of which only so much may go on at once in a process."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sightline_core.errors import TooManyRequests
from sightline_core.ids import ProjectId


class FairSlots:
    """So many at once, and some more of projects that have none: no project keeps all others from theirs."""

    def __init__(self, limit: int, *, for_others: int) -> None:
        self._limit = limit
        self._for_others = for_others
        self._taken: Counter[ProjectId] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, project: ProjectId, refusal: TooManyRequests) -> Iterator[None]:
        """Hold a slot while the block runs; raises `refusal` when none is free."""
        with self._lock:
            room = self._limit if self._taken[project] else self._limit + self._for_others
            if self._taken.total() >= room:
                raise refusal
            self._taken[project] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[project] -= 1
