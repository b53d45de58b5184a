"""From the journal into the store: once, in spite of outages, restarts and double instrumentation."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.collector.conftest import KeptBlock, KeptInMemory, authenticate, make_request, make_span, serving
from tests.collector.driven_collector import DrivenCollector

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_collector.segment import Entry, Signal
from sightline_collector.stored_block import StoredBlock
from sightline_collector.trace_request import read_trace_request
from sightline_core.auth import Principal
from sightline_core.errors import BackendError
from sightline_core.ids import DEFAULT_PROJECT, TraceId
from sightline_core.pricing import CataloguePricer
from sightline_semconv.dialects import normalise
from sightline_storage import SpanRecord, StoreConfig, open_store


def _call(span: Any, number: int, *, trace: int = 1, parent: int = 0, response: str = "r1") -> Any:
    made = span(
        number,
        **{
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.id": response,
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 100,
        },
    )
    made.trace_id = trace.to_bytes(16, "big")
    if parent:
        made.parent_span_id = parent.to_bytes(8, "big")
    return made


def _counted(records: list[Any]) -> dict[int, int]:
    return {int(record["span_id"], 16): record["counted"] for record in records}


def test_a_call_recorded_by_parent_and_descendant_counts_once_at_the_deepest(
    running: Any, span: Any, request_of: Any
) -> None:
    between = span(2, name="between")
    between.trace_id = (1).to_bytes(16, "big")
    between.parent_span_id = (1).to_bytes(8, "big")
    running.post(request_of(_call(span, 1), between, _call(span, 3, parent=2)).SerializeToString())
    assert _counted(running.stored()) == {1: 0, 2: 0, 3: 1}


def test_an_answer_that_is_replayed_later_and_one_of_another_trace_count_too(
    running: Any, span: Any, request_of: Any
) -> None:
    first, beside, replayed = (_call(span, number, parent=9) for number in (1, 2, 3))
    replayed.start_time_unix_nano = first.end_time_unix_nano
    replayed.end_time_unix_nano = first.end_time_unix_nano + 1
    elsewhere = _call(span, 4, trace=2, parent=1)
    running.post(request_of(first, beside, replayed, elsewhere).SerializeToString())
    assert _counted(running.stored()) == {1: 1, 2: 0, 3: 1, 4: 1}


def test_tokens_of_an_agent_are_an_aggregate_and_do_not_count(
    running: Any, span: Any, request_of: Any
) -> None:
    agent = span(1, **{"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 5})
    running.post(request_of(agent).SerializeToString())
    (record,) = running.stored()
    assert (record["kind"], record["input_tokens"], record["counted"]) == ("agent", 5, 0)
    assert "cost_usd" not in record


def test_what_the_emitter_says_a_call_cost_is_kept_beside_the_price_never_instead(
    running: Any, span: Any, request_of: Any
) -> None:
    call = _call(span, 1)
    for name, value in (("sightline.cost.usd", "9.5"), ("sightline.cost.state", "estimated")):
        attribute = call.attributes.add()
        attribute.key, attribute.value.string_value = name, value
    running.post(request_of(call).SerializeToString())
    (record,) = running.stored()
    assert (record["cost_usd"], record["cost_state"]) == (Decimal("0.0035"), "priced")
    assert record["emitter_cost_usd"] == Decimal("9.5")


def test_a_store_that_was_down_gets_everything_once_it_is_back(
    running: Any, span: Any, request_of: Any
) -> None:
    running.writer.down = True
    for number in (1, 2):
        assert running.post(request_of(span(number)).SerializeToString()).status_code == 200
    assert running.writer.refused.wait(30)
    assert running.collector.backlog().spans == 2
    running.writer.down = False
    assert [int(record["span_id"], 16) for record in running.stored()] == [1, 2]
    assert running.collector.backlog().spans == 0


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours that spans with the attribute `poison` meet."""

    def breaks(attributes: Any, scope: str) -> Any:
        if attributes.get("poison"):
            raise ZeroDivisionError("a defect of ours")
        return normalise(attributes, scope)

    monkeypatch.setattr("sightline_collector.span_decoder.normalise", breaks)


@pytest.mark.usefixtures("poison")
def test_a_span_that_breaks_our_own_code_is_set_aside_and_its_neighbours_are_stored(
    tmp_path: Path, running: Any, span: Any, request_of: Any
) -> None:
    running.post(request_of(span(1), span(2, poison=1), span(3)).SerializeToString())
    assert [int(record["span_id"], 16) for record in running.stored()] == [1, 3]
    (letter,) = running.collector.dead_letters
    assert letter.reason == "ZeroDivisionError: a defect of ours"
    content = (tmp_path / "journal" / "dead-letters" / letter.content).read_bytes()
    assert (letter.path, ExportTraceServiceRequest.FromString(content)) == (
        "/v1/traces",
        request_of(span(2, poison=1)),
    )


class InParts(KeptInMemory):
    """A writer that notes how many spans it is given at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def block(self) -> KeptBlock:
        """Return a block that notes it."""
        writer = self

        class Noting(KeptBlock):
            def add(self, records: Sequence[SpanRecord]) -> None:
                writer.sizes.append(len(records))
                super().add(records)

        return Noting(self)


@pytest.mark.usefixtures("poison")
def test_a_request_of_many_spans_is_decoded_in_parts_and_its_calls_still_count_once(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    writer = InParts()
    driven = DrivenCollector(CollectorConfig(tmp_path), writer)
    others = [span(number, poison=1) if number == 3_000 else span(number) for number in range(3, 4_000)]
    driven.send(request_of(_call(span, 2, parent=1), *others, _call(span, 1)))
    assert (sum(writer.sizes), max(writer.sizes)) == (3_998, 1_024)
    counted = _counted(writer.records)
    assert (counted[1], counted[2], len(counted)) == (0, 1, 3_998)
    (letter,) = driven.collector.dead_letters
    content = (tmp_path / "journal" / "dead-letters" / letter.content).read_bytes()
    assert ExportTraceServiceRequest.FromString(content) == request_of(span(3_000, poison=1))
    driven.collector.journal.close()


def test_a_request_as_sdks_send_it_is_not_divided(tmp_path: Path, span: Any, request_of: Any) -> None:
    writer = InParts()
    driven = DrivenCollector(CollectorConfig(tmp_path), writer)
    intake, principal = driven.collector.intake, authenticate({})
    for size in (511, 512, 1):
        request = read_trace_request(request_of(*[span(1)] * size).SerializeToString(), is_json=False)
        intake.journal(principal, request).result(30)
    driven.flush()
    assert writer.sizes == [1_023, 1]
    driven.collector.journal.close()


def test_one_trace_goes_through_a_real_store_with_its_cost(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    store = open_store(StoreConfig(data_dir=tmp_path))
    config = replace(CollectorConfig(tmp_path), flush_interval_s=0.01)
    collector = Collector(
        store.writer,
        config,
        CataloguePricer(),
        lambda _: Principal(DEFAULT_PROJECT, "test"),
        events=EventStores.of(store),
    )
    try:
        entry = Entry(
            "default",
            Signal.TRACES,
            1_790_000_000_000_000_000,
            1,
            request_of(_call(span, 1)).SerializeToString(),
        )
        collector.journal.append(entry).result(timeout=30)
        collector.start()
        assert collector.stop()
        row, spans = store.traces.read_trace(DEFAULT_PROJECT, TraceId(f"{1:032x}"))
    finally:
        store.close()
    assert (row.app, row.tokens.input, row.cost.usd) == ("shop", 1000, Decimal("0.0035"))
    assert [(found.kind, found.model) for found in spans] == [("llm", "gpt-4o")]


def test_a_sender_is_slowed_down_but_not_held_up_while_the_store_is_behind(
    span: Any, request_of: Any, tmp_path: Path
) -> None:
    writer = KeptInMemory(down=True)
    collector = Collector(
        writer,
        CollectorConfig(tmp_path, flush_spans=2),
        CataloguePricer(),
        authenticate,
        events=writer.events,
    )
    collector.start()
    with serving(collector) as client:
        for number in range(1, 6):
            body = request_of(span(number)).SerializeToString()
            answer = client.post(
                "/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}
            )
            assert answer.status_code == 200
        assert collector.backlog().spans == 5
        writer.down = False
        collector.stop()
    assert len(writer.records) == 5


def test_a_span_that_the_store_has_no_place_for_is_set_aside_and_its_neighbours_are_stored(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    def break_second(record: SpanRecord) -> None:
        if record["span_id"] == f"{2:016x}":
            record["http_status"] = -1

    store = open_store(StoreConfig(data_dir=tmp_path))
    collector = Collector(
        store.writer,
        CollectorConfig(tmp_path),
        CataloguePricer(),
        authenticate,
        mark_failure=break_second,
        events=EventStores.of(store),
    )
    body = request_of(*map(span, (1, 2, 3))).SerializeToString()
    try:
        collector.journal.append(Entry("default", Signal.TRACES, 1, 3, body)).result(timeout=30)
        collector.start()
        assert collector.stop()
        stored = store.engine.query("SELECT span_id FROM spans ORDER BY span_id LIMIT 9", {})
    finally:
        store.close()
    assert [int(span_id, 16) for (span_id,) in stored] == [1, 3]
    (letter,) = collector.dead_letters
    assert letter.reason.startswith("the writer refused it: ")


def test_the_oldest_span_of_a_block_counts_in_whichever_batch_it_is(
    tmp_path: Path, span: Any, request_of: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sightline_collector.block_decoder._BATCH_SPANS", 1)
    writer, stored = KeptInMemory(), list[StoredBlock]()
    collector = Collector(
        writer,
        CollectorConfig(tmp_path),
        CataloguePricer(),
        authenticate,
        events=writer.events,
        observe_block=stored.append,
    )
    for number, received_ns in ((1, 5), (2, 9)):
        body = request_of(span(number)).SerializeToString()
        entry = Entry("default", Signal.TRACES, received_ns, 1, body)
        collector.journal.append(entry).result(timeout=30)
    collector.start()
    assert collector.stop()
    assert [(block.oldest_ns, block.spans) for block in stored] == [(5, 2)]


def test_nothing_is_stored_while_prices_and_limits_are_not_known(tmp_path: Path) -> None:
    """At the prices of the catalogue it would be counted wrong for good."""
    known, writer = threading.Event(), KeptInMemory()

    def check_ready() -> None:
        if not known.is_set():
            raise BackendError("prices are not known yet")

    def collector() -> Collector:
        return Collector(
            writer,
            CollectorConfig(tmp_path),
            CataloguePricer(),
            authenticate,
            events=writer.events,
            check_ready=check_ready,
        )

    unready = collector()
    unready.start()
    with serving(unready) as client:
        body = make_request(make_span(1)).SerializeToString()
        headers = {"content-type": "application/x-protobuf"}
        assert client.post("/v1/traces", content=body, headers=headers).status_code == 200
    assert not unready.stop()
    assert writer.records == []
    known.set()
    ready = collector()
    ready.start()
    assert ready.stop()
    assert [record["span_id"] for record in writer.records] == [f"{1:016x}"]
