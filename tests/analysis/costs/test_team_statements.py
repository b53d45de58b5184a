from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.allocation import ALLOCATION_RULES, AllocationRule
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_analysis.costs.team_plan import TeamPlan, parse_plan, plan_document
from sightline_analysis.costs.teams import Payer, Statement, build_statements
from sightline_core.errors import CallerError
from sightline_storage.spend.team_rules import SHARED, UNASSIGNED, fits_pattern

TEAMS = [{"name": "support", "cost_centre": "4711"}, {"name": "platform", "cost_centre": ""}]


def plan(split: AllocationRule = "even", **shares: str) -> TeamPlan:
    return parse_plan({"teams": TEAMS, "shared": [{"app": "gateway", "split": split, "shares": shares}]})


def spent(usd: str, calls: int = 1) -> Spend:
    return Spend(calls=calls, priced_calls=calls, priced_usd=Decimal(usd))


def totals(statements: list[Statement]) -> dict[str, Decimal]:
    return {statement.team: statement.total_usd for statement in statements}


def test_patterns_are_those_of_a_shell_and_hold_the_whole_name() -> None:
    assert fits_pattern("support-*", "support-bot")
    assert fits_pattern("*", "")
    assert fits_pattern("a?c.x", "abc.x")
    for pattern, text in (("support-*", "my-support-x"), ("a?c", "ac"), ("a.c", "abc"), ("bot", "Bot")):
        assert not fits_pattern(pattern, text)
    assert fits_pattern("[a]*", "[a]b")


@pytest.mark.timeout(20)
def test_a_pattern_with_many_stars_costs_no_more_in_a_long_text() -> None:
    assert not fits_pattern("*a*a*a*a*b", "a" * 10_000)


def test_shared_spend_is_split_by_the_stated_rule() -> None:
    spend = {
        ("support", "support-bot", "prod"): spent("3.00", 1),
        ("platform", "search", "prod"): spent("1.00", 9),
        (SHARED, "gateway", "prod"): spent("1.00"),
    }

    def split(rule: AllocationRule, **shares: str) -> dict[str, Decimal]:
        return totals(build_statements(spend, plan(rule, **shares)))

    assert split("even") == {"support": Decimal("3.50"), "platform": Decimal("1.50")}
    assert split("by_spend") == {"support": Decimal("3.75"), "platform": Decimal("1.25")}
    assert split("by_calls") == {"support": Decimal("3.10"), "platform": Decimal("1.90")}
    assert split("fixed", platform="1") == {"support": Decimal("3.00"), "platform": Decimal("2.00")}


def test_teams_that_cost_cents_share_by_what_they_cost_and_not_by_whole_cents() -> None:
    spend = {
        ("support", "support-bot", "prod"): spent("0.014"),
        ("platform", "search", "prod"): spent("0.026"),
        (SHARED, "gateway", "prod"): spent("100"),
    }
    found = totals(build_statements(spend, plan("by_spend")))
    assert found == {"support": Decimal("35.01"), "platform": Decimal("65.03")}


def test_shared_spend_without_any_receiver_stays_unassigned() -> None:
    statements = build_statements({(SHARED, "gateway", "prod"): spent("1.00")}, plan())
    assert totals(statements) == {
        UNASSIGNED: Decimal("1.00"),
        "platform": Decimal("0.00"),
        "support": Decimal("0.00"),
    }


def test_a_statement_names_the_cost_centre_of_its_team() -> None:
    found = {statement.team: statement.cost_centre for statement in build_statements({}, plan())}
    assert found == {"support": "4711", "platform": ""}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"teams": [{"name": "a"}, {"name": "a"}]}, r"teams\[1\].name must be unique"),
        ({"teams": [{"name": "(shared)"}]}, r"teams\[0\].name"),
        ({"rules": [{"app": "x", "team": "nobody"}]}, r"rules\[0\].team: there is no team 'nobody'"),
        ({"teams": "x"}, "teams must be a list"),
        ({"teams": [{"name": 3}]}, r"teams\[0\].name must be a text"),
        ({"shared": [{"split": "fixed"}]}, r"shared\[0\].shares: a fixed split names at least one"),
        ({"shared": [{"split": "fixed", "shares": {"x": "1"}}]}, "there is no team 'x'"),
        ({"teams": TEAMS, "shared": [{"split": "fixed", "shares": {"support": "much"}}]}, "not a number"),
        ({"shared": [{"split": "fairly"}]}, r"shared\[0\].split must be one of"),
        ({"teams": [{"name": str(number)} for number in range(201)]}, "at most 200"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_with_its_place(document: Any, message: str) -> None:
    with pytest.raises(CallerError, match=message):
        parse_plan(document)


def test_a_plan_is_read_back_as_it_was_written() -> None:
    document = plan_document(plan("fixed", support="2", platform="1"))
    assert plan_document(parse_plan(document)) == document


payers = st.tuples(
    st.sampled_from(["support", "platform", UNASSIGNED, SHARED]),
    st.just("gateway"),
    st.sampled_from(["prod", "dev"]),
)
spends = st.builds(
    lambda usd, estimated, calls, unpriced: Spend(
        calls=calls + unpriced, unpriced_calls=unpriced, priced_usd=usd, estimated_usd=estimated
    ),
    st.decimals(0, 10_000, places=12),
    st.decimals(0, 10_000, places=12),
    st.integers(0, 1000),
    st.integers(0, 1000),
)


@given(st.dictionaries(payers, spends, max_size=8), st.sampled_from(ALLOCATION_RULES))
def test_all_statements_together_are_the_spend_rounded_once(
    spend: dict[Payer, Spend], rule: AllocationRule
) -> None:
    statements = build_statements(spend, plan(rule, support="2", platform="1"))
    whole = total_spend(spend.values())
    lines = [line for statement in statements for line in statement.lines]
    assert sum(totals(statements).values()) == whole.cost_usd.quantize(Decimal("0.01"))
    assert sum(line.estimated_usd for line in lines) == whole.estimated_usd
    assert sum(line.calls for line in lines) == whole.calls
    assert sum(line.unpriced_calls for line in lines) == whole.unpriced_calls
    for statement in statements:
        assert sum(line.amount_usd for line in statement.lines) == statement.total_usd
