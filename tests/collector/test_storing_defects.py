"""A defect of ours ends a turn of storing, never storing: nothing is lost, nothing is stored twice."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from tests.collector.conftest import KeptInMemory, authenticate, make_request, make_span
from tests.collector.driven_collector import SECOND_NS, DrivenCollector
from tests.e2e.polling import until

from sightline_collector import Collector, CollectorConfig
from sightline_collector.config import Sampling
from sightline_collector.event_join import EventJoin
from sightline_collector.repeated_calls import RepeatedCalls
from sightline_collector.segment import Entry, Signal
from sightline_collector.stored_block import StoredBlock
from sightline_collector.tail_sampler import TailSampler
from sightline_core.errors import BackendError
from sightline_core.pricing import CataloguePricer
from sightline_semconv import gen_ai

SAMPLING = Sampling(rate=0.5, quiet_s=0.2, slow_s=0.1, costly_usd=Decimal(1))
pytestmark = pytest.mark.usefixtures("short_pauses")
Broken = tuple[type, str]


def _collector(
    folder: Path,
    writer: KeptInMemory,
    sampling: Sampling | None = None,
    *,
    drain_timeout_s: float = 10,
    observe_block: Callable[[StoredBlock], None] = lambda _block: None,
) -> Collector:
    config = CollectorConfig(
        folder, flush_interval_s=0.02, sampling=sampling, drain_timeout_s=drain_timeout_s
    )
    return Collector(
        writer, config, CataloguePricer(), authenticate, events=writer.events, observe_block=observe_block
    )


def _journal(collector: Collector, *numbers: int) -> None:
    request = make_request(*map(make_span, numbers))
    entry = Entry("default", Signal.TRACES, 1, len(numbers), request.SerializeToString())
    collector.journal.append(entry).result(30)


def _break(monkeypatch: pytest.MonkeyPatch, broken: Broken, times: float) -> list[None]:
    """Let a method raise so many times, before it does anything; the list grows with each."""
    kind, name = broken
    whole, raised = getattr(kind, name), list[None]()

    def raises(*arguments: Any, **named: Any) -> Any:
        if len(raised) < times:
            raised.append(None)
            raise ZeroDivisionError("a defect of ours")
        return whole(*arguments, **named)

    monkeypatch.setattr(kind, name, raises)
    return raised


@pytest.mark.parametrize(
    ("broken", "sampling"),
    [
        ((EventJoin, "look_up"), None),
        ((RepeatedCalls, "mark"), None),
        ((KeptInMemory, "write"), None),
        ((EventJoin, "settle"), None),
        ((TailSampler, "hold"), SAMPLING),
        ((TailSampler, "decide"), SAMPLING),
    ],
)
def test_after_one_defect_everything_is_stored_once(
    broken: Broken, sampling: Sampling | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = KeptInMemory()
    raised = _break(monkeypatch, broken, 1)
    collector = _collector(tmp_path, writer, sampling)
    _journal(collector, 1, 2)
    collector.start()
    until(lambda: raised)
    _journal(collector, 3)
    assert collector.stop()
    assert Counter(int(record["trace_id"], 16) for record in writer.records) == {1: 1, 2: 1, 3: 1}
    assert collector.snapshot().storing_failures == 1


def test_a_defect_of_who_watches_does_not_store_a_block_again(tmp_path: Path) -> None:
    def observe(_block: object) -> None:
        raise ZeroDivisionError("a defect of ours")

    writer = KeptInMemory()
    collector = _collector(tmp_path, writer, observe_block=observe)
    for number in (1, 2, 3):
        _journal(collector, number)
    collector.start()
    until(lambda: collector.backlog().spans == 0)
    collector.check()
    _journal(collector, 4)
    assert collector.stop()
    assert sorted(int(record["trace_id"], 16) for record in writer.records) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("broken", "sampling"), [((RepeatedCalls, "mark"), None), ((TailSampler, "decide"), SAMPLING)]
)
def test_a_defect_that_lasts_is_told_and_its_spans_wait_for_the_version_without_it(
    broken: Broken, sampling: Sampling | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = KeptInMemory()
    with monkeypatch.context() as patch:
        raised = _break(patch, broken, float("inf"))
        collector = _collector(tmp_path, writer, sampling, drain_timeout_s=0)
        _journal(collector, 1)
        collector.start()
        until(lambda: len(raised) > 2 and collector.snapshot().storing_failures > 2)
        with pytest.raises(BackendError, match="ZeroDivisionError: a defect of ours"):
            collector.check()
        assert (collector.backlog().untaken, collector.backlog().since_ns) == (1, 1)
        assert not collector.stop()
    assert writer.records == []
    collector = _collector(tmp_path, writer, sampling)
    collector.start()
    assert collector.stop()
    assert [int(record["trace_id"], 16) for record in writer.records] == [1]
    collector.check()


def test_events_of_a_block_that_a_defect_ended_still_wait_for_their_span(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven = DrivenCollector(CollectorConfig(tmp_path), KeptInMemory())
    logs = ExportLogsServiceRequest()
    record = (
        logs.resource_logs.add().scope_logs.add().log_records.add(event_name=gen_ai.INFERENCE_DETAILS_EVENT)
    )
    record.trace_id, record.span_id = (1).to_bytes(16, "big"), (1).to_bytes(8, "big")
    driven.send(logs)
    raised = _break(monkeypatch, (KeptInMemory, "write"), 1)
    _journal(driven.collector, 1)
    driven.collector.flusher.step()
    assert (raised, driven.writer.records) == ([None], [])
    # Looking for the span in the store makes durable which events wait.
    driven.now_ns += 3 * SECOND_NS
    with monkeypatch.context() as patch:
        patch.setattr(driven.collector.journal, "take_block", lambda *_limits: None)
        driven.flush()
    assert "joined" not in driven.collector.snapshot().events
    driven.flush()
    assert driven.collector.snapshot().events["joined"] == 1
    driven.collector.journal.close()
