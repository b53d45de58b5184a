"""Judging traces that reach out of a window by all of their spans that may be looked at."""

from dataclasses import replace

from sightline_core.query_tree import Node
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.search.trace_search_queries import build_extent


def judged_whole(
    engine: Engine, node: Node, window: SearchScope, scope: SearchScope
) -> tuple[SearchScope, bool]:
    """Return the window such that traces that reach out of it are judged by all that the scope judges.

    And whether that is all there is of them.
    """
    ((first_ns, last_ns),) = run(engine, build_extent(node, window))
    extent = int(first_ns), int(last_ns) + 1
    judged_ns = within(extent, scope.judged)
    return replace(window, judged_ns=judged_ns), judged_ns == extent


def within(extent: tuple[int, int], judged: tuple[int, int]) -> tuple[int, int]:
    """Return what two ranges have in common."""
    return max(judged[0], extent[0]), min(judged[1], extent[1])
