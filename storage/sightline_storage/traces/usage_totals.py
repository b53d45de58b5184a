"""What spans used and cost, added up: the columns of `TokenTotals` and `CostTotals`, each in its order."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func

from sightline_storage.contract import TokenTotals
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import weighted_amount, weighted_count, weighted_money

TOKEN_COLUMNS: Final = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)
"""What `TokenTotals` are sums of, in its order."""

_S = SPANS.c
_COUNTED = _S.counted == 1


def token_totals() -> list[ColumnElement[Any]]:
    """Return the weighted sums behind `TokenTotals`."""
    return [
        *(weighted_amount(_S[name], _COUNTED).label(f"total_{name}") for name in TOKEN_COLUMNS),
        func.max(and_(_COUNTED, _S.usage_estimated == 1)).label("any_estimated"),
    ]


def cost_totals() -> list[ColumnElement[Any]]:
    """Return the weighted sums behind `CostTotals`."""
    has_price = and_(_COUNTED, _S.cost_state.in_(("priced", "estimated")))
    return [
        weighted_money(_S.cost_usd, has_price).label("total_usd"),
        *(
            weighted_count(and_(_COUNTED, _S.cost_state == state)).label(f"{state}_calls")
            for state in ("priced", "estimated", "unpriced")
        ),
    ]


def read_tokens(sums: Sequence[Any]) -> TokenTotals:
    """Return the totals of the columns of `token_totals`."""
    input_, cached_input, cache_write, output, reasoning, estimated = sums
    return TokenTotals(input_, cached_input, cache_write, output, reasoning, bool(estimated))
