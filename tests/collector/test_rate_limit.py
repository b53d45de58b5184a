"""The limit of spans per second: who is refused, for how long, and what the client is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from tests.collector.conftest import NOW_NS, KeptInMemory, Running, authenticate, serving

from sightline_collector import Collector, CollectorConfig
from sightline_collector.rate_limit import SpanRateLimit
from sightline_core.errors import TooManyRequests
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.limits import IngestLimits
from sightline_core.pricing import CataloguePricer

SECOND_NS = 1_000_000_000


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_ns = NOW_NS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until moved."""
    return Clock()


@pytest.fixture
def limited(tmp_path: Path, clock: Clock) -> Iterator[Running]:
    """A collector that takes two spans a second."""
    writer = KeptInMemory()
    config = CollectorConfig(tmp_path, limits=IngestLimits(max_spans_per_s=2))
    collector = Collector(
        writer, config, CataloguePricer(), authenticate, events=writer.events, clock_ns=clock
    )
    collector.start()
    with serving(collector) as client:
        yield Running(collector, writer, client)
    collector.stop()


def test_a_project_over_its_rate_gets_429_with_the_time_to_wait_and_nothing_of_it_is_stored(
    limited: Running, clock: Clock, span: Any, request_of: Any
) -> None:
    bodies = [request_of(span(number), span(number + 1)).SerializeToString() for number in (1, 3)]
    assert limited.post(bodies[0]).status_code == 200
    refused = limited.post(bodies[1])
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    status = Status.FromString(refused.content)
    assert (status.code, "2 spans per second" in status.message) == (8, True)
    clock.now_ns += SECOND_NS
    assert limited.post(bodies[1]).status_code == 200
    counted = limited.collector.snapshot()
    assert (counted.spans_journaled, counted.requests_refused) == (4, {"too_many_requests": 1})
    assert len(limited.stored()) == 4


def test_a_request_larger_than_the_bucket_passes_and_is_paid_by_waiting(clock: Clock) -> None:
    limit = SpanRateLimit(lambda _project: 10, clock)
    limit.check(DEFAULT_PROJECT)
    limit.charge(DEFAULT_PROJECT, 35)
    with pytest.raises(TooManyRequests) as refused:
        limit.check(DEFAULT_PROJECT)
    assert refused.value.retry_after_s == pytest.approx(2.6)
    clock.now_ns += 2_600_000_000
    limit.check(DEFAULT_PROJECT)


def test_projects_do_not_pay_for_each_other_and_a_clock_set_back_takes_nothing(clock: Clock) -> None:
    limit = SpanRateLimit(lambda _project: 10, clock)
    limit.charge(DEFAULT_PROJECT, 10)
    limit.check(ProjectId("other"))
    clock.now_ns -= 3600 * SECOND_NS
    limit.check(ProjectId("other"))
    with pytest.raises(TooManyRequests):
        limit.check(DEFAULT_PROJECT)


@given(st.lists(st.tuples(st.integers(0, 2 * SECOND_NS), st.integers(1, 50)), max_size=40))
def test_over_any_time_no_more_passes_than_the_rate_one_bucket_and_one_request(
    steps: list[tuple[int, int]],
) -> None:
    clock = Clock()
    limit = SpanRateLimit(lambda _project: 10, clock)
    passed = 0
    for wait_ns, spans in steps:
        clock.now_ns += wait_ns
        try:
            limit.check(DEFAULT_PROJECT)
        except TooManyRequests:
            continue
        limit.charge(DEFAULT_PROJECT, spans)
        passed += spans
    seconds = (clock.now_ns - NOW_NS) / SECOND_NS
    assert passed <= 10 * seconds + 10 + 50
