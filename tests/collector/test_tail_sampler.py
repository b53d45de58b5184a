"""Tail sampling keeps what matters, keeps totals right, and loses nothing that it has not decided."""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.collector.conftest import KeptInMemory, authenticate
from tests.collector.driven_collector import SECOND_NS, DrivenCollector

from sightline_collector import CollectorConfig
from sightline_collector.config import Sampling
from sightline_collector.trace_request import read_trace_request
from sightline_storage import SpanRecord

RATE = 0.25
SAMPLING = Sampling(rate=RATE, quiet_s=10, slow_s=5, costly_usd=Decimal("0.01"))


class Process(DrivenCollector):
    """A collector that samples."""

    def __init__(self, folder: Path, writer: KeptInMemory, **changes: Any) -> None:
        super().__init__(replace(CollectorConfig(folder), **{"sampling": SAMPLING} | changes), writer)

    def pass_time(self, seconds: float) -> None:
        """Let the clock go on."""
        self.now_ns += int(seconds * SECOND_NS)
        self.flush()

    def stored(self) -> dict[int, list[SpanRecord]]:
        """Stored spans by the number of their trace."""
        found: dict[int, list[SpanRecord]] = {}
        for record in self.writer.records:
            found.setdefault(int(record["trace_id"], 16), []).append(record)
        return found


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A collector that samples."""
    process = Process(tmp_path, KeptInMemory())
    yield process
    process.collector.journal.close()


def _plain(span: Any) -> Any:
    return span


def _error(span: Any) -> Any:
    span.status.code = 2
    return span


def _slow(span: Any) -> Any:
    span.start_time_unix_nano = span.end_time_unix_nano - 6 * SECOND_NS
    return span


def _attributes(span: Any, **values: Any) -> Any:
    for name, value in values.items():
        attribute = span.attributes.add(key=name.replace("__", "."))
        if isinstance(value, int):
            attribute.value.int_value = value
        else:
            attribute.value.string_value = value
    return span


def _costly(span: Any) -> Any:
    return _attributes(
        span,
        gen_ai__operation__name="chat",
        gen_ai__provider__name="openai",
        gen_ai__response__model="gpt-4o",
        gen_ai__usage__input_tokens=100_000,
    )


def _blocked(span: Any) -> Any:
    return _attributes(span, sightline__guardrail__outcome="block")


def _of_trace(number: int, span: Any) -> Any:
    span.trace_id = number.to_bytes(16, "big")
    return span


def _share(number: int) -> float:
    return zlib.crc32(f"{number:032x}".encode()) / 2**32


@pytest.mark.parametrize("important", [_error, _slow, _costly, _blocked])
def test_every_trace_that_matters_is_kept_whole_and_counts_once(
    important: Callable[[Any], Any], process: Process, span: Any, request_of: Any
) -> None:
    for number in range(1, 21):
        ordinary, matters = span(number), important(span(number))
        matters.span_id = (1000 + number).to_bytes(8, "big")
        process.send(request_of(ordinary))
        process.send(request_of(matters))
    process.pass_time(11)
    assert {number: len(spans) for number, spans in process.stored().items()} == dict.fromkeys(
        range(1, 21), 2
    )
    assert {record["sample_weight"] for record in process.writer.records} == {1.0}


def test_a_clock_that_is_set_back_holds_no_trace_until_it_is_where_it_was(
    process: Process, span: Any, request_of: Any
) -> None:
    process.send(request_of(_error(span(1))))
    process.pass_time(-1)
    assert process.stored() == {}
    process.pass_time(-3600)
    assert process.stored().keys() == {1}


@pytest.mark.parametrize(("rate", "stand_for"), [(RATE, {4}), (0.7, {1, 2}), (0.3, {3, 4})])
def test_a_share_of_the_others_stands_for_all_of_them(
    tmp_path: Path, span: Any, request_of: Any, rate: float, stand_for: set[int]
) -> None:
    process, total = Process(tmp_path, KeptInMemory(), sampling=replace(SAMPLING, rate=rate)), 4000
    process.send(request_of(*(span(number) for number in range(1, total + 1))))
    assert process.writer.records == []
    process.pass_time(11)
    weights = [record["sample_weight"] for record in process.writer.records]
    assert set(weights) == stand_for  # whole, as the counts in rollups are
    assert abs(len(weights) - total * rate) < total * 0.05
    assert abs(sum(weights) - total) < total * 0.1
    assert process.collector.snapshot().spans_rejected["sampled_out"] == total - len(weights)
    assert process.collector.backlog().spans == 0
    process.collector.journal.close()


def test_errors_that_come_after_their_traces_were_decided_stand_for_themselves(
    process: Process, span: Any, request_of: Any
) -> None:
    traces = range(1, 401)
    process.send(request_of(*(span(number) for number in traces)))
    process.pass_time(11)
    late = [_error(span(number)) for number in traces]
    for made in late:
        made.span_id = b"late-one"
    process.send(request_of(*late))
    errors = [record["sample_weight"] for record in process.writer.records if record["status"] == "error"]
    assert errors == [1.0] * len(traces)


def test_a_trace_that_goes_on_is_decided_only_when_it_is_quiet(
    process: Process, span: Any, request_of: Any
) -> None:
    for second in range(5):
        made = span(1)
        made.span_id = (second + 1).to_bytes(8, "big")
        process.send(request_of(_error(made) if second == 4 else made))
        process.pass_time(6)
    process.pass_time(5)
    assert len(process.stored()[1]) == 5


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("late", [_plain, _error])
@pytest.mark.parametrize("early", [_plain, _error, _slow, _costly, _blocked])
def test_spans_of_one_trace_are_kept_or_let_go_alike_before_and_after_a_restart(
    tmp_path: Path,
    span: Any,
    request_of: Any,
    early: Callable[[Any], Any],
    late: Callable[[Any], Any],
    is_kept: bool,
) -> None:
    trace = next(number for number in range(1, 99) if (_share(number) < RATE) == is_kept)
    writer = KeptInMemory()
    for number, made in enumerate([early(span(1)), late(span(2))]):
        process = Process(tmp_path / str(number), writer)
        process.send(request_of(_of_trace(trace, made)))
        process.pass_time(11)
        process.collector.journal.close()
    weights = [record["sample_weight"] for record in writer.records]
    if early is not _plain:
        assert weights == [1.0, 1.0]
    elif is_kept:
        assert weights == [1 / RATE, 1.0 if late is _error else 1 / RATE]
    else:
        assert weights == ([1.0] if late is _error else [])


def test_a_store_that_is_down_is_waited_for_before_a_decision(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    trace = next(number for number in range(1, 99) if _share(number) >= RATE)
    writer = KeptInMemory()
    before = Process(tmp_path / "1", writer)
    before.send(request_of(_error(span(trace))))
    before.pass_time(11)
    before.collector.journal.close()
    writer.down = True
    after = Process(tmp_path / "2", writer)
    body = request_of(_of_trace(trace, span(5000))).SerializeToString()
    request = read_trace_request(body, is_json=False)
    after.collector.intake.journal(authenticate({}), request).result(30)
    after.collector.start()
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(after.collector.stop)
        assert writer.refused.wait(30)
        writer.down = False
        assert stopped.result(30)
    assert [record["sample_weight"] for record in writer.records] == [1.0, 1.0]


def test_the_store_is_asked_for_traces_whose_root_is_not_here_and_for_no_new_ones(
    process: Process, span: Any, request_of: Any
) -> None:
    process.now_ns += 2 * SECOND_NS
    new, child = _error(span(1)), _error(span(2))
    for made in (new, child):
        made.start_time_unix_nano = made.end_time_unix_nano = process.now_ns
    child.parent_span_id = bytes([1] * 8)
    process.send(request_of(new))
    process.pass_time(11)
    process.send(request_of(child))
    process.pass_time(11)
    assert set(process.stored()) == {1, 2}
    assert process.writer.weighed == [f"{2:032x}"]


def test_a_late_error_of_a_trace_that_was_let_go_is_stored(
    process: Process, span: Any, request_of: Any
) -> None:
    process.send(request_of(*(span(number) for number in range(1, 41))))
    process.pass_time(11)
    gone = next(number for number in range(1, 41) if number not in process.stored())
    late = _error(span(gone))
    late.span_id = (5000).to_bytes(8, "big")
    process.send(request_of(late))
    assert [record["sample_weight"] for record in process.stored()[gone]] == [1.0]


def test_what_is_undecided_survives_a_crash(tmp_path: Path, span: Any, request_of: Any) -> None:
    writer = KeptInMemory()
    before = Process(tmp_path, writer)
    before.send(request_of(*(span(number) for number in range(1, 401))))
    before.pass_time(11)
    decided = len(writer.records)
    before.send(request_of(*(_error(span(number)) for number in range(501, 521))))
    before.send(request_of(*(_error(span(number)) for number in range(601, 621))))
    before.collector.journal.close()
    assert len(writer.records) == decided
    after = Process(tmp_path, writer)
    after.flush()
    after.pass_time(11)
    after.collector.journal.close()
    assert {*range(501, 521), *range(601, 621)} <= after.stored().keys()


def test_memory_is_bounded_by_deciding_the_oldest_traces_early(
    process: Process, span: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_collector.tail_sampler._MAX_SPANS", 50)
    process.send(request_of(*(_error(span(number)) for number in range(1, 101))))
    assert set(process.stored()) == set(range(1, 51))
    assert process.collector.backlog().spans == 100


@pytest.mark.parametrize("name", ["gen_ai.input.messages", "gen_ai.tool.definitions", "some.attribute"])
def test_every_text_of_a_span_counts_as_memory(
    process: Process, span: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("sightline_collector.tail_sampler._MAX_SIZE", 500_000)
    process.send(
        request_of(*(_error(_attributes(span(number), **{name: "x" * 60_000})) for number in range(1, 11)))
    )
    assert sorted(process.stored()) == [1, 2]


def test_a_clean_stop_decides_what_is_left(tmp_path: Path, span: Any, request_of: Any) -> None:
    process = Process(tmp_path, KeptInMemory())
    process.collector.start()
    intake = process.collector.intake
    body = request_of(_error(span(1))).SerializeToString()
    intake.journal(authenticate({}), read_trace_request(body, is_json=False)).result(30)
    assert process.collector.stop()
    assert set(process.stored()) == {1}


def test_spans_that_wait_for_their_decision_do_not_slow_senders_down(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    process = Process(tmp_path, KeptInMemory(), flush_spans=2)
    process.send(request_of(*[span(number) for number in range(1, 9)]))
    assert process.collector.backlog().spans == 8
    assert not process.collector.intake.is_behind()
    process.collector.journal.close()
