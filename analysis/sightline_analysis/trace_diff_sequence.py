"""Longest common subsequence of two sequences of keys, with bounded work."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Sequence

MAX_EDITS = 1_000
"""Sequences with more insertions and deletions than this are paired by occurrence instead."""


def match_sequences(
    left: Sequence[Hashable], right: Sequence[Hashable], max_edits: int = MAX_EDITS
) -> list[tuple[int, int]]:
    """Return pairs of positions with equal keys, both rising; as many as can be, up to `max_edits` edits.

    Beyond that the n-th occurrence of a key on the left is paired with the n-th on the right, as far as the
    pairs rise: fewer pairs than possible, in n·log(n).
    """
    first = 0
    while first < len(left) and first < len(right) and left[first] == right[first]:
        first += 1
    last = 0
    limit = min(len(left), len(right)) - first
    while last < limit and left[-1 - last] == right[-1 - last]:
        last += 1
    middle_left = left[first : len(left) - last]
    middle_right = right[first : len(right) - last]
    middle = _shortest_edit(middle_left, middle_right, max_edits)
    if middle is None:
        middle = _by_occurrence(middle_left, middle_right)
    return [
        *((i, i) for i in range(first)),
        *((first + i, first + j) for i, j in middle),
        *((len(left) - k, len(right) - k) for k in range(last, 0, -1)),
    ]


def _shortest_edit(
    left: Sequence[Hashable], right: Sequence[Hashable], max_edits: int
) -> list[tuple[int, int]] | None:
    """Return the pairs that the shortest edit script keeps; None when it is longer than `max_edits`.

    The greedy algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
    """
    most = min(max_edits, len(left) + len(right))
    # Indexed by diagonal, from -most - 1 to most + 1: a negative index counts from the end.
    reach = array("l", bytes(array("l").itemsize * (2 * most + 3)))
    history: list[array[int]] = []
    for edits in range(most + 1):
        history.append(reach[:])
        for diagonal in range(-edits, edits + 1, 2):
            x = reach[diagonal + 1] if _is_insertion(reach, diagonal, edits) else reach[diagonal - 1] + 1
            y = x - diagonal
            while x < len(left) and y < len(right) and left[x] == right[y]:
                x, y = x + 1, y + 1
            reach[diagonal] = x
            if x >= len(left) and y >= len(right):
                return _walk_back(history, len(left), len(right))
    return None


def _is_insertion(reach: "array[int]", diagonal: int, edits: int) -> bool:
    """Say whether the furthest path onto a diagonal comes from the one above, by a key of the right side."""
    return diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])


def _walk_back(history: "list[array[int]]", x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(history) - 1, -1, -1):
        diagonal, reach = x - y, history[edits]
        inserts = _is_insertion(reach, diagonal, edits)
        start = reach[diagonal + 1] if inserts else reach[diagonal - 1] + 1
        while x > start and x > 0 and y > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = (x, y - 1) if inserts else (x - 1, y)
    return pairs[::-1]


def _by_occurrence(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    places: dict[Hashable, list[int]] = defaultdict(list)
    for j in range(len(right) - 1, -1, -1):
        places[right[j]].append(j)
    pairs = [(i, places[key].pop()) for i, key in enumerate(left) if places.get(key)]
    return _longest_rising(pairs)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs whose right sides rise; left sides rise already."""
    ends: list[int] = []  # right side of the smallest pair that ends a rising run of each length
    at: list[int] = []  # its index in `pairs`
    before: list[int] = []
    for index, (_, right) in enumerate(pairs):
        length = bisect_left(ends, right)
        before.append(at[length - 1] if length else -1)
        if length == len(ends):
            ends.append(right)
            at.append(index)
        else:
            ends[length], at[length] = right, index
    rising: list[tuple[int, int]] = []
    index = at[-1] if at else -1
    while index >= 0:
        rising.append(pairs[index])
        index = before[index]
    return rising[::-1]
