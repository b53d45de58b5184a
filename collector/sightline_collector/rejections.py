"""Items of a request that are left out of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

_NAMED = 20


@dataclass(slots=True)
class Rejections:
    """How many there are, and why the first twenty are."""

    count: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, count: int, reasons: Iterable[str]) -> None:
        """Count them; of the reasons only those are made that are kept."""
        self.count += count
        self.reasons += islice(reasons, _NAMED - len(self.reasons))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.count > 0

    def __str__(self) -> str:
        """All in one text."""
        named, more = "; ".join(self.reasons), self.count - len(self.reasons)
        return f"{named}; and {more} more" if more else named
