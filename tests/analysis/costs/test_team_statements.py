from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.allocation import ALLOCATION_RULES, AllocationRule
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_analysis.costs.teams import (
    UNASSIGNED,
    SharedCost,
    Statement,
    TeamRule,
    build_statements,
    team_of,
)
from sightline_core.errors import CallerError

RULES = [
    TeamRule("support-*", "support"),
    TeamRule("search", "platform", environment="prod"),
    TeamRule("*-lab", ""),
]


def spent(usd: str, calls: int = 1) -> Spend:
    return Spend(calls=calls, priced_calls=calls, priced_usd=Decimal(usd))


def totals(statements: list[Statement]) -> dict[str, Decimal]:
    return {statement.team: statement.total_usd for statement in statements}


def test_the_first_matching_rule_decides_the_team() -> None:
    assert team_of(RULES, "support-bot", "dev") == "support"
    assert team_of(RULES, "search", "prod") == "platform"
    assert team_of(RULES, "search", "dev") == UNASSIGNED
    assert team_of(RULES, "Support-bot", "dev") == UNASSIGNED


def test_shared_spend_is_split_by_the_stated_rule() -> None:
    spend = {
        ("support-bot", "prod"): spent("3.00", 1),
        ("search", "prod"): spent("1.00", 9),
        ("gateway", "prod"): spent("1.00"),
    }

    def split(rule: AllocationRule, **shares: Decimal) -> dict[str, Decimal]:
        return totals(build_statements(spend, RULES, [SharedCost("gateway", rule, shares)]))

    assert split("even") == {"support": Decimal("3.50"), "platform": Decimal("1.50")}
    assert split("by_spend") == {"support": Decimal("3.75"), "platform": Decimal("1.25")}
    assert split("by_calls") == {"support": Decimal("3.10"), "platform": Decimal("1.90")}
    assert split("fixed", finance=Decimal(1)) == {
        "finance": Decimal("1.00"),
        "platform": Decimal("1.00"),
        "support": Decimal("3.00"),
    }


def test_shared_spend_without_any_team_stays_unassigned() -> None:
    statements = build_statements(
        {("gateway", "prod"): spent("1.00")}, [], [SharedCost("gateway", "even", {})]
    )
    assert totals(statements) == {UNASSIGNED: Decimal("1.00")}


def test_a_fixed_split_that_names_nobody_is_refused() -> None:
    with pytest.raises(CallerError, match="names no team"):
        build_statements({("gateway", "prod"): spent("1.00")}, [], [SharedCost("gateway", "fixed", {})])


apps = st.tuples(
    st.sampled_from(["support-bot", "support-mail", "search", "gateway", "x-lab"]),
    st.sampled_from(["prod", "dev"]),
)
spends = st.builds(
    lambda usd, estimated, calls: Spend(calls=calls, priced_usd=usd, estimated_usd=estimated),
    st.decimals(0, 10_000, places=12),
    st.decimals(0, 10_000, places=12),
    st.integers(0, 1000),
)


@given(st.dictionaries(apps, spends, max_size=8), st.sampled_from(ALLOCATION_RULES))
def test_all_statements_together_are_the_spend_rounded_once(
    spend: dict[tuple[str, str], Spend], rule: AllocationRule
) -> None:
    shared = [SharedCost("gateway", rule, {"support": Decimal(2), "platform": Decimal(1)})]
    statements = build_statements(spend, RULES, shared)
    whole = total_spend(spend.values()).cost_usd.quantize(Decimal("0.01"))
    assert sum(totals(statements).values()) == whole
    for statement in statements:
        assert sum(line.amount_usd for line in statement.lines) == statement.total_usd
