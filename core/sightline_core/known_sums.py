"""Sums of what is known: nothing known is no zero."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

Amount = TypeVar("Amount", int, Decimal)


def sum_of_known(amounts: Iterable[Amount | None]) -> Amount | None:
    """Return the sum of the amounts that are known; None when none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known[1:], known[0]) if known else None
