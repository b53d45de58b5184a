"""How far back lists had to look, so that the next one of the same kind begins there.

At thousands of spans a second a page is a second long, and a look of hours reads a whole minute, which is how
fine the table is ordered; of a rare error it is weeks long, and every look on the way there is a query. Only
speed depends on what is remembered here, never an answer.
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
        """Remember how far a full page had to look, and how far back it goes itself.

        The next page may have to look a quarter further; but it will not go back a third further than this
        one, nor have to look more than `longer_ns` beyond that.
        """
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[kind] = min(looked_ns * 5 // 4, page_ns * 4 // 3 + longer_ns)
