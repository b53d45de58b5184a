"""Where the difference between an invoice and what was counted comes from."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.reconciliation import GapCause, Reconciliation, reconcile
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_storage.spend.invoice_store import InvoiceKind, InvoiceLine

FIRST = date(2026, 9, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(4)]
Counted = dict[tuple[date, str], Spend]


def counted(usd: str, tokens: int = 1000, *, unpriced_tokens: int = 0, estimated: str = "0") -> Spend:
    unpriced = 1 if unpriced_tokens else 0
    return Spend(
        calls=2,
        priced_calls=2 - unpriced if Decimal(usd) else 0,
        unpriced_calls=unpriced,
        unpriced_tokens=unpriced_tokens,
        input_tokens=tokens,
        priced_usd=Decimal(usd) - Decimal(estimated),
        estimated_usd=Decimal(estimated),
    )


def charge(
    usd: str, day: date = FIRST, model: str = "gpt-4o", account: str = ""
) -> tuple[InvoiceKind, InvoiceLine]:
    return "cost", InvoiceLine(day, model, account, "input", usd=Decimal(usd))


def usage(tokens: int, day: date = FIRST, model: str = "gpt-4o") -> tuple[InvoiceKind, InvoiceLine]:
    return "usage", InvoiceLine(day, model, "", "", input_tokens=tokens, output_tokens=0)


def compare(own: Counted, *lines: tuple[InvoiceKind, InvoiceLine]) -> Reconciliation:
    every = frozenset(DAYS)
    return reconcile(own, lines, covered=every, charged_days=every, days=DAYS)


def causes(found: Reconciliation) -> dict[str, str]:
    return {cause.value: str(usd.normalize()) for cause, usd in found.total.causes.items()}


def test_a_model_without_any_counted_call_is_not_instrumented() -> None:
    found = compare(
        {(FIRST, "gpt-4o"): counted("1")}, charge("1"), charge("3", model="o3", account="batch-key")
    )
    assert causes(found) == {"never_counted": "3"}
    assert [(c.account, c.never_counted_usd) for c in found.accounts] == [
        ("batch-key", Decimal(3)),
        ("", Decimal(0)),
    ]


def test_snapshots_of_a_model_are_compared_as_one() -> None:
    found = compare({(FIRST, "gpt-4o"): counted("1.25")}, charge("1.25", model="gpt-4o-2024-08-06"))
    assert found.total.gap_usd == 0
    assert found.spellings["gpt-4o"] == ("gpt-4o", "gpt-4o-2024-08-06")


def test_calls_without_a_price_explain_their_tokens_at_the_average() -> None:
    own = {(FIRST, "gpt-4o"): counted("1", 1500, unpriced_tokens=500)}
    assert causes(compare(own, charge("1.75"))) == {"unpriced": "0.5", "unexplained": "0.25"}
    none_priced = {(FIRST, "gpt-4o"): counted("0", 500, unpriced_tokens=500)}
    assert causes(compare(none_priced, charge("1.75"))) == {"unpriced": "1.75"}


def test_half_a_cent_for_each_line_in_cents_is_rounding() -> None:
    own = {(FIRST, "gpt-4o"): counted("1.004")}
    assert causes(compare(own, charge("1.00"))) == {"rounding": "-0.004"}
    assert "rounding" not in causes(compare(own, charge("1.000")))


def test_a_call_near_midnight_is_on_another_day_for_the_provider() -> None:
    own = {(DAYS[0], "gpt-4o"): counted("1"), (DAYS[1], "gpt-4o"): counted("1")}
    found = compare(own, charge("0.75", DAYS[0]), charge("1.25", DAYS[1]))
    assert found.total.gap_usd == 0
    assert found.days[DAYS[0]].causes == {GapCause.DAY_BOUNDARY: Decimal("-0.25")}
    assert found.days[DAYS[1]].causes == {GapCause.DAY_BOUNDARY: Decimal("0.25")}


def test_tokens_tell_missing_calls_from_another_price() -> None:
    own = {(FIRST, "gpt-4o"): counted("1", 1000)}
    assert causes(compare(own, charge("1.5"), usage(1500))) == {"missing_calls": "0.5"}
    assert causes(compare(own, charge("0.5"), usage(500))) == {"extra_calls": "-0.5"}
    assert causes(compare(own, charge("0.5"), usage(1000))) == {"price": "-0.5"}


def test_input_that_a_file_tells_alone_is_compared_with_input() -> None:
    spend = replace(counted("1"), output_tokens=250)
    line = InvoiceLine(FIRST, "gpt-4o", "", "", usd=Decimal("0.9"), input_tokens=1000)
    assert causes(compare({(FIRST, "gpt-4o"): spend}, ("cost", line))) == {"price": "-0.1"}


def test_estimated_cost_may_be_wrong_by_as_much_as_it_is() -> None:
    own = {(FIRST, "gpt-4o"): counted("1", estimated="0.25")}
    assert causes(compare(own, charge("0.5"))) == {"estimated": "-0.25", "unexplained": "-0.25"}


def test_a_day_without_an_import_is_not_taken_for_one_without_a_charge() -> None:
    own = {(day, "gpt-4o"): counted("1") for day in DAYS}
    covered = frozenset(DAYS[:1])
    found = reconcile(own, [charge("1")], covered=covered, charged_days=covered, days=DAYS)
    assert (found.total.gap_usd, found.uncovered) == (Decimal(0), tuple(DAYS[1:]))


def test_a_file_of_usage_alone_says_nothing_about_money() -> None:
    own = {(FIRST, "gpt-4o"): counted("1", 1000)}
    found = reconcile(own, [usage(1500)], covered=frozenset(DAYS), charged_days=frozenset(), days=DAYS)
    assert (found.total.gap_usd, found.total.causes, found.total.invoiced.tokens) == (None, {}, 1500)


def test_counted_money_of_days_that_only_usage_tells_of_is_in_no_sum_beside_a_gap() -> None:
    own = {(day, "gpt-4o"): counted("10") for day in DAYS[:2]}
    lines = [charge("10", DAYS[0]), usage(1000, DAYS[1])]
    covered, charged = frozenset(DAYS[:2]), frozenset(DAYS[:1])
    found = reconcile(own, lines, covered=covered, charged_days=charged, days=DAYS)
    for total in (found.total, found.models["gpt-4o"]):
        assert (total.counted.cost_usd, total.invoiced.usd, total.gap_usd) == (
            Decimal(10),
            Decimal(10),
            Decimal(0),
        )
        assert total.counted.input_tokens == 2000
    assert found.days[DAYS[1]].counted.cost_usd == Decimal(10)


amounts = st.decimals(0, 1000, places=12) | st.decimals(0, 1000, places=2)
keys = st.tuples(st.sampled_from(DAYS), st.sampled_from(["gpt-4o", "gpt-4o-2024-08-06", "o3", "new"]))
spends = st.builds(
    lambda priced, estimated, calls, tokens, unpriced: Spend(
        calls=calls + unpriced,
        priced_calls=calls,
        unpriced_calls=unpriced,
        input_tokens=tokens,
        unpriced_tokens=min(tokens, unpriced * 10),
        priced_usd=priced,
        estimated_usd=estimated,
    ),
    amounts,
    amounts,
    st.integers(1, 50),
    st.integers(0, 10_000),
    st.integers(0, 50),
)
charges = st.tuples(keys, amounts).map(lambda drawn: charge(str(drawn[1]), *drawn[0]))
usages = st.tuples(keys, st.integers(0, 10_000)).map(lambda drawn: usage(drawn[1], *drawn[0]))


@given(st.dictionaries(keys, spends, max_size=8), st.lists(charges | usages, max_size=12))
def test_causes_add_up_to_the_gap_and_parts_to_the_total_to_the_last_digit(
    own: Counted, lines: list[tuple[InvoiceKind, InvoiceLine]]
) -> None:
    found = compare(own, *lines)
    invoiced = sum((line.usd for _, line in lines if line.usd is not None), Decimal(0))
    gap = invoiced - total_spend(own.values()).cost_usd
    for parts in (found.cells, found.days, found.models):
        assert sum((part.gap_usd or 0 for part in parts.values()), Decimal(0)) == gap
    for part in [*found.cells.values(), *found.days.values(), *found.models.values(), found.total]:
        assert sum(part.causes.values(), Decimal(0)) == (part.gap_usd or 0)
    assert sum(charge.usd for charge in found.accounts) == invoiced


@given(st.dictionaries(keys, spends, max_size=8), st.lists(charges | usages, max_size=12))
def test_the_order_of_lines_changes_nothing(
    own: Counted, lines: list[tuple[InvoiceKind, InvoiceLine]]
) -> None:
    assert compare(own, *reversed(lines)).cells == compare(own, *lines).cells
