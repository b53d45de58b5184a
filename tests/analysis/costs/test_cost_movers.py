from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.costs.movers import Cause, add_changes, explain_change, top_movers
from sightline_analysis.costs.spend import Spend

Totals = dict[tuple[str, ...], dict[str, Spend]]

money = st.decimals(0, 10_000, places=12)
tokens = st.integers(0, 10**8)


@st.composite
def spends(draw: st.DrawFn) -> Spend:
    calls = draw(st.integers(0, 10_000))
    return Spend(
        calls=calls,
        unpriced_calls=draw(st.integers(0, calls)),
        input_tokens=draw(tokens),
        cached_input_tokens=draw(tokens),
        output_tokens=draw(tokens),
        priced_usd=draw(money),
        estimated_usd=draw(money),
        cost_input_usd=draw(money),
        cost_cached_usd=draw(money),
        cost_output_usd=draw(money),
    )


by_model = st.dictionaries(st.sampled_from(["small", "large", "tiny"]), spends(), max_size=3)


@settings(max_examples=150)
@given(by_model, by_model)
def test_causes_add_up_to_the_change_exactly_whatever_the_figures(
    before: dict[str, Spend], after: dict[str, Spend]
) -> None:
    change = explain_change(before, after)
    assert sum(change.causes.values()) == change.after_usd - change.before_usd
    assert change.before_usd == sum(spend.cost_usd for spend in before.values())
    assert change.after_usd == sum(spend.cost_usd for spend in after.values())


@settings(max_examples=50)
@given(by_model, by_model)
def test_the_way_back_has_the_same_causes_with_the_other_sign(
    before: dict[str, Spend], after: dict[str, Spend]
) -> None:
    there, back = explain_change(before, after), explain_change(after, before)
    for cause in Cause:
        assert abs(there.causes[cause] + back.causes[cause]) <= Decimal("2E-12")


def usage(calls: int, *, tokens_in: int = 1000, cached: int = 0, price: str = "0.000001") -> Spend:
    """Totals of calls that are alike: `tokens_in` a call, 100 tokens out at four times the input price."""
    rate = Decimal(price)
    fresh, reused, answer = rate * (tokens_in - cached), rate / 10 * cached, rate * 4 * 100
    return Spend(
        calls=calls,
        priced_calls=calls,
        input_tokens=tokens_in * calls,
        cached_input_tokens=cached * calls,
        output_tokens=100 * calls,
        priced_usd=(fresh + reused + answer) * calls,
        cost_input_usd=fresh * calls,
        cost_cached_usd=reused * calls,
        cost_output_usd=answer * calls,
    )


def only_cause(before: dict[str, Spend], after: dict[str, Spend]) -> Cause:
    change = explain_change(before, after)
    causes = [cause for cause, usd in change.causes.items() if usd != 0]
    assert len(causes) == 1, change
    assert change.main_cause is causes[0]
    return causes[0]


def test_each_cause_is_found_alone_when_it_acts_alone() -> None:
    base = {"small": usage(10)}
    assert only_cause(base, {"small": usage(30)}) is Cause.VOLUME
    assert only_cause(base, {"small": usage(10, price="0.000002")}) is Cause.PRICE
    assert only_cause(base, {"small": usage(10, tokens_in=3000)}) is Cause.TOKENS_PER_CALL
    assert only_cause({"small": usage(10, cached=100)}, {"small": usage(10, cached=900)}) is Cause.CACHE_RATIO
    assert only_cause(base, {"large": usage(10, price="0.00001")}) is Cause.MODEL_MIX


def test_a_new_app_is_all_volume_and_so_is_one_that_stops() -> None:
    assert only_cause({}, {"small": usage(10)}) is Cause.VOLUME
    assert only_cause({"small": usage(10)}, {}) is Cause.VOLUME


def test_money_that_vanished_because_calls_became_unpriced_is_named_coverage() -> None:
    whole, half = usage(10), usage(5)
    became_unpriced = Spend(
        calls=10,
        priced_calls=5,
        unpriced_calls=5,
        input_tokens=whole.input_tokens,
        output_tokens=whole.output_tokens,
        priced_usd=half.priced_usd,
        cost_input_usd=half.cost_input_usd,
        cost_output_usd=half.cost_output_usd,
    )
    assert only_cause({"small": whole}, {"small": became_unpriced}) is Cause.COVERAGE


def test_a_price_per_call_counts_as_price() -> None:
    def with_fee(fee: str) -> dict[str, Spend]:
        return {"search": Spend(calls=10, priced_calls=10, priced_usd=Decimal(fee))}

    assert only_cause(with_fee("1"), with_fee("3")) is Cause.PRICE


def test_nothing_changed_has_no_cause() -> None:
    assert explain_change({"small": usage(3)}, {"small": usage(3)}).main_cause is None


def by_app(**apps: dict[str, Spend]) -> dict[tuple[str, ...], dict[str, Spend]]:
    return {(app,): models for app, models in apps.items()}


def test_movers_come_by_absolute_change_and_together_give_the_whole_change() -> None:
    same = {"small": usage(1)}
    before = by_app(chat={"small": usage(10)}, gone={"small": usage(50)}, same=same)
    after = by_app(chat={"small": usage(20)}, new={"large": usage(1)}, same=same)
    movers = top_movers(before, after, limit=10)
    assert [mover.key for mover in movers] == [("gone",), ("chat",), ("new",)]
    whole = add_changes([mover.change for mover in movers])
    assert sum(whole.causes.values()) == whole.change_usd == usage(11).cost_usd - usage(50).cost_usd
    assert len(top_movers(before, after, limit=1)) == 1
