"""Which spans stand for a cluster: the most typical message first, then those that differ most."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from sightline_analysis.failures.similarity import embed
from sightline_storage.failures.failure_reader import Example

_MAX_MESSAGES = 200


def choose_examples(examples: Sequence[Example], template_of: Mapping[str, str], count: int) -> list[Example]:
    """Return at most `count` examples: one a message by `order_messages`, then the next newest of each.

    `examples` are newest first; `template_of` maps fingerprints to templates.
    """
    by_message: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_message[example.fingerprint].append(example)
    order = order_messages({name: template_of.get(name, "") for name in by_message})
    chosen: list[Example] = []
    for turn in range(count):
        for name in order:
            if turn < len(by_message[name]) and len(chosen) < count:
                chosen.append(by_message[name][turn])
    return chosen


def order_messages(template_of: Mapping[str, str]) -> list[str]:
    """Return fingerprints: the medoid (highest mean cosine), then always the farthest from those before."""
    names = sorted(template_of)[:_MAX_MESSAGES]
    if len(names) < 2:
        return names
    cosines = np.stack([embed(template_of[name]) for name in names])
    similarity = cosines @ cosines.T
    order = [int(np.argmax(similarity.mean(axis=1)))]
    nearest = similarity[order[0]].copy()
    while len(order) < len(names):
        nearest[order] = np.inf
        order.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, similarity[order[-1]])
    return [names[index] for index in order]
