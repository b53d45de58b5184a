"""Remembers how far back in time lists had to look for a page, so that the next one begins with that.

A list looks at a first window of time and at longer ones until it has a page. Where thousands of spans arrive
a second, a page is in the last second: a first window of hours would have the engine read the whole newest
minute, because the table is ordered by minutes. Of a rare error a page is weeks long, and each window on the
way there costs a query. Only speed depends on what is remembered, never an answer.
"""

from typing import Final

Kind = tuple[str, str]
"""Project, and SQL without its values: lists of another app or model look about as far."""

_MOST: Final = 1000


class Reach:
    """What lists of each kind needed the last time. One for a reader, on any of its threads."""

    def __init__(self) -> None:
        self._known: dict[Kind, int] = {}

    def of(self, kind: Kind) -> int | None:
        """Return how far to look at first, in nanoseconds; None when there was no such list yet."""
        return self._known.get(kind)

    def note(self, kind: Kind, looked_ns: int, page_ns: int, longer_ns: int = 0) -> None:
        """Remember a list that filled its page: how far it looked, and how far back its last row lies.

        The next list is given a quarter more than was looked at, but no more than its own rows are likely to
        need: a third further back than this page, and `longer_ns` more, the time from the first to the last
        span of its longest trace.
        """
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[kind] = min(looked_ns * 5 // 4, page_ns * 4 // 3 + longer_ns)
