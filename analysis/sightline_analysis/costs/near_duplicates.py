"""Requests that ask almost the same: the same prompt of the same app, with questions worded alike.

Questions are compared by the cosine of their hashed character 3- to 5-grams. The newest requests are looked
at, each once; each joins the earlier group whose founder is most similar, if enough, else founds one. A cache
that answers by similarity would have spared one call of every member but the founder. Whether the same answer
would have been right is not for us to say. Of a trace only the first request of a prompt is looked at: the
later steps of an agent carry the same question and ask something else.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from sightline_analysis.failures.similarity import DIMENSIONS, embed
from sightline_core.known_sums import sum_of_known
from sightline_core.money import ZERO
from sightline_storage.spend.spend_potential_reader import Caller, DistinctRequest

LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class SimilarRequests:
    """Requests like the first of them. `usd` is what the others cost; `None` when none has a price."""

    caller: Caller
    prompt_fingerprint: str
    asked: str
    like: str
    requests: int
    usd: Decimal | None
    trace_id: str


def find_near_duplicates(requests: Sequence[DistinctRequest], threshold: float) -> list[SimilarRequests]:
    """Return groups of at least two, those that cost most first. `threshold` is a cosine from 0 to 1."""
    by_prompt: dict[tuple[Caller, str], list[DistinctRequest]] = defaultdict(list)
    for request in requests:
        by_prompt[request.caller, request.prompt_fingerprint].append(request)
    groups = [
        _describe(group)
        for same_prompt in by_prompt.values()
        for group in _group(same_prompt, threshold)
        if len(group) > 1
    ]
    return sorted(groups, key=lambda group: (-(group.usd or ZERO), -group.requests, group.asked))


def _group(requests: Sequence[DistinctRequest], threshold: float) -> list[list[DistinctRequest]]:
    founders = np.empty((len(requests), DIMENSIONS), dtype=np.float32)  # as many rows as there are groups
    groups: list[list[DistinctRequest]] = []
    traces: set[str] = set()
    for request in reversed(requests):
        if request.trace_id in traces:
            continue
        traces.add(request.trace_id)
        vector = embed(request.asked)
        if groups:
            likeness = founders[: len(groups)] @ vector
            nearest = int(likeness.argmax())
            if likeness[nearest] >= threshold:
                groups[nearest].append(request)
                continue
        founders[len(groups)] = vector
        groups.append([request])
    return groups


def _describe(group: list[DistinctRequest]) -> SimilarRequests:
    founder, *others = group
    return SimilarRequests(
        founder.caller,
        founder.prompt_fingerprint,
        founder.asked,
        others[-1].asked,
        len(group),
        sum_of_known(request.usd for request in others),
        others[-1].trace_id,
    )
