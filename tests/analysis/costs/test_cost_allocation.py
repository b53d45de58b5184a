from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.allocation import allocate, round_parts
from sightline_core.errors import CallerError

cents = st.integers(-(10**9), 10**9).map(lambda value: Decimal(value) / 100)
weights = st.dictionaries(st.text(max_size=3), st.decimals(0, 10**6, places=6), min_size=1, max_size=8)


@given(cents, weights)
def test_shares_are_whole_cents_and_add_up_exactly(amount: Decimal, parts: dict[str, Decimal]) -> None:
    shares = allocate(amount, parts)
    assert sum(shares.values()) == amount
    assert all(share == share.quantize(Decimal("0.01")) for share in shares.values())
    assert shares.keys() == parts.keys()


@given(cents, weights)
def test_a_share_is_within_a_cent_of_its_proportion(amount: Decimal, parts: dict[str, Decimal]) -> None:
    total = sum(parts.values())
    for name, share in allocate(amount, parts).items():
        ideal = amount * parts[name] / total if total else amount / len(parts)
        assert abs(share - ideal) <= Decimal("0.01")


def test_left_over_cents_go_to_the_largest_remainders_then_by_name() -> None:
    equal = {name: Decimal(1) for name in "cab"}
    assert allocate(Decimal("1.00"), equal) == {
        "a": Decimal("0.34"),
        "b": Decimal("0.33"),
        "c": Decimal("0.33"),
    }
    assert allocate(Decimal("-0.01"), equal) == {"a": Decimal("-0.01"), "b": 0, "c": 0}


@pytest.mark.parametrize(
    ("amount", "parts", "message"),
    [
        ("1", {}, "nobody"),
        ("1", {"a": Decimal(-1)}, "not negative"),
        ("1", {"a": Decimal("NaN")}, "must be a number"),
        ("1", {"a": Decimal("Infinity")}, "must be a number"),
        ("1.005", {"a": Decimal(1)}, "multiple"),
    ],
)
def test_a_split_that_has_no_answer_is_refused(amount: str, parts: dict[str, Decimal], message: str) -> None:
    with pytest.raises(CallerError, match=message):
        allocate(Decimal(amount), parts)


@given(st.lists(st.decimals(-100, 100, places=20), min_size=1, max_size=8))
def test_rounded_parts_add_up_to_the_rounded_total(values: list[Decimal]) -> None:
    parts = {str(number): value for number, value in enumerate(values)}
    total = sum(values, Decimal(0)).quantize(Decimal("1E-12"))
    rounded = round_parts(parts, total, step=Decimal("1E-12"))
    assert sum(rounded.values()) == total
    assert all(abs(rounded[name] - parts[name]) <= Decimal("1E-12") for name in parts)
