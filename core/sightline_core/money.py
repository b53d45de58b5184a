"""Money is `Decimal` US dollars with twelve digits after the point, as the store keeps it."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

ZERO = Decimal(0)
CENT = Decimal("0.01")
COST_STEP = Decimal("0.000000000001")
"""The smallest amount that a span can cost; `Decimal(18, 12)` in the store."""
_LIMIT = Decimal(1_000_000)


def quantise_usd(amount: Decimal) -> Decimal:
    """Return the amount rounded to twelve digits, half to even."""
    return amount.quantize(COST_STEP, rounding=ROUND_HALF_EVEN)


def storable_usd(amount: Decimal) -> bool:
    """Return whether the amount fits the store: finite, not negative, less than a million dollars."""
    return amount.is_finite() and ZERO <= amount < _LIMIT


def parse_usd(value: object) -> Decimal | None:
    """Return a figure that somebody else computed, or None when it is not an amount of money we can store.

    Floats go through their shortest text, so that 0.1 is 0.1.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return quantise_usd(amount) if storable_usd(amount) else None
