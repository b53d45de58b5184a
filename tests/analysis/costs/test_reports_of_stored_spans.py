"""Reports over a real store add up to what its spans cost, whatever they are grouped by."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sightline_analysis.costs.outcomes import read_unit_costs
from sightline_analysis.costs.report import CostReport
from sightline_analysis.costs.reporting import read_movers, read_report
from sightline_analysis.costs.spend import total_spend
from sightline_analysis.costs.team_plan import parse_plan
from sightline_analysis.costs.teams import read_statements
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.spend.spend_reader import SpendReader

START = datetime(2026, 9, 21, tzinfo=UTC)
RANGE = TimeRange(START, START + timedelta(days=2))
PLAN = parse_plan(
    {
        "teams": [{"name": "one"}, {"name": "two"}],
        "rules": [{"app": "chat*", "team": "one"}, {"tag": "etl", "team": "two"}],
        "shared": [{"app": "gate", "split": "by_spend"}],
    }
)
DIMENSIONS = ["app", "model", "user", "tags", "prompt_version", "team"]
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(StoreConfig(data_dir=tmp_path_factory.mktemp("store")))
    yield opened
    opened.close()


def call(minute: int, app: str, user: str, tags: list[str], usd: Decimal, state: str) -> SpanRecord:
    number = next(_numbers)
    return SpanRecord(
        trace_id=f"{number:032x}",
        span_id=f"{number:016x}",
        kind="llm",
        status="ok",
        start_ns=int((START + timedelta(minutes=minute)).timestamp()) * 1_000_000_000,
        duration_ns=1_000_000,
        ingested_ns=1_800_000_000_000_000_000,
        app=app,
        model=f"model of {user}",
        user=user,
        tags=tags,
        prompt_version=user,
        input_tokens=7,
        cost_usd=usd if state in ("priced", "estimated") else Decimal(0),
        cost_state=state,
    )


calls = st.builds(
    call,
    # Two days before the range too, so that there is something to compare with.
    st.integers(-2 * 1440, 2 * 1440 - 1),
    st.sampled_from(["chat", "chat-2", "gate", "other"]),
    st.sampled_from(["", "ana", "bo", "cy"]),
    st.sampled_from([[], ["etl"], ["a", "etl"], ["b"]]),
    st.decimals(0, 10, places=12),
    st.sampled_from(["priced", "estimated", "unpriced"]),
)


def inside(spans: list[SpanRecord]) -> list[SpanRecord]:
    start_ns = int(START.timestamp()) * 1_000_000_000
    return [span for span in spans if span["start_ns"] >= start_ns]


def adds_up(report: CostReport) -> None:
    for group in report.groups:
        assert total_spend(group.series) == group.spend
    assert total_spend(group.spend for group in report.groups) == report.total.spend
    assert total_spend(group.previous for group in report.groups) == report.total.previous


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    spans=st.lists(calls, min_size=1, max_size=25),
    cut=st.integers(0, 25),
    dimensions=st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True),
    limit=st.integers(1, 4),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
    unit=st.sampled_from(["hour", "day", "week"]),
)
def test_every_report_adds_up_to_the_raw_sum_of_its_spans(
    store: Store, spans: list[SpanRecord], cut: int, dimensions: list[str], limit: int, **asked: Any
) -> None:
    project = ProjectId(f"project-{next(_numbers)}")
    for span in spans:
        span["project"] = project
    # In two blocks, the later one first, and some of it twice.
    for number, block in enumerate([spans[cut:], spans[:cut], spans[: cut // 2]]):
        if block:
            store.writer.write(block, token=f"{project}-{number}")
        store.refresh_rollups(datetime(2026, 9, 24, tzinfo=UTC))
    reader = SpendReader(store.engine, lambda _: PLAN.column_rules)

    report = read_report(reader, project, RANGE, dimensions, filters={}, limit=limit, **asked).report
    adds_up(report)
    wanted = inside(spans)
    assert report.total.spend.cost_usd == sum((span["cost_usd"] for span in wanted), Decimal(0))
    assert report.total.spend.calls == len(wanted)
    assert report.total.spend.unpriced_calls == sum(span["cost_state"] == "unpriced" for span in wanted)
    assert report.total.spend.input_tokens == 7 * len(wanted)

    movers = read_movers(reader, project, RANGE, dimensions, zone=asked["zone"], filters={}, limit=limit)
    assert movers.total.change_usd == report.total.change_usd
    assert sum(movers.total.causes.values()) == report.total.change_usd

    units = read_unit_costs(reader, project, RANGE, dimensions, filters={}, limit=limit)
    assert units.total.spend.cost_usd == report.total.spend.cost_usd
    assert sum(group.outcomes.traces for group in units.groups) == units.total.outcomes.traces == len(wanted)

    statements = read_statements(reader, project, RANGE, PLAN).statements
    owed = sum((statement.total_usd for statement in statements), Decimal(0))
    assert owed == report.total.spend.cost_usd.quantize(Decimal("0.01"))
