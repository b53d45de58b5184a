"""Two traces held beside each other: which step answers to which, and what changed in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sightline_analysis.chains import Chain
from sightline_analysis.chains_order import SpanTree
from sightline_analysis.trace_diff_sequence import match_sequences
from sightline_storage.contract import SpanRow
from sightline_storage.traces.trace_inspector import ContentDigest

Outcome = Literal["same", "changed", "left", "right"]
Change = Literal[
    "name", "status", "failure", "model", "tokens", "cost", "instructions", "tools", "input", "output"
]

_NAMED_BY_MODEL = frozenset({"llm", "embedding"})


@dataclass(frozen=True, slots=True)
class StepDelta:
    """Right minus left, over the step and all below it; a side that has no such step counts as nothing.

    A cost of None means that it is not known how the cost changed: one side has calls without a price.
    """

    duration_ns: int
    tokens: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the comparison; `left` and `right` are positions in tree order of the two chains."""

    depth: int
    left: int | None
    right: int | None
    outcome: Outcome
    changes: tuple[Change, ...]
    delta: StepDelta


def diff_chains(
    left: Chain,
    right: Chain,
    left_content: Mapping[str, ContentDigest],
    right_content: Mapping[str, ContentDigest],
) -> list[Step]:
    """Return every step of both chains once, in an order that agrees with the order of both.

    Durations differ between any two runs, so a step whose duration alone differs is the same.
    """
    steps: list[Step] = []
    for depth, i, j in align_trees(left.tree, right.tree):
        changes: tuple[Change, ...] = ()
        if i is not None and j is not None:
            one, other = left.tree.spans[i], right.tree.spans[j]
            changes = _changes(one, other, left_content.get(one.span_id), right_content.get(other.span_id))
        steps.append(Step(depth, i, j, _outcome(i, j, changes), changes, _delta(left, i, right, j)))
    return steps


def align_trees(left: SpanTree, right: SpanTree) -> list[tuple[int, int | None, int | None]]:
    """Return (depth, left position, right position), parents before children, in the order of both trees.

    Steps answer to each other when their parents do and kind and name agree, in order: the longest common
    subsequence of the children. The roots answer to each other whatever their names.
    """
    children = (left.children(), right.children())
    stack = _pair(_roots(left), _roots(right), left, right, 0, roots=True)
    lines: list[tuple[int, int | None, int | None]] = []
    # A stack and not recursion: a chain of calls can be deeper than Python's stack.
    while stack:
        depth, i, j = stack.pop()
        lines.append((depth, i, j))
        below_left = children[0][i] if i is not None else []
        below_right = children[1][j] if j is not None else []
        stack.extend(_pair(below_left, below_right, left, right, depth + 1))
    return lines


def _pair(
    lefts: Sequence[int],
    rights: Sequence[int],
    left: SpanTree,
    right: SpanTree,
    depth: int,
    *,
    roots: bool = False,
) -> list[tuple[int, int | None, int | None]]:
    """Return the lines of two lists of siblings, the last first."""
    pairs = match_sequences([_key(left.spans[i]) for i in lefts], [_key(right.spans[j]) for j in rights])
    if roots and not pairs and lefts and rights:
        pairs = [(0, 0)]
    lines: list[tuple[int, int | None, int | None]] = []
    i = j = 0
    for to_left, to_right in [*pairs, (len(lefts), len(rights))]:
        lines += [(depth, lefts[k], None) for k in range(i, to_left)]
        lines += [(depth, None, rights[k]) for k in range(j, to_right)]
        if to_left < len(lefts):
            lines.append((depth, lefts[to_left], rights[to_right]))
        i, j = to_left + 1, to_right + 1
    return lines[::-1]


def _roots(tree: SpanTree) -> list[int]:
    return [position for position, parent in enumerate(tree.parent) if parent < 0]


def _key(span: SpanRow) -> tuple[str, str]:
    # "chat gpt-4o" and "chat gpt-4.1" are the same step with another model.
    name = span.name.partition(" ")[0] if span.kind in _NAMED_BY_MODEL else span.name
    return span.kind, name


def _outcome(left: int | None, right: int | None, changes: tuple[Change, ...]) -> Outcome:
    if left is None:
        return "right"
    if right is None:
        return "left"
    return "changed" if changes else "same"


def _changes(
    left: SpanRow, right: SpanRow, left_content: ContentDigest | None, right_content: ContentDigest | None
) -> tuple[Change, ...]:
    nothing = ContentDigest(0, 0, 0, 0)
    one, other = left_content or nothing, right_content or nothing
    compared: tuple[tuple[Change, object, object], ...] = (
        ("name", left.name, right.name),
        ("status", left.status == "error", right.status == "error"),
        ("failure", left.failure_category, right.failure_category),
        ("model", left.model, right.model),
        ("tokens", left.input_tokens + left.output_tokens, right.input_tokens + right.output_tokens),
        ("cost", (left.cost_usd, left.cost_state), (right.cost_usd, right.cost_state)),
        ("instructions", one.instructions, other.instructions),
        ("tools", one.tools, other.tools),
        ("input", one.input, other.input),
        ("output", one.output, other.output),
    )
    return tuple(name for name, before, after in compared if before != after)


def _delta(left: Chain, i: int | None, right: Chain, j: int | None) -> StepDelta:
    def of(chain: Chain, position: int | None) -> tuple[int, int, Decimal | None]:
        if position is None:
            return 0, 0, Decimal(0)
        duration = chain.tree.spans[position].duration_ns
        # What calls without a price cost is not known, so neither is the sum; no calls cost nothing.
        cost = None if chain.subtree_unpriced[position] else chain.subtree_cost_usd[position] or Decimal(0)
        return duration, chain.subtree_tokens[position], cost

    (duration, tokens, cost), (duration_after, tokens_after, cost_after) = of(left, i), of(right, j)
    return StepDelta(
        duration_ns=duration_after - duration,
        tokens=tokens_after - tokens,
        cost_usd=None if cost is None or cost_after is None else cost_after - cost,
    )
