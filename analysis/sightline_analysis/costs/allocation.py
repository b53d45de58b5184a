"""Splitting an amount exactly: every share is a multiple of the step and the shares add up to the amount.

Largest-remainder method (Hamilton): each share is rounded down, then the steps left over go to the largest
remainders, ties to the name that sorts first, so that the same input always gives the same statement.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Literal, TypeVar, get_args

from sightline_core.errors import CallerError
from sightline_core.money import CENT

AllocationRule = Literal["even", "by_spend", "by_calls", "fixed"]
"""How shared spend is split: evenly, in proportion to own spend or calls, or by shares stated by hand."""
ALLOCATION_RULES: tuple[AllocationRule, ...] = get_args(AllocationRule)


def allocate(amount: Decimal, weights: Mapping[str, Decimal], *, step: Decimal = CENT) -> dict[str, Decimal]:
    """Return shares of `amount` in proportion to `weights`; they add up to exactly `amount`.

    When all weights are zero the split is even. `CallerError` without receivers, for a negative or infinite
    weight, and for an amount that is not a multiple of `step`. A negative amount (a credit) is split alike.
    """
    if not weights:
        raise CallerError("there is nobody to split the amount between")
    if any(not weight.is_finite() or weight < 0 for weight in weights.values()):
        raise CallerError("a weight must be a number and not negative")
    if amount < 0:
        return {name: -share for name, share in allocate(-amount, weights, step=step).items()}
    with localcontext(prec=60):
        if amount % step:
            raise CallerError(f"{amount} is not a multiple of {step}")
        total_weight = sum(weights.values())
        if total_weight == 0:
            weights, total_weight = dict.fromkeys(weights, Decimal(1)), Decimal(len(weights))
        shares = {name: amount * weight / total_weight for name, weight in weights.items()}
        return round_parts(shares, amount, step=step)


Name = TypeVar("Name", bound=str)


def round_parts(parts: Mapping[Name, Decimal], total: Decimal, *, step: Decimal) -> dict[Name, Decimal]:
    """Return `parts` rounded to `step`, adding up to exactly `total`, each within one step of its value.

    `total` is the sum of the parts up to the precision they were computed with. Signs may be mixed.
    """
    with localcontext(prec=60):
        floors = {name: (value / step).to_integral_value(ROUND_FLOOR) for name, value in parts.items()}
        left = int((total / step).to_integral_value() - sum(floors.values()))
        by_remainder = sorted(parts, key=lambda name: (floors[name] - parts[name] / step, name))
        for name in by_remainder[:left]:
            floors[name] += 1
        return {name: floors[name] * step for name in parts}
