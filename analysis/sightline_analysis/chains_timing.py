"""When the spans of a tree ran: clock skew, self time, critical path. Nanoseconds throughout."""

from sightline_analysis.chains_order import SpanTree

SKEW_TOLERANCE_NS = 1_000_000
"""Emitters that round to milliseconds may start a child this much before its parent."""


def correct_starts(tree: SpanTree) -> tuple[list[int], list[int]]:
    """Return each span's corrected start and the shift in it.

    A child cannot start before its parent, so a span that does ran on a clock that is behind: it is moved,
    with all below it, to its parent's start (compare Jaeger's clock skew adjuster, which needs host names).
    A shift of 0 means that the clocks agree. Spans that outlive their parent are left alone: background work.
    """
    starts: list[int] = []
    shifts: list[int] = []
    for span, parent in zip(tree.spans, tree.parent, strict=True):
        shift = shifts[parent] if parent >= 0 else 0
        if parent >= 0 and span.start_ns + shift < starts[parent] - SKEW_TOLERANCE_NS:
            shift = starts[parent] - span.start_ns
        starts.append(span.start_ns + shift)
        shifts.append(shift)
    return starts, shifts


def self_times(tree: SpanTree, starts: list[int]) -> list[int]:
    """Return the part of each span's duration during which none of its children ran."""
    result: list[int] = []
    for position, children in enumerate(tree.children()):
        start = starts[position]
        end = start + tree.spans[position].duration_ns
        intervals = sorted(
            (starts[child], starts[child] + tree.spans[child].duration_ns) for child in children
        )
        covered, reached = 0, start
        for child_start, child_end in intervals:
            low, high = max(child_start, reached), min(child_end, end)
            if high > low:
                covered += high - low
                reached = high
        result.append(tree.spans[position].duration_ns - covered)
    return result


def critical_path(tree: SpanTree, starts: list[int]) -> list[bool]:
    """Return which spans decided how long the first tree took: shorten one and the trace ends earlier.

    Walks back from the end of the root: the child that ended last before that moment was waited for, then
    the one that ended last before that child started, and so on into each of them (Zhang et al., CRISP,
    USENIX ATC 2022). A child that outlives its parent counts up to the parent's end.
    """
    on_path = [False] * len(tree.spans)
    if not tree.spans:
        return on_path
    children = tree.children()
    ends = [start + span.duration_ns for start, span in zip(starts, tree.spans, strict=True)]
    root = next(
        (position for position, lost in enumerate(tree.orphan) if not lost and tree.parent[position] < 0), 0
    )
    stack = [(root, ends[root])]
    while stack:
        position, until = stack.pop()
        on_path[position] = True
        waiting_since = until
        for child in sorted(children[position], key=lambda child: (ends[child], starts[child]), reverse=True):
            child_end = min(ends[child], until)
            if child_end <= waiting_since and starts[child] <= waiting_since:
                stack.append((child, child_end))
                waiting_since = starts[child]
    return on_path
