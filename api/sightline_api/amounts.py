"""Money, tokens and times as they appear in answers."""

from collections.abc import Sequence
from decimal import Decimal

from sightline_api.models import CostStateName, CostSummary, Tokens
from sightline_storage.contract import CostTotals, TokenTotals


def usd_text(amount: Decimal) -> str:
    """Return plain decimal notation without trailing zeros: `0.00012`, never `1.2E-4`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd_or_none(amount: Decimal | None) -> str | None:
    """Return the amount as `usd_text` does; what nobody knows stays None."""
    return None if amount is None else usd_text(amount)


def span_cost_text(amount: Decimal, cost_state: str) -> str | None:
    """Return the cost of one span, or None when it has no price or is no model call."""
    return usd_text(amount) if cost_state in ("priced", "estimated") else None


def tokens_of(totals: TokenTotals) -> Tokens:
    """Return the totals as a response model."""
    return Tokens(
        input=totals.input,
        cached_input=totals.cached_input,
        cache_write=totals.cache_write,
        output=totals.output,
        reasoning=totals.reasoning,
        estimated=totals.estimated,
    )


def cost_of(totals: CostTotals) -> CostSummary:
    """Return the totals as a response model; `usd` is null when no call has a price."""
    state = cost_state(totals.priced_calls, totals.estimated_calls, totals.unpriced_calls)
    known = state in ("priced", "estimated", "partial")
    return CostSummary(
        usd=usd_text(totals.usd) if known else None, state=state, unpriced_calls=totals.unpriced_calls
    )


def cost_of_span(usd: Decimal, cost_state: str) -> CostSummary:
    """Return the cost of one span, which is a model call unless its state is `none`."""
    calls = (int(cost_state == state) for state in ("priced", "estimated", "unpriced"))
    return cost_of(CostTotals(usd, *calls))


def sum_of(parts: Sequence[CostTotals]) -> CostTotals:
    """Return the totals of several sets of calls as one."""
    return CostTotals(
        usd=sum((part.usd for part in parts), Decimal(0)),
        priced_calls=sum(part.priced_calls for part in parts),
        estimated_calls=sum(part.estimated_calls for part in parts),
        unpriced_calls=sum(part.unpriced_calls for part in parts),
    )


def cost_state(priced_calls: int, estimated_calls: int, unpriced_calls: int) -> CostStateName:
    """Return how far the cost of these counted calls is known."""
    has_price = priced_calls + estimated_calls > 0
    if unpriced_calls:
        return "partial" if has_price else "unpriced"
    if estimated_calls:
        return "estimated"
    return "priced" if has_price else "none"
