"""A chain: one trace with everything that is computed over the tree of its spans."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sightline_analysis.chains_order import SpanTree, order_spans
from sightline_analysis.chains_timing import correct_starts, critical_path, self_times
from sightline_semconv.kinds import CostState
from sightline_storage.contract import SpanRow

_HAS_PRICE = frozenset({"priced", "estimated"})


@dataclass(frozen=True, slots=True)
class Chain:
    """Parallel lists in tree order; see `SpanTree` for the order.

    `start_ns` is corrected for clock skew by `skew_ns`. `subtree_*` are sums over the span and all below it,
    counted spans only; a cost of None means that no model call in there has a price, `subtree_unpriced` how
    many have none.
    """

    tree: SpanTree
    start_ns: list[int]
    skew_ns: list[int]
    self_time_ns: list[int]
    critical: list[bool]
    subtree_spans: list[int]
    subtree_tokens: list[int]
    subtree_cost_usd: list[Decimal | None]
    subtree_unpriced: list[int]

    @property
    def first_start_ns(self) -> int:
        """The earliest corrected start; 0 for a chain without spans."""
        return min(self.start_ns, default=0)


def build_chain(spans: Sequence[SpanRow]) -> Chain:
    """Return the chain of the spans of one trace, given in any order, each span id once."""
    tree = order_spans(spans)
    starts, skews = correct_starts(tree)
    counts, tokens, costs, unpriced = _sum_subtrees(tree)
    return Chain(
        tree=tree,
        start_ns=starts,
        skew_ns=skews,
        self_time_ns=self_times(tree, starts),
        critical=critical_path(tree, starts),
        subtree_spans=counts,
        subtree_tokens=tokens,
        subtree_cost_usd=costs,
        subtree_unpriced=unpriced,
    )


def _sum_subtrees(tree: SpanTree) -> tuple[list[int], list[int], list[Decimal | None], list[int]]:
    counts = [1] * len(tree.spans)
    tokens = [span.input_tokens + span.output_tokens if span.counted else 0 for span in tree.spans]
    costs: list[Decimal | None] = [
        span.cost_usd if span.counted and span.cost_state in _HAS_PRICE else None for span in tree.spans
    ]
    unpriced = [int(span.counted and span.cost_state == CostState.UNPRICED) for span in tree.spans]
    # Children come after their parents, so going backwards every sum is complete before it is passed up.
    for position in range(len(tree.spans) - 1, -1, -1):
        parent = tree.parent[position]
        if parent < 0:
            continue
        counts[parent] += counts[position]
        tokens[parent] += tokens[position]
        unpriced[parent] += unpriced[position]
        cost = costs[position]
        if cost is not None:
            costs[parent] = (costs[parent] or Decimal(0)) + cost
    return counts, tokens, costs, unpriced
