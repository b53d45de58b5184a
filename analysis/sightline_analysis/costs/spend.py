"""What model calls used and cost, as sums that may be added in any order and any grouping.

Money is kept in the 12 decimal places that spans are stored with, so sums are exact and never rounded.
Priced and estimated money are separate sums; calls without a price are a count, never a zero amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from sightline_core.money import ZERO


@dataclass(frozen=True, slots=True)
class Spend:
    """Additive totals over counted model calls.

    `calls` = priced + estimated + unpriced calls + calls that have no cost at all. Tokens follow the span
    model: `input_tokens` includes cached and cache-written ones, `output_tokens` includes reasoning.
    `cost_input_usd` (not cached), `cost_cached_usd` and `cost_output_usd` are parts of `cost_usd`; what
    they leave is charged per call or per unit other than tokens.
    """

    calls: int = 0
    priced_calls: int = 0
    estimated_calls: int = 0
    unpriced_calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    unpriced_tokens: int = 0
    cache_lookups: int = 0
    cache_hits: int = 0
    priced_usd: Decimal = ZERO
    estimated_usd: Decimal = ZERO
    cost_input_usd: Decimal = ZERO
    cost_cached_usd: Decimal = ZERO
    cost_output_usd: Decimal = ZERO
    cache_saved_usd: Decimal = ZERO
    failed_usd: Decimal = ZERO

    @property
    def cost_usd(self) -> Decimal:
        """Priced plus estimated money. Unpriced calls are not in it: show `unpriced_calls` beside it."""
        return self.priced_usd + self.estimated_usd

    def __add__(self, other: "Spend") -> "Spend":
        return total_spend((self, other))


_NAMES = tuple(field.name for field in fields(Spend))
_values = attrgetter(*_NAMES)


def total_spend(parts: Iterable[Spend]) -> Spend:
    """Return the exact sum; the empty sum is `Spend()`."""
    columns = zip(*map(_values, parts), strict=True)
    return Spend(*(sum(column) for column in columns))


@dataclass(frozen=True, slots=True)
class SpendRow:
    """One row of a rollup: the dimensions asked for, the start (UTC) of the stored bucket, and its sums.

    With `is_rest` it is what all groups that have no rows of their own add up to.
    """

    bucket: datetime
    key: tuple[str, ...]
    spend: Spend
    is_rest: bool = False
