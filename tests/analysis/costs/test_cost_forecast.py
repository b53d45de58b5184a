from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs.forecast import forecast_period_end

FIRST, END = date(2026, 6, 1), date(2026, 7, 1)


def daily(start: date, *amounts: int) -> dict[date, Decimal]:
    return {start + timedelta(days=number): Decimal(amount) for number, amount in enumerate(amounts)}


def test_with_few_days_the_month_goes_on_as_the_mean_of_them() -> None:
    history = daily(FIRST, 10, 20, 30) | {date(2026, 6, 4): Decimal(5)}
    forecast = forecast_period_end(
        history, first_day=FIRST, end_day=END, today=date(2026, 6, 4), day_elapsed=0.25
    )
    assert forecast.basis == "daily_mean"
    assert forecast.spent_usd == 65
    assert forecast.expected_usd == 65 + 20 * Decimal("0.75") + 20 * 26


def test_with_weeks_of_history_weekends_are_expected_to_be_weekends() -> None:
    start = date(2026, 5, 4)  # a Monday
    weeks = daily(start, *([100] * 5 + [10, 10]) * 4)
    saturday = date(2026, 5, 30)
    forecast = forecast_period_end(
        {day: usd for day, usd in weeks.items() if day < saturday},
        first_day=date(2026, 5, 1),
        end_day=date(2026, 6, 1),
        today=saturday,
        day_elapsed=0.0,
    )
    assert forecast.basis == "weekday_profile"
    assert forecast.expected_usd - forecast.spent_usd == 20


def test_a_level_that_doubled_last_week_is_carried_on() -> None:
    weeks = daily(date(2026, 5, 4), *[100] * 21, *[200] * 7)
    forecast = forecast_period_end(
        weeks, first_day=date(2026, 5, 1), end_day=date(2026, 6, 2), today=date(2026, 6, 1), day_elapsed=0.0
    )
    assert forecast.expected_usd - forecast.spent_usd == 200


def test_without_history_nothing_is_invented() -> None:
    today = {FIRST: Decimal("3.50")}
    forecast = forecast_period_end(today, first_day=FIRST, end_day=END, today=FIRST, day_elapsed=0.5)
    assert (forecast.basis, forecast.expected_usd, forecast.high_usd) == (
        "no_history",
        Decimal("3.50"),
        Decimal("3.50"),
    )


def test_a_month_that_is_over_costs_what_it_cost() -> None:
    forecast = forecast_period_end(
        daily(FIRST, *[7] * 30), first_day=FIRST, end_day=END, today=END, day_elapsed=0.5
    )
    assert forecast.expected_usd == forecast.low_usd == forecast.high_usd == 210


def test_what_was_spent_is_exact_and_the_little_that_is_expected_is_not_nothing() -> None:
    days = {FIRST + timedelta(days=number): Decimal("0.000000000125") for number in range(3)}
    forecast = forecast_period_end(days, first_day=FIRST, end_day=END, today=date(2026, 6, 4), day_elapsed=0)
    assert forecast.spent_usd == Decimal("0.000000000375")
    assert forecast.expected_usd == Decimal("0.00000000375")
    over = forecast_period_end(
        {FIRST: Decimal("2.004")}, first_day=FIRST, end_day=END, today=END, day_elapsed=0
    )
    assert over.expected_usd == over.spent_usd == Decimal("2.004")


amounts = st.lists(st.decimals(0, 10_000, places=4), max_size=90)


@given(amounts, st.integers(0, 29), st.floats(0, 1))
def test_the_forecast_is_never_below_what_was_spent_and_inside_its_range(
    values: list[Decimal], day: int, elapsed: float
) -> None:
    today = FIRST + timedelta(days=day)
    history = {today - timedelta(days=number): value for number, value in enumerate(values)}
    forecast = forecast_period_end(history, first_day=FIRST, end_day=END, today=today, day_elapsed=elapsed)
    assert forecast.spent_usd <= forecast.low_usd <= forecast.expected_usd <= forecast.high_usd
