"""The same tokens at other prices."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.what_if import simulate_batch, simulate_models
from sightline_core.ids import ProjectId
from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import CataloguePricer, ModelCall
from sightline_storage.spend.spend_potential_reader import TokenProfile

PRICER = CataloguePricer()
SHOP = ProjectId("shop")
WHEN = datetime(2026, 9, 21, tzinfo=UTC)
WHEN_NS = int(WHEN.timestamp()) * 1_000_000_000

calls = st.lists(
    st.builds(
        lambda uncached, cached, output: TokenCounts(uncached + cached, cached, output=output),
        st.integers(0, 5_000),
        st.integers(0, 5_000),
        st.integers(1, 5_000),
    ),
    min_size=1,
    max_size=20,
)


def price(tokens: TokenCounts) -> Decimal:
    return PRICER.price(ModelCall(SHOP, "openai", "gpt-4o", "", WHEN_NS, "", tokens)).usd


def profile(counts: list[TokenCounts], usd: Decimal) -> TokenProfile:
    sums = TokenCounts(*map(sum, zip(*counts, strict=True)))
    return TokenProfile("openai", "gpt-4o", "", len(counts), usd, 0, WHEN, sums, sampled=False)


@given(calls)
def test_a_model_simulated_as_itself_costs_what_its_calls_did(counts: list[TokenCounts]) -> None:
    usd = sum(map(price, counts), Decimal(0))
    (row,) = simulate_models(PRICER, SHOP, [profile(counts, usd)], [("openai", "gpt-4o")])
    assert row.simulations[0].usd == usd == row.usd


def test_a_price_that_is_missing_for_one_model_leaves_the_others() -> None:
    known = profile([TokenCounts(100, output=10)], Decimal(1))
    unknown = TokenProfile(
        "acme", "secret", "", 1, Decimal(0), 1, WHEN, TokenCounts(100, output=10), sampled=False
    )
    first, second = simulate_models(PRICER, SHOP, [unknown, known], [("", "")])
    assert (first.model, first.simulations[0].usd) == ("gpt-4o", price(TokenCounts(100, output=10)))
    assert second.simulations[0].usd is None
    assert "no price is known" in second.simulations[0].reason


def test_a_batch_price_that_nobody_knows_is_not_guessed() -> None:
    (row,) = simulate_batch(PRICER, SHOP, [profile([TokenCounts(100, output=10)], Decimal(1))])
    assert row.simulations[0].usd is None
    assert "service tier 'batch'" in row.simulations[0].reason
