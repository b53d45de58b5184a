"""Remembers what lists had to do for a page, so that the next one of its kind begins with that.

A list looks at a first window of time and at longer ones until it has a page. Where thousands of spans arrive
a second, a page is in the last second: a first window of hours would have the engine read the whole newest
minute, because the table is ordered by minutes. Of a rare error a page is weeks long, and each window on the
way there costs a query. Only speed depends on what is remembered, never an answer.
"""

from typing import Final

Kind = tuple[str, str, int]
"""What `kind_of` returns."""

_MOST: Final = 1000


def kind_of(project: str, sql: str, wanted: int) -> Kind:
    """Return the kind of a list: its SQL without values, as lists of another app or model look about as far.

    And about how many traces it wants: what a download of thousands needs is too much for a page.
    """
    return project, sql, wanted.bit_length()


class _Known:
    """A number for each kind. One for a reader, on any of its threads."""

    def __init__(self) -> None:
        self._known: dict[Kind, int] = {}

    def of(self, kind: Kind) -> int | None:
        """Return what to begin with; None when there was no such list yet."""
        return self._known.get(kind)

    def _keep(self, kind: Kind, number: int) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[kind] = number


class Reach(_Known):
    """How far lists of each kind look at first, in nanoseconds."""

    def note(self, kind: Kind, looked_ns: int, page_ns: int, longer_ns: int = 0) -> None:
        """Remember a list that filled its page: how far it looked, and how far back its last row lies.

        The next list is given half as much more as was looked at, but no more than its own rows are likely to
        need: half as far back again as this page, and `longer_ns` more, the time from the first to the last
        span of its longest trace. With a third, two lists of five had to look twice where a page is many days
        long.
        """
        self._keep(kind, min(looked_ns * 3 // 2, page_ns * 3 // 2 + longer_ns))


class CandidateCounts(_Known):
    """How many traces lists of each kind judge at first."""

    def note(self, kind: Kind, judged: int) -> None:
        """Remember how many it took for a page. The next list is given half as many more."""
        self._keep(kind, judged * 3 // 2)
