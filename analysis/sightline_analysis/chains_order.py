"""Spans of a trace in tree order, whatever their parents say."""

from collections.abc import Sequence
from dataclasses import dataclass

from sightline_storage.contract import SpanRow


@dataclass(frozen=True, slots=True)
class SpanTree:
    """Parallel lists in tree order: parents before children, siblings by start, then by span id.

    `parent[i]` is the position of the parent in these lists, always less than `i`, or -1. `orphan[i]` says
    that a parent is named but cannot be followed: it is not stored (yet), or the links run in a circle.
    """

    spans: list[SpanRow]
    parent: list[int]
    depth: list[int]
    orphan: list[bool]

    def children(self) -> list[list[int]]:
        """Return the positions of each span's children, in tree order."""
        children: list[list[int]] = [[] for _ in self.spans]
        for position, parent in enumerate(self.parent):
            if parent >= 0:
                children[parent].append(position)
        return children


def order_spans(spans: Sequence[SpanRow]) -> SpanTree:
    """Return the tree of spans; every span appears once, also in circles of parents. Span ids are unique."""
    by_start = sorted(spans, key=lambda span: (span.start_ns, span.span_id))
    position_of: dict[str, int] = {span.span_id: index for index, span in enumerate(by_start)}
    children: list[list[int]] = [[] for _ in by_start]
    roots: list[int] = []
    for index, span in enumerate(by_start):
        parent = position_of.get(span.parent_span_id, -1) if span.parent_span_id else -1
        if parent < 0 or parent == index:
            roots.append(index)
        else:
            children[parent].append(index)

    tree = SpanTree([], [], [], [])
    placed = [False] * len(by_start)
    for root in roots:
        _place(root, by_start, children, placed, tree)
    # What is left hangs in circles; each is cut before its earliest span.
    for index in range(len(by_start)):
        if not placed[index]:
            _place(index, by_start, children, placed, tree)
    return tree


def _place(
    root: int, spans: list[SpanRow], children: list[list[int]], placed: list[bool], tree: SpanTree
) -> None:
    # A stack and not recursion: a chain of calls can be deeper than Python's stack.
    stack = [(root, -1, 0)]
    while stack:
        index, parent, depth = stack.pop()
        if placed[index]:
            continue
        placed[index] = True
        position = len(tree.spans)
        tree.spans.append(spans[index])
        tree.parent.append(parent)
        tree.depth.append(depth)
        tree.orphan.append(parent < 0 and spans[index].parent_span_id != "")
        stack.extend((child, position, depth + 1) for child in reversed(children[index]))
