"""A request that can never be stored is set aside; a store that takes nothing is waited for."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.collector.conftest import NOW_NS, KeptInMemory, authenticate, make_request, make_span
from tests.collector.driven_collector import SECOND_NS, DrivenCollector
from tests.e2e.polling import until

from sightline_collector import Collector, CollectorConfig
from sightline_collector.config import Sampling
from sightline_collector.dead_letters import About, DeadLetter, DeadLetters
from sightline_collector.refused_requests import store_without_refused
from sightline_collector.repeated_calls import RepeatedCalls
from sightline_collector.segment import Entry, Signal
from sightline_core.errors import BackendError, RowsRefused
from sightline_core.pricing import CataloguePricer
from sightline_storage.spans.span_record import SpanRecord

SAMPLING = Sampling(rate=0.5, quiet_s=0.1, slow_s=0.1, costly_usd=Decimal(1))
pytestmark = pytest.mark.usefixtures("short_pauses")


@dataclass
class Choosy(KeptInMemory):
    """A store that takes no block with one of these spans."""

    refused_spans: set[int] = field(default_factory=set)

    def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
        """Keep a block."""
        for record in records:
            if int(record["span_id"], 16) in self.refused_spans:
                raise RowsRefused(f"span {int(record['span_id'], 16)}")
        super().write(records, token=token)

    def stored(self) -> set[int]:
        """Return the spans that it has."""
        return {int(record["span_id"], 16) for record in self.records}


def _collector(folder: Path, writer: KeptInMemory, **changes: Any) -> Collector:
    config = replace(CollectorConfig(folder, flush_interval_s=0.02), **changes)
    return Collector(writer, config, CataloguePricer(), authenticate, events=writer.events)


def _entry(*numbers: int, received_ns: int = NOW_NS) -> Entry:
    request = make_request(*map(make_span, numbers))
    return Entry("default", Signal.TRACES, received_ns, len(numbers), request.SerializeToString())


def _journal(collector: Collector, *numbers: int) -> None:
    collector.journal.append(_entry(*numbers, received_ns=NOW_NS + numbers[0])).result(30)


def _spans_of(payload: bytes) -> list[int]:
    request = ExportTraceServiceRequest.FromString(payload)
    return [
        int.from_bytes(span.span_id, "big")
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _set_aside(folder: Path) -> dict[int, DeadLetter]:
    """Span → its letter; each is a request of spans with the resource and scope that they had."""
    directory = folder / "journal" / "dead-letters"
    found = {}
    for letter in DeadLetters(directory):
        content = (directory / letter.content).read_bytes()
        numbers = _spans_of(content)
        requests = [make_request(make_span(number)).SerializeToString() for number in numbers]
        assert content == b"".join(requests)
        found.update(dict.fromkeys(numbers, letter))
    return found


@pytest.mark.parametrize("sampling", [None, SAMPLING])
def test_spans_that_the_store_refuses_for_ever_are_set_aside_and_all_others_are_stored(
    sampling: Sampling | None, tmp_path: Path
) -> None:
    writer = Choosy(refused_spans={2, 6, 7})
    collector = _collector(tmp_path, writer, sampling=sampling)
    for numbers in ((1, 2, 3), (4,), (5, 6, 7, 8), (9,)):
        _journal(collector, *numbers)
    collector.start()
    assert collector.stop()
    assert writer.stored() == {1, 3, 4, 5, 8, 9}
    letters = _set_aside(tmp_path)
    assert {number: letter.reason for number, letter in letters.items()} == {
        2: "it cannot be stored: RowsRefused: span 2",
        6: "it cannot be stored: RowsRefused: span 6",
        7: "it cannot be stored: RowsRefused: span 6",
    }
    assert {letter.path for letter in letters.values()} == {"/v1/traces"}
    assert collector.snapshot().spans_rejected == {"dead_letter": 3}
    collector.check()


def test_a_span_that_breaks_our_own_code_each_time_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = RepeatedCalls.mark

    def mark(self: RepeatedCalls, records: Sequence[SpanRecord]) -> None:
        if any(int(record["span_id"], 16) == 2 for record in records):
            raise ZeroDivisionError("a defect of ours")
        whole(self, records)

    monkeypatch.setattr(RepeatedCalls, "mark", mark)
    writer = Choosy()
    collector = _collector(tmp_path, writer)
    _journal(collector, 1, 2, 3)
    collector.start()
    assert collector.stop()
    assert writer.stored() == {1, 3}
    assert _set_aside(tmp_path)[2].reason == "it cannot be stored: ZeroDivisionError: a defect of ours"


def test_events_whose_scores_are_refused_are_set_aside_as_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Choosy()
    stores = writer.events

    def write(_project: str, _scores: object) -> None:
        raise RowsRefused("the score")

    monkeypatch.setattr(stores.scores, "write", write)
    collector = Collector(writer, CollectorConfig(tmp_path), CataloguePricer(), authenticate, events=stores)
    logs = ExportLogsServiceRequest()
    record = (
        logs.resource_logs.add()
        .scope_logs.add()
        .log_records.add(event_name="gen_ai.evaluation.result", trace_id=(1).to_bytes(16, "big"))
    )
    for name, value in (("gen_ai.evaluation.name", "correct"), ("gen_ai.evaluation.score.value", 1.0)):
        attribute = record.attributes.add(key=name)
        if isinstance(value, str):
            attribute.value.string_value = value
        else:
            attribute.value.double_value = value
    body = logs.SerializeToString()
    collector.journal.append(Entry("default", Signal.LOGS, NOW_NS, 1, body)).result(30)
    _journal(collector, 1)
    collector.start()
    assert collector.stop()
    assert writer.stored() == {1}
    (letter,) = collector.dead_letters
    assert (letter.path, letter.reason) == ("/v1/logs", "it cannot be stored: RowsRefused: the score")
    assert (tmp_path / "journal" / "dead-letters" / letter.content).read_bytes() == body
    assert collector.snapshot().events["dead_letter"] == 1
    assert "dead_letter" not in collector.snapshot().spans_rejected


def test_an_event_that_its_stored_span_cannot_take_does_not_keep_others_from_theirs(tmp_path: Path) -> None:
    writer = Choosy()
    driven = DrivenCollector(CollectorConfig(tmp_path), writer)
    driven.send(make_request(*map(make_span, (1, 2, 3))))
    writer.refused_spans = {2}
    logs = ExportLogsServiceRequest()
    records = logs.resource_logs.add().scope_logs.add().log_records
    for number in (1, 2, 3):
        ids = {"trace_id": number.to_bytes(16, "big"), "span_id": number.to_bytes(8, "big")}
        event = records.add(event_name="gen_ai.client.inference.operation.details", **ids)
        event.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = number
    driven.send(logs)
    driven.now_ns += 3 * SECOND_NS
    driven.flush()
    keys = [(f"{number:032x}", f"{number:016x}") for number in (1, 2, 3)]
    found = {record["trace_id"]: record["input_tokens"] for record in writer.find("default", keys)}
    assert found == {f"{1:032x}": 1, f"{2:032x}": 0, f"{3:032x}": 3}
    assert driven.collector.snapshot().events["joined"] == 2
    driven.collector.journal.close()


def test_while_every_span_is_refused_it_is_the_store_and_all_wait(tmp_path: Path) -> None:
    writer = Choosy(refused_spans={1, 2, 3})
    collector = _collector(tmp_path, writer)
    _journal(collector, 1, 2)
    _journal(collector, 3)
    collector.start()
    until(lambda: collector.snapshot().storing_failures > 3)
    with pytest.raises(BackendError, match="spans are not stored: RowsRefused"):
        collector.check()
    assert (collector.backlog().spans, _set_aside(tmp_path)) == (3, {})
    writer.refused_spans.clear()
    assert collector.stop()
    assert (writer.stored(), _set_aside(tmp_path)) == ({1, 2, 3}, {})


def test_a_refused_span_that_is_alone_waits_until_another_one_is_stored(tmp_path: Path) -> None:
    writer = Choosy(refused_spans={1})
    collector = _collector(tmp_path, writer)
    _journal(collector, 1)
    collector.start()
    until(lambda: collector.snapshot().storing_failures > 3)
    assert (collector.backlog().spans, _set_aside(tmp_path)) == (1, {})
    _journal(collector, 2)
    until(lambda: collector.backlog().spans == 0)
    assert collector.stop()
    assert (writer.stored(), list(_set_aside(tmp_path))) == ({2}, [1])


@pytest.mark.parametrize("full", [False, True])
def test_what_cannot_be_set_aside_stays_in_the_journal(
    full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Choosy(refused_spans={1})
    collector = _collector(tmp_path, writer)
    letters = tmp_path / "journal" / "dead-letters"
    if full:
        monkeypatch.setattr("sightline_collector.dead_letters._MOST", 0)
    else:
        letters.write_text("a file, where the folder should be")
    _journal(collector, 1, 2)
    collector.start()
    until(lambda: collector.snapshot().storing_failures > 3)
    assert collector.backlog().spans == 2
    assert collector.snapshot().spans_rejected == {}
    if full:
        monkeypatch.setattr("sightline_collector.dead_letters._MOST", 1)
    else:
        letters.unlink()
    assert collector.stop()
    assert (writer.stored(), list(_set_aside(tmp_path))) == ({2}, [1])


def test_a_process_that_has_to_end_does_not_finish_looking(tmp_path: Path) -> None:
    writer = Choosy(refused_spans={1})
    collector = _collector(tmp_path, writer, drain_timeout_s=0)
    _journal(collector, 1)
    collector.start()
    until(lambda: collector.snapshot().storing_failures > 1)
    assert not collector.stop()
    after = _collector(tmp_path, Choosy())
    after.start()
    assert after.stop()


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=9), min_size=1, max_size=9))
def test_exactly_those_are_found_that_are_refused_alone(requests: list[list[bool]]) -> None:
    """True: the span is refused."""
    numbers = iter(range(1, 100))
    spans = [[(next(numbers), bad) for bad in request] for request in requests]
    at_fault = {number for request in spans for number, bad in request if bad}
    everything = {number for request in spans for number, _ in request}
    taken: list[int] = []

    def store(entries: Sequence[Entry]) -> int:
        these = [number for entry in entries for number in _spans_of(entry.payload)]
        if at_fault.intersection(these):
            raise RowsRefused("one of them")
        taken.extend(these)
        return len(these)

    entries = [_entry(*(n for n, _ in request), received_ns=request[0][0]) for request in spans]
    if at_fault == everything:
        with pytest.raises(RowsRefused):
            store_without_refused(entries, store)
        return
    refused = store_without_refused(entries, store)
    bad_of_requests = [[number for number, bad in request if bad] for request in spans]
    assert [_spans_of(one.entry.payload) for one in refused] == [bad for bad in bad_of_requests if bad]
    assert all(one.entry.span_count == len(_spans_of(one.entry.payload)) for one in refused)
    assert sorted(taken) == sorted(everything - at_fault)


def test_a_request_that_is_taken_once_others_were_stored_is_not_at_fault() -> None:
    refusals = iter([True, True])

    def store(entries: Sequence[Entry]) -> int:
        if any(1 in _spans_of(entry.payload) for entry in entries) and next(refusals, False):
            raise RowsRefused("for a moment")
        return len(entries)

    assert store_without_refused([_entry(1), _entry(2)], store) == []


def test_a_letter_whose_note_a_crash_cut_off_is_kept_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = About(reason="why", project="default", when_ns=1, path="/v1/traces")

    def die(_descriptor: int) -> None:
        if list(tmp_path.glob("*.bin")) and len(list(tmp_path.iterdir())) > 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            DeadLetters(tmp_path).keep(b"content", **about)
    assert not list(DeadLetters(tmp_path))
    assert DeadLetters(tmp_path).keep(b"content", **about)
    assert [letter.reason for letter in DeadLetters(tmp_path)] == ["why"]
