import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_analysis.costs import report as report_module
from sightline_analysis.costs.calendar_buckets import UNITS
from sightline_analysis.costs.report import CostReport, ReportQuestion, build_report
from sightline_analysis.costs.spend import Spend, SpendRow, total_spend
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

START = datetime(2026, 3, 27, tzinfo=UTC)
PERIOD = TimeRange(START, START + timedelta(days=4))
BEFORE = TimeRange(START - timedelta(days=4), START)

money = st.decimals(0, 100_000, places=12)
counts = st.integers(0, 10**9)
spends = st.builds(
    Spend,
    calls=counts,
    unpriced_calls=counts,
    input_tokens=counts,
    priced_usd=money,
    estimated_usd=money,
)
keys = st.tuples(st.sampled_from(["chat", "search", "other", ""]))


def rows_in(period: TimeRange) -> st.SearchStrategy[list[SpendRow]]:
    minutes = int(period.duration.total_seconds() // 60)
    buckets = st.integers(0, minutes - 1).map(lambda minute: period.start + timedelta(minutes=minute))
    return st.lists(st.builds(SpendRow, bucket=buckets, key=keys, spend=spends), max_size=30)


def ask(**changes: object) -> ReportQuestion:
    fields = {
        "dimensions": ("app",),
        "time_range": PERIOD,
        "previous_range": BEFORE,
        "unit": "day",
        "zone": "Europe/Berlin",
    }
    return ReportQuestion(**{**fields, **changes})  # type: ignore[arg-type]


@given(rows_in(PERIOD), rows_in(BEFORE), st.sampled_from(UNITS), st.integers(1, 3))
def test_groups_and_buckets_add_up_to_the_total_to_the_last_decimal(
    rows: list[SpendRow], previous: list[SpendRow], unit: str, limit: int
) -> None:
    report = build_report(ask(unit=unit, limit=limit), rows, previous)
    assert total_spend(group.spend for group in report.groups) == report.total.spend
    assert total_spend(group.previous for group in report.groups) == report.total.previous
    assert report.total.spend == total_spend(row.spend for row in rows)
    assert report.total.previous == total_spend(row.spend for row in previous)
    for group in (*report.groups, report.total):
        assert len(group.series) == len(report.buckets)
        assert total_spend(group.series) == group.spend


@given(rows_in(PERIOD), st.randoms(use_true_random=False))
def test_any_order_and_any_split_of_rows_gives_the_same_report(
    rows: list[SpendRow], shuffler: random.Random
) -> None:
    split = [
        SpendRow(row.bucket, row.key, part)
        for row in rows
        for part in (
            Spend(
                calls=row.spend.calls,
                priced_usd=row.spend.priced_usd,
                unpriced_calls=row.spend.unpriced_calls,
            ),
            Spend(input_tokens=row.spend.input_tokens, estimated_usd=row.spend.estimated_usd),
        )
    ]
    shuffler.shuffle(split)
    assert build_report(ask(), split, []) == build_report(ask(), rows, [])


def row(app: str, usd: str, *, hour: int = 0) -> SpendRow:
    return SpendRow(
        START + timedelta(hours=hour), (app,), Spend(calls=1, priced_calls=1, priced_usd=Decimal(usd))
    )


def report_of(*rows: SpendRow, limit: int = 100) -> CostReport:
    return build_report(ask(limit=limit), rows, [])


def test_groups_over_the_limit_are_summed_and_never_mistaken_for_an_app_called_other() -> None:
    report = report_of(row("other", "3"), row("b", "2"), row("c", "1"), row("d", "1"), limit=2)
    assert [(group.key, group.is_rest, group.spend.cost_usd) for group in report.groups] == [
        (("other",), False, Decimal(3)),
        (("b",), False, Decimal(2)),
        ((), True, Decimal(2)),
    ]
    assert report.group_count == 4


def test_a_row_falls_into_the_local_day_it_happened_on() -> None:
    report = report_of(row("chat", "1", hour=22), row("chat", "2", hour=23))
    daily = [spend.cost_usd for spend in report.total.series]
    assert daily[:2] == [Decimal(1), Decimal(2)]


def test_a_group_that_stopped_spending_is_still_in_the_report() -> None:
    gone = SpendRow(BEFORE.start, ("gone",), Spend(calls=1, priced_usd=Decimal(5)))
    report = build_report(ask(), [row("chat", "1")], [gone])
    assert [(group.key[0], group.change_usd) for group in report.groups] == [
        ("chat", Decimal(1)),
        ("gone", Decimal(-5)),
    ]


def test_unpriced_calls_stand_beside_the_money_and_never_in_it() -> None:
    unpriced = SpendRow(START, ("chat",), Spend(calls=2, unpriced_calls=2))
    total = report_of(row("chat", "1"), unpriced).total.spend
    assert (total.cost_usd, total.unpriced_calls) == (Decimal(1), 2)


def test_a_row_outside_the_period_is_an_error_and_not_dropped() -> None:
    with pytest.raises(ValueError, match="outside the period"):
        report_of(row("chat", "1", hour=24 * 4))


@pytest.mark.parametrize("limit", [0, 1_001])
def test_the_number_of_groups_is_bounded(limit: int) -> None:
    with pytest.raises(CallerError, match="between 1 and 1000"):
        ask(limit=limit)


def test_what_a_report_adds_up_grows_with_its_rows_and_not_with_groups_times_buckets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = 0

    def total(parts: Iterable[Spend]) -> Spend:
        nonlocal added
        parts = list(parts)
        added += len(parts)
        return total_spend(parts)

    monkeypatch.setattr(report_module, "total_spend", total)
    rows = [SpendRow(START, (f"app-{number}",), Spend(calls=1)) for number in range(500)]
    report = build_report(ask(unit="hour", limit=10), rows, [])
    assert (report.total.spend.calls, len(report.groups), len(report.buckets)) == (500, 11, 96)
    assert added < 5 * len(rows)
