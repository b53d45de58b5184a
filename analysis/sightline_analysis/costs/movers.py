"""Why cost changed between two periods: the change split into causes that add up to it exactly.

The cost of a group is written as a product over its models m:

    cost    = calls · Σ_m share_m · coverage_m · (tokens_in_m · price_m + tokens_out_m · price_out_m + fee_m)
    price_m = (1 - cached_m) · price_in_m + cached_m · price_cached_m

where `share` is a model's part of the calls, `coverage` the part of its calls that have a price, `cached` the
part of its input that was read from a cache, and `fee` what a call costs beside its tokens. Each cause is one
of these factors. The effect of a factor depends on which others have changed already,
so it is averaged over all orders: the Shapley value (Shapley 1953; for cost decompositions Albrecht,
François & Schors, "A Shapley decomposition of carbon emissions without residuals", Energy Policy 30, 2002).
It leaves no residual and favours no order. Prices are effective ones (money ÷ tokens), so a discount or
another tier counts as price.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from math import factorial
from operator import attrgetter, mul
from typing import NamedTuple

from sightline_analysis.costs.allocation import round_parts
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_core.money import COST_STEP, ZERO


class Cause(StrEnum):
    """One factor of the cost. The order is that of the bits in a coalition."""

    VOLUME = "volume"
    MODEL_MIX = "model_mix"
    TOKENS_PER_CALL = "tokens_per_call"
    CACHE_RATIO = "cache_ratio"
    PRICE = "price"
    COVERAGE = "coverage"  # calls that became unpriced, or priced


@dataclass(frozen=True, slots=True)
class Change:
    """The causes of a change of cost; they add up to `after_usd` - `before_usd` to the last decimal place.

    Amounts are those of calls with a price; `before` and `after` tell whether there are others.
    """

    before: Spend
    after: Spend
    causes: dict[Cause, Decimal]

    @property
    def before_usd(self) -> Decimal:
        """Cost of the period before."""
        return self.before.cost_usd

    @property
    def after_usd(self) -> Decimal:
        """Cost of the period."""
        return self.after.cost_usd

    @property
    def change_usd(self) -> Decimal:
        """`after_usd` minus `before_usd`."""
        return self.after_usd - self.before_usd

    @property
    def main_cause(self) -> Cause | None:
        """The cause that pushed hardest in the direction of the change; `None` when nothing changed."""
        if self.change_usd == 0:
            return None
        sign = 1 if self.change_usd > 0 else -1
        return max(self.causes, key=lambda cause: sign * self.causes[cause])


@dataclass(frozen=True, slots=True)
class Mover:
    """A group whose cost changed, with the reason."""

    key: tuple[str, ...]
    change: Change


def explain_change(before: Mapping[str, Spend], after: Mapping[str, Spend]) -> Change:
    """Return the causes of the change from `before` to `after`, both totals by model.

    A model that is absent in one period takes its tokens, cache ratio and prices from the other, so that its
    coming or going is model mix alone. Where one whole period is empty all of the change is volume.
    """
    models = sorted({*before, *after})
    with localcontext(prec=50):
        profiles = [_profiles(before.get(model, Spend()), after.get(model, Spend())) for model in models]
        volumes = [_total_calls(before), _total_calls(after)]
        shares = [_shares(before, models), _shares(after, models)]
        if volumes[0] == 0:
            shares[0] = shares[1]
        elif volumes[1] == 0:
            shares[1] = shares[0]

        per_call: dict[int, list[Decimal]] = {}
        costs: dict[tuple[int, int], Decimal] = {}

        def cost_of(coalition: int) -> Decimal:
            volume, mix, factors = coalition & 1, coalition >> _MIX & 1, coalition >> _CALL
            # A model's cost of a call depends on the factors of calls alone, not on volume and mix: there may
            # be thousands of models.
            if factors not in per_call:
                per_call[factors] = [_cost_per_call(pair, factors) for pair in profiles]
            if (mix, factors) not in costs:
                costs[mix, factors] = sum(map(mul, shares[mix], per_call[factors]), ZERO)
            return volumes[volume] * costs[mix, factors]

        moved = {
            Cause.VOLUME: volumes[0] != volumes[1],
            Cause.MODEL_MIX: shares[0] != shares[1],
            **{cause: any(map(differ, profiles)) for cause, differ in _DIFFER.items()},
        }
        effects = _shapley([cause for cause in Cause if moved[cause]], cost_of)
    earlier, later = total_spend(before.values()), total_spend(after.values())
    return Change(earlier, later, round_parts(effects, later.cost_usd - earlier.cost_usd, step=COST_STEP))


def top_movers(
    before: Mapping[tuple[str, ...], Mapping[str, Spend]],
    after: Mapping[tuple[str, ...], Mapping[str, Spend]],
    *,
    limit: int,
) -> list[Mover]:
    """Return the groups that changed most, by absolute change, from each group's totals by model."""
    movers = [
        Mover(key, explain_change(before.get(key, {}), after.get(key, {}))) for key in {*before, *after}
    ]
    changed = [mover for mover in movers if mover.change.change_usd != 0]
    return sorted(changed, key=lambda mover: (-abs(mover.change.change_usd), mover.key))[:limit]


def add_changes(changes: Sequence[Change]) -> Change:
    """Return the change of all groups together; its causes are the sums of theirs."""
    return Change(
        before=total_spend(change.before for change in changes),
        after=total_spend(change.after for change in changes),
        causes={cause: sum((change.causes[cause] for change in changes), ZERO) for cause in Cause},
    )


class _Profile(NamedTuple):
    """What one call of a model looks like on average in one period."""

    coverage: Decimal
    input_tokens: Decimal
    output_tokens: Decimal
    cached_ratio: Decimal
    price_input: Decimal
    price_cached: Decimal
    price_output: Decimal
    fee: Decimal


_BIT = {cause: bit for bit, cause in enumerate(Cause)}
_MIX = _BIT[Cause.MODEL_MIX]
_OF_A_CALL = (Cause.TOKENS_PER_CALL, Cause.CACHE_RATIO, Cause.PRICE, Cause.COVERAGE)
_CALL = _BIT[_OF_A_CALL[0]]


def _differ(*fields: str) -> Callable[[tuple[_Profile, _Profile]], bool]:
    values = attrgetter(*fields)
    return lambda pair: bool(values(pair[0]) != values(pair[1]))


_DIFFER = {
    Cause.TOKENS_PER_CALL: _differ("input_tokens", "output_tokens"),
    Cause.CACHE_RATIO: _differ("cached_ratio"),
    Cause.PRICE: _differ("price_input", "price_cached", "price_output", "fee"),
    Cause.COVERAGE: _differ("coverage"),
}
"""Whether a factor of a call is another one in the other period."""


def _profiles(before: Spend, after: Spend) -> tuple[_Profile, _Profile]:
    first, second = _observe(before), _observe(after)
    return _fill(first, second), _fill(second, first)


def _observe(spend: Spend) -> tuple[Decimal | None, ...]:
    """Return the values of `_Profile` in order; `None` = not observed in this period."""
    calls = _call_count(spend)
    coverage = _ratio(calls - spend.unpriced_calls, calls)
    if spend.cost_usd and not coverage:
        coverage = Decimal(1)
    covered = coverage or ZERO
    # Cached tokens are a part of the input; a provider that claims more than there is gets its input only.
    cached_tokens = min(spend.cached_input_tokens, spend.input_tokens)
    uncached, cached = (spend.input_tokens - cached_tokens) * covered, cached_tokens * covered
    output = spend.output_tokens * covered
    price_input = _ratio(spend.cost_input_usd, uncached)
    price_cached = _ratio(spend.cost_cached_usd, cached)
    price_output = _ratio(spend.cost_output_usd, output)
    by_token = (
        uncached * (price_input or ZERO) + cached * (price_cached or ZERO) + output * (price_output or ZERO)
    )
    return (
        coverage,
        _ratio(Decimal(spend.input_tokens), calls),
        _ratio(Decimal(spend.output_tokens), calls),
        _ratio(Decimal(cached_tokens), Decimal(spend.input_tokens)),
        price_input,
        price_cached,
        price_output,
        # What tokens do not explain is charged by call, so that the product leaves no residual.
        _ratio(spend.cost_usd - by_token, calls * covered),
    )


def _fill(own: Sequence[Decimal | None], other: Sequence[Decimal | None]) -> _Profile:
    return _Profile(
        *(
            mine if mine is not None else theirs if theirs is not None else ZERO
            for mine, theirs in zip(own, other, strict=True)
        )
    )


def _cost_per_call(pair: tuple[_Profile, _Profile], factors: int) -> Decimal:
    """Return what a call costs whose factors of `_OF_A_CALL` are those of the periods that the bits say."""
    tokens, cache, price, coverage = (pair[factors >> bit & 1] for bit in range(len(_OF_A_CALL)))
    cached = cache.cached_ratio
    input_price = (1 - cached) * price.price_input + cached * price.price_cached
    by_token = tokens.input_tokens * input_price + tokens.output_tokens * price.price_output
    return coverage.coverage * (by_token + price.fee)


def _shapley(players: Sequence[Cause], cost_of: Callable[[int], Decimal]) -> dict[Cause, Decimal]:
    """Return each cause's Shapley value; `cost_of(coalition)` is the cost once those causes have changed.

    A factor that is alike in both periods is no player: its value is nothing, and that of the others is the
    same without it.
    """
    count = len(players)
    coalitions = [0]
    for cause in players:
        coalitions += [coalition | 1 << _BIT[cause] for coalition in coalitions]
    costs = {coalition: cost_of(coalition) for coalition in coalitions}
    ways = [factorial(size) * factorial(count - size - 1) for size in range(count)]
    effects = dict.fromkeys(Cause, ZERO)
    for cause in players:
        bit = 1 << _BIT[cause]
        added = [
            ways[coalition.bit_count()] * (costs[coalition | bit] - cost)
            for coalition, cost in costs.items()
            if not coalition & bit
        ]
        effects[cause] = sum(added, ZERO) / factorial(count)
    return effects


def _call_count(spend: Spend) -> Decimal:
    # Money without a call is not lost: it is treated as one call.
    return Decimal(spend.calls or (1 if spend.cost_usd else 0))


def _total_calls(spends: Mapping[str, Spend]) -> Decimal:
    return sum(map(_call_count, spends.values()), ZERO)


def _shares(spends: Mapping[str, Spend], models: Sequence[str]) -> list[Decimal]:
    total = _total_calls(spends)
    return [_ratio(_call_count(spends.get(model, Spend())), total) or ZERO for model in models]


def _ratio(amount: Decimal, count: Decimal) -> Decimal | None:
    return amount / count if count else None
