"""A span whose times cannot be believed is one span, whenever and wherever it is delivered again."""

from pathlib import Path
from typing import Any

import pytest
from tests.collector.conftest import NOW_NS, KeptInMemory
from tests.collector.driven_collector import SECOND_NS, DrivenCollector

from sightline_collector import CollectorConfig
from sightline_collector.first_arrivals import FirstArrivals
from sightline_core.errors import BackendError

NONE = (0, 0)
YEARS_BEHIND = (10**18, 10**18 + SECOND_NS)


def _timed(span: Any, times: tuple[int, int]) -> Any:
    span.start_time_unix_nano, span.end_time_unix_nano = times
    return span


def _starts(writer: KeptInMemory) -> list[int]:
    return [record["start_ns"] for record in writer.records]


@pytest.mark.parametrize("times", [NONE, YEARS_BEHIND])
def test_another_collector_goes_by_the_first_arrival(
    tmp_path: Path, span: Any, request_of: Any, times: tuple[int, int]
) -> None:
    writer = KeptInMemory()
    for number in range(3):
        process = DrivenCollector(CollectorConfig(tmp_path / str(number)), writer)
        process.now_ns += number * 61 * SECOND_NS
        process.send(request_of(_timed(span(1), times)))
        process.collector.journal.close()
    assert _starts(writer) == [NOW_NS] * 3


def test_copies_that_are_stored_together_start_together(tmp_path: Path, span: Any, request_of: Any) -> None:
    writer = KeptInMemory()
    process = DrivenCollector(CollectorConfig(tmp_path), writer)
    store_what_waits = process.flush
    process.flush = lambda: None  # type: ignore[method-assign]
    for _ in range(2):
        process.send(request_of(_timed(span(1), NONE), _timed(span(2), NONE)))
        process.now_ns += 61 * SECOND_NS
    process.send(request_of(_timed(span(3), NONE)))
    store_what_waits()
    process.collector.journal.close()
    assert len(writer.blocks) == 1
    assert _starts(writer) == [*[NOW_NS] * 4, NOW_NS + 2 * 61 * SECOND_NS]


def test_only_spans_without_times_of_their_own_are_looked_for() -> None:
    writer = KeptInMemory(down=True)
    ids: dict[str, Any] = {"project": "default", "trace_id": "1" * 32, "span_id": "1" * 16}
    FirstArrivals(writer).settle([{**ids, "start_ns": NOW_NS - 1, "ingested_ns": NOW_NS}])  # type: ignore[typeddict-item]
    with pytest.raises(BackendError):
        FirstArrivals(writer).settle([{**ids, "start_ns": NOW_NS, "ingested_ns": NOW_NS}])  # type: ignore[typeddict-item]
