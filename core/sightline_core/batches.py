"""Work in bounded pieces."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield at most `size` items at a time, in order, as `itertools.batched` of Python 3.12 does."""
    for first in range(0, len(items), size):
        yield items[first : first + size]
