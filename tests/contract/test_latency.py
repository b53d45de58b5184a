"""Percentiles of latency, from rollups and from spans, are those of the durations."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_core.query_fields import FieldName
from sightline_core.query_parser import parse_query
from sightline_core.time_range import TimeRange
from sightline_storage import Store
from sightline_storage.rollups.measure_queries import Shape
from sightline_storage.rollups.measure_reader import MeasureReader
from sightline_storage.search.span_measures import SpanMeasures, SpanShape
from sightline_storage.spend.spend_reader import SpendReader

START = datetime(2026, 9, 21, tzinfo=UTC)
DAY = TimeRange(START, START + timedelta(days=1))
SECOND = 1_000_000_000


def test_each_percentile_is_that_of_its_level(store: Store, project: ProjectId, span: MakeSpan) -> None:
    start = int(START.timestamp()) * SECOND
    calls = [
        span(start_ns=start + n, duration_ns=n * SECOND, time_to_first_token_ns=n * SECOND // 10)
        for n in range(1, 201)
    ]
    store.writer.write(calls, token=project)
    while store.refresh_rollups(DAY.end):
        pass
    p50, p95, p99 = (pytest.approx(n * SECOND, rel=0.02) for n in (100, 190, 198))
    first_p95 = pytest.approx(19 * SECOND, rel=0.02)

    reader = SpendReader(store.engine)
    for found in (
        reader.read_latency(project, DAY, ["app"], {}, [])["shop",],
        reader.read_latency(project, DAY, ["user"], {}, [("",)])["",],
    ):
        assert [found.p50_ns, found.p95_ns, found.first_token_p95_ns] == [p50, p95, first_p95]

    columns = ["duration_p50", "duration_p95", "duration_p99", "time_to_first_token_p95"]
    measured = [dict(zip(columns, (p50, p95, p99, first_p95), strict=True))]
    rolled = MeasureReader(store.engine).measure(Shape(project, ("model",), ()), [DAY], columns, groups=1)
    assert list(rolled.values()) == [measured]
    shape = SpanShape(project, (FieldName("model"),), parse_query("user:*"))
    assert list(SpanMeasures(store.engine).measure(shape, [DAY], columns, groups=1).values()) == [measured]
