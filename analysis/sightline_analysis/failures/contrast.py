"""What sets a cluster apart: attribute values that are more common inside than on healthy spans."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sightline_storage.failures.failure_contrast_reader import AttributeCount

ALPHA = 0.01
MAX_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Contrast:
    """`lift` is the share inside over the share outside, which is never taken as less than one span's."""

    attribute: str
    value: str
    share_inside: float
    share_outside: float
    lift: float
    p_value: float


def find_contrasts(counts: Sequence[AttributeCount]) -> list[Contrast]:
    """Return the values that set a cluster apart, the strongest first; the attribute "" holds the totals.

    Significance: the G-test of independence on the 2×2 table (value or not, inside or outside; Sokal and
    Rohlf 1994) with one degree of freedom, at 1 % divided by the number of values tried (Bonferroni).
    """
    all_inside, all_outside = next(((c.inside, c.outside) for c in counts if not c.attribute), (0, 0))
    if not all_inside or not all_outside:
        return []
    tried = sum(1 for count in counts if count.attribute and count.value)
    found = []
    for count in counts:
        if not count.attribute or not count.value:
            continue
        share_inside, share_outside = count.inside / all_inside, count.outside / all_outside
        p_value = _p_value(count.inside, all_inside, count.outside, all_outside)
        if share_inside > share_outside and p_value * tried < ALPHA:
            lift = share_inside / max(share_outside, 1 / all_outside)
            found.append(
                Contrast(
                    count.attribute, count.value, share_inside, share_outside, lift, min(1.0, p_value * tried)
                )
            )
    return sorted(found, key=lambda c: (c.p_value, -c.lift, c.attribute, c.value))[:MAX_SHOWN]


def _p_value(inside: int, all_inside: int, outside: int, all_outside: int) -> float:
    """Survival function of χ² with one degree of freedom: erfc(√(G/2))."""
    total = all_inside + all_outside
    with_value = inside + outside
    g = 0.0
    for observed, row, column in (
        (inside, with_value, all_inside),
        (outside, with_value, all_outside),
        (all_inside - inside, total - with_value, all_inside),
        (all_outside - outside, total - with_value, all_outside),
    ):
        if observed:
            g += 2 * observed * math.log(observed * total / (row * column))
    return math.erfc(math.sqrt(max(g, 0.0) / 2))
