"""GenAI events that arrive as OTLP logs join their spans, whichever comes first."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.collector.any_values import any_value
from tests.collector.conftest import NOW_NS, KeptInMemory, authenticate, serving
from tests.collector.driven_collector import SECOND_NS, DrivenCollector

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_collector.event_content import add_events
from sightline_collector.log_events import LogEvent, read_event
from sightline_collector.span_decoder import SpanDecoder
from sightline_core.limits import IngestLimits
from sightline_core.pricing import CataloguePricer
from sightline_semconv import marks, sightline
from sightline_storage import SpanRecord, StoreConfig, open_store


def _event(name: str, number: Any = 1, body: Any = None, at_ns: Any = NOW_NS, **attributes: Any) -> LogRecord:
    record = LogRecord(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        event_name=name,
        time_unix_nano=at_ns,
    )
    if body is not None:
        record.body.CopyFrom(any_value(body))
    for key, value in attributes.items():
        record.attributes.add(key=key).value.CopyFrom(any_value(value))
    return record


def _request(*events: LogRecord) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(events)
    return request


def _question(text: str = "hi", **more: Any) -> LogRecord:
    return _event("gen_ai.user.message", body={"content": text}, **more)


def _answer(text: str = "hello") -> LogRecord:
    return _event(
        "gen_ai.choice",
        body={"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}},
        at_ns=NOW_NS + 1,
    )


def _details(number: int = 1) -> LogRecord:
    said = [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]
    answered = [{"role": "assistant", "parts": [{"type": "text", "content": "hello"}]}]
    return _event(
        "gen_ai.client.inference.operation.details",
        number,
        **{
            "gen_ai.operation.name": "chat",
            "gen_ai.input.messages": said,
            "gen_ai.output.messages": answered,
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 10,
        },
    )


class Process(DrivenCollector):
    """A collector that joins events to spans."""

    def __init__(self, folder: Path, writer: KeptInMemory, config: CollectorConfig | None = None) -> None:
        self.config = config or CollectorConfig(folder)
        super().__init__(self.config, writer)

    def pass_time(self, seconds: float) -> None:
        """Let the clock go on and look for spans that events wait for."""
        self.now_ns += int(seconds * SECOND_NS)
        self.flush()

    def span(self) -> SpanRecord:
        """The only span, in its newest version."""
        (found,) = self.writer.find("default", [(f"{1:032x}", f"{1:016x}")])
        return found

    def held_file(self) -> bytes:
        """What is on the disk of events."""
        return (self.config.journal_dir / "held-events").read_bytes()

    def events(self) -> dict[str, int]:
        """Counts of events."""
        return dict(self.collector.snapshot().events)


@pytest.fixture
def process(tmp_path: Path) -> Any:
    """A collector that stores when told to."""
    process = Process(tmp_path, KeptInMemory())
    yield process
    process.collector.journal.close()


def test_events_of_a_span_beyond_a_limit_are_counted_and_the_span_is_marked(
    process: Any, span: Any, request_of: Any
) -> None:
    process.send(
        _request(*(_question(f"message {number}", at_ns=NOW_NS + number) for number in range(2_048)))
    )
    process.send(_call(span, request_of))
    assert (len(json.loads(process.span()["input"])), "over_limit" in process.events()) == (2_048, False)
    assert marks.EVENTS_DROPPED not in process.span()["marks"]
    process.send(_request(_question("one more"), _question("and more")))
    process.pass_time(3)
    assert process.events()["over_limit"] == 2
    assert len(json.loads(process.span()["input"])) == 2_048
    assert process.span()["marks"] == [marks.INPUT_FROM_EVENTS, marks.EVENTS_DROPPED]
    versions = len(process.writer.records)
    process.send(_request(_question("after that")))
    process.pass_time(3)
    assert (process.events()["over_limit"], len(process.writer.records)) == (3, versions)
    process.collector.journal.close()
    again = Process(process.config.data_dir, KeptInMemory())
    again.send(_call(span, request_of))
    assert len(json.loads(again.span()["input"])) == 2_048
    assert marks.EVENTS_DROPPED in again.span()["marks"]
    again.collector.journal.close()


def test_messages_are_not_compared_with_each_other_to_find_new_ones(tmp_path: Path) -> None:
    compared: list[str] = []

    class Text(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            compared.append(self)
            return super().__eq__(other)

    decoder = SpanDecoder(CollectorConfig(tmp_path), lambda _record: None)
    events = [
        LogEvent(
            "gen_ai.user.message", "", "", number, {"event.name": "gen_ai.user.message", "content": text}
        )
        for number, text in enumerate(Text(number) for number in range(300))
    ]
    record = SpanRecord(project="default", kind="llm", marks=[], attributes={}, attributes_num={})
    assert add_events(decoder, record, events[:-1])
    assert add_events(decoder, record, events)
    assert len(json.loads(record["input"])) == 300
    assert len(compared) < 10 * len(events)


def _call(span: Callable[..., Any], request_of: Callable[..., Any], **attributes: Any) -> Any:
    return request_of(
        span(1, **{"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}, **attributes)
    )


def _texts(record: SpanRecord) -> tuple[str, str]:
    return record["input_preview"], record["output_preview"]


def test_messages_that_come_before_their_span_are_written_with_it(
    process: Any, span: Any, request_of: Any
) -> None:
    process.send(_request(_answer(), _question()))
    assert process.writer.records == []
    process.send(_call(span, request_of))
    (stored,) = process.writer.records
    assert _texts(stored) == ("hi", "hello")
    assert stored["marks"] == [marks.INPUT_FROM_EVENTS, marks.OUTPUT_FROM_EVENTS]


def test_messages_whose_content_was_not_recorded_are_not_taken_for_empty_ones(
    process: Any, span: Any, request_of: Any
) -> None:
    process.send(
        _request(
            _event("gen_ai.user.message", body={}),
            _event("gen_ai.choice", body={"finish_reason": "stop", "message": {"role": "assistant"}}),
        )
    )
    process.send(_call(span, request_of))
    stored = process.span()
    assert [stored[column] for column in ("input", "output", "failure_category")] == ["", "", ""]
    process.send(_request(_answer(text="")))
    process.pass_time(5)
    assert json.loads(process.span()["output"])[0]["parts"] == []


def test_details_that_come_after_their_span_are_added_under_a_newer_version(
    process: Any, span: Any, request_of: Any
) -> None:
    process.send(_call(span, request_of))
    process.send(_request(_details()))
    process.pass_time(3)
    first, second = process.writer.records
    assert _texts(process.span()) == ("hi", "hello")
    assert second["ingested_ns"] > first["ingested_ns"]
    assert (second["input_tokens"], second["cost_state"]) == (1000, "estimated")
    assert json.loads(second["output"])[0]["role"] == "assistant"


def test_an_event_that_is_sent_twice_changes_nothing_the_second_time(
    process: Any, span: Any, request_of: Any
) -> None:
    process.send(_call(span, request_of))
    for _ in range(2):
        process.send(_request(_question(), _details()))
        process.pass_time(3)
    assert len(process.writer.records) == 2


def test_messages_in_several_requests_add_up_in_order(process: Any, span: Any, request_of: Any) -> None:
    process.send(_call(span, request_of))
    for text in ("one", "two"):
        process.send(_request(_question(text)))
        process.pass_time(3)
    said = json.loads(process.span()["input"])
    assert [message["parts"][0]["content"] for message in said] == ["one", "two"]


def test_a_span_that_is_delivered_again_keeps_what_its_events_said(
    process: Any, span: Any, request_of: Any
) -> None:
    process.send(_call(span, request_of))
    process.send(_request(_question()))
    process.pass_time(3)
    process.now_ns += SECOND_NS
    process.send(_call(span, request_of))
    assert process.span()["input_preview"] == "hi"


def test_a_span_that_is_delivered_again_after_a_restart_keeps_what_its_events_said(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    before = Process(tmp_path, KeptInMemory())
    before.send(_request(_question()))
    before.send(_call(span, request_of))
    before.collector.journal.close()
    after = Process(tmp_path, before.writer)
    after.now_ns += SECOND_NS
    after.send(_call(span, request_of))
    after.collector.journal.close()
    assert after.writer.records[-1]["ingested_ns"] == NOW_NS + SECOND_NS
    assert after.span()["input_preview"] == "hi"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_span_that_comes_again_through_another_collector_gets_its_events_again(
    tmp_path: Path, span: Any, request_of: Any, restarted: bool
) -> None:
    writer = KeptInMemory()
    one, other = Process(tmp_path / "1", writer), Process(tmp_path / "2", writer)
    one.send(_request(_question(), _answer()))
    one.send(_call(span, request_of))
    if restarted:
        one.collector.journal.close()
        one = Process(tmp_path / "1", writer)
    other.now_ns += SECOND_NS
    other.send(_call(span, request_of))
    assert one.span()["input_preview"] == ""
    for _ in range(9):
        one.pass_time(60)
    assert _texts(one.span()) == ("hi", "hello")
    assert len(writer.records) == 3
    assert one.held_file() != b""
    for _ in range(10):
        one.pass_time(60)
    assert one.held_file() == b""
    assert (one.events().get("joined", 0), other.events().get("joined", 0)) == (int(not restarted), 0)
    for process in (one, other):
        process.collector.journal.close()


class _Stored:
    """The store of one folder as the collector uses it, in place of the one that is kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(StoreConfig(data_dir=folder))
        self.events = EventStores.of(self.store)
        self.block, self.write = self.store.writer.block, self.store.writer.write
        self.find = self.events.spans.find


def test_events_are_added_once_in_a_store_and_leave_what_others_made_of_the_span(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    stored: Any = _Stored(tmp_path / "store")
    config = CollectorConfig(tmp_path / "1", limits=IngestLimits(max_content_size=10_000))
    one = Process(tmp_path / "1", stored, config)
    other = Process(tmp_path / "2", stored)
    broken = _question("said")
    broken.attributes.add(key=sightline.MARKS).value.CopyFrom(any_value([marks.INVALID_UTF8_REPLACED]))
    one.send(_request(_question("long " * 10_000), broken, _answer("again"), _details()))
    one.send(_call(span, request_of))
    other.now_ns += SECOND_NS
    other.send(_call(span, request_of))
    assert one.span()["marks"] == []
    one.pass_time(60)
    joined = one.span()
    assert joined["input_tokens"] == 1000
    assert set(joined["marks"]) == {
        marks.INPUT_FROM_EVENTS,
        marks.OUTPUT_FROM_EVENTS,
        marks.INPUT_TRUNCATED,
        marks.INVALID_UTF8_REPLACED,
    }
    later: SpanRecord = {**joined, "ingested_ns": joined["ingested_ns"] + 1, "failure_reason": "a low score"}
    later["cost_usd"] = Decimal(7)
    stored.write([later], token="later")
    for _ in range(10):
        one.pass_time(60)
    assert one.span() == later
    for process in (one, other):
        process.collector.journal.close()
    stored.store.close()


def test_the_conversation_of_a_span_is_not_mixed_with_its_events(
    process: Any, span: Any, request_of: Any
) -> None:
    own = '[{"role":"user","parts":[{"type":"text","content":"own"}]}]'
    process.send(_request(_question("of the event")))
    process.send(_call(span, request_of, **{"gen_ai.input.messages": own}))
    (stored,) = process.writer.records
    assert (stored["input"], stored["marks"]) == (own, [])


def test_events_that_wait_survive_a_restart(tmp_path: Path, span: Any, request_of: Any) -> None:
    writer = KeptInMemory()
    before = Process(tmp_path, writer)
    before.send(_request(_question()))
    before.collector.journal.close()
    after = Process(tmp_path, writer)
    after.send(_call(span, request_of))
    after.collector.journal.close()
    assert after.span()["input_preview"] == "hi"


def test_an_event_whose_span_never_comes_is_let_go_and_counted(process: Any) -> None:
    process.send(_request(_question()))
    process.pass_time(601)
    assert process.events() == {"journaled": 1, "no_span": 1}
    assert process.held_file() == b""


def test_after_a_long_outage_of_the_store_events_wait_for_the_spans_of_later_blocks(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    """They came with their span, an hour before the store is back, and are stored block by block."""
    writer = KeptInMemory()
    process = Process(tmp_path, writer, CollectorConfig(tmp_path, flush_spans=1))
    intake, principal = process.collector.intake, authenticate({})
    events = intake.read_events(_request(_question()).SerializeToString(), is_json=False)
    intake.journal_events(principal, events).result(30)
    spans = intake.read_spans(_call(span, request_of).SerializeToString(), is_json=False)
    intake.journal(principal, spans).result(30)
    process.pass_time(3600)
    assert '"hi"' in process.span()["input"]
    process.collector.journal.close()


def test_a_store_that_is_down_is_asked_again(process: Any, span: Any, request_of: Any) -> None:
    process.send(_call(span, request_of))
    process.send(_request(_question()))
    process.writer.down = True
    process.pass_time(3)
    process.writer.down = False
    process.pass_time(10)
    assert process.span()["input_preview"] == "hi"


def test_a_clock_that_is_set_back_does_not_put_off_the_join(process: Any, span: Any, request_of: Any) -> None:
    process.send(_call(span, request_of))
    process.send(_request(_question()))
    assert process.span()["input_preview"] == ""
    process.pass_time(-3600)
    assert process.span()["input_preview"] == "hi"


def test_results_of_evaluations_become_scores(process: Any) -> None:
    process.send(
        _request(
            _event(
                "gen_ai.evaluation.result",
                **{
                    "gen_ai.evaluation.name": "relevance",
                    "gen_ai.evaluation.score.value": 0.8,
                    "gen_ai.evaluation.score.label": "good",
                    "gen_ai.evaluation.explanation": "on topic",
                },
            ),
            _event(
                "gen_ai.evaluation.result",
                **{"gen_ai.evaluation.name": "tone", "gen_ai.evaluation.score.label": "rude"},
            ),
        )
    )
    number, label = process.writer.scores
    assert (number.span_id, number.name, number.value, number.comment) == (
        f"{1:016x}",
        "relevance",
        0.8,
        "good: on topic",
    )
    assert (label.value_type, label.value) == ("category", "rude")


def _judgement(response_id: str, value: float = 0.8) -> LogRecord:
    """A result that says by a response id which call it is about."""
    record = _event(
        "gen_ai.evaluation.result",
        **{
            "gen_ai.evaluation.name": "relevance",
            "gen_ai.evaluation.score.value": value,
            "gen_ai.response.id": response_id,
        },
    )
    record.ClearField("trace_id")
    record.ClearField("span_id")
    return record


def _placed(process: Process) -> list[tuple[str, str, Any]]:
    return [(score.trace_id, score.span_id, score.value) for score in process.writer.scores]


def test_a_result_that_knows_only_the_response_finds_its_call_whichever_comes_first(
    process: Any, span: Any, request_of: Any
) -> None:
    answered = {"gen_ai.response.id": "resp-1"}
    process.send(_request(_judgement("resp-1")))
    assert process.writer.scores == []
    process.send(_call(span, request_of, **answered))
    expected = (f"{1:032x}", f"{1:016x}", 0.8)
    assert _placed(process) == [expected]
    process.send(_request(_judgement("resp-1", 0.5)))
    process.pass_time(3)
    assert (*expected[:2], 0.5) in _placed(process)
    for _ in range(20):
        process.pass_time(60)
    assert process.events() == {"journaled": 2, "joined": 2, "score": 3}
    assert process.held_file() == b""


def test_a_result_that_knows_only_the_response_survives_a_restart_and_a_store_that_is_down(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    writer = KeptInMemory()
    before = Process(tmp_path, writer)
    before.send(_request(_judgement("resp-2"), _question(number=7)))
    before.collector.journal.close()
    after = Process(tmp_path, writer)
    after.send(_call(span, request_of, **{"gen_ai.response.id": "resp-3"}))
    after.send(_call(span, request_of, **{"gen_ai.response.id": "resp-2"}))
    assert _placed(after) == [(f"{1:032x}", f"{1:016x}", 0.8)]
    after.send(_request(_judgement("resp-3", 0.1)))
    writer.down = True
    after.pass_time(3)
    assert len(writer.scores) == 1
    writer.down = False
    after.pass_time(10)
    assert _placed(after)[1:] == [(f"{1:032x}", f"{1:016x}", 0.1)]
    after.collector.journal.close()


def test_a_record_that_is_not_utf8_is_repaired_and_its_neighbours_are_untouched(
    running: Any, process: Any, span: Any, request_of: Any
) -> None:
    body = _request(_question("caf#"), _answer("fine"), _question("deep"))
    nested = body.resource_logs[0].scope_logs[0].log_records[2].body
    for _ in range(120):
        nested = nested.kvlist_value.values.add(key="k").value
    raw = body.SerializeToString().replace(b"caf#", b"caf\xe9")
    response = running.client.post(
        "/v1/logs", content=raw, headers={"content-type": "application/x-protobuf"}
    )
    assert response.status_code == 200
    assert b"log record 2 of the request is not readable" in response.content
    events = process.collector.intake.read_events(raw, is_json=False)
    process.send(ExportLogsServiceRequest.FromString(events.payload))
    process.send(_call(span, request_of))
    (stored,) = process.writer.records
    assert _texts(stored) == ("caf\ufffd", "fine")
    assert marks.INVALID_UTF8_REPLACED in stored["marks"]


def test_what_is_no_event_of_a_span_is_refused_by_name(running: Any) -> None:
    lost = _question()
    lost.ClearField("trace_id")
    empty = _event("gen_ai.evaluation.result", **{"gen_ai.evaluation.name": "relevance"})
    body = _request(lost, _event("browser.click"), empty, _question())
    for kind, content in (
        ("application/x-protobuf", body.SerializeToString()),
        ("application/json", _as_json(body)),
    ):
        response = running.client.post("/v1/logs", content=content, headers={"content-type": kind})
        assert response.status_code == 200
        assert b"no trace id" in response.content
        assert b"browser.click" in response.content
        assert b"neither a value nor a label" in response.content
    assert running.collector.snapshot().events["journaled"] == 2


def test_events_that_a_full_journal_refuses_are_not_counted_as_journaled(tmp_path: Path) -> None:
    writer = KeptInMemory()
    config = CollectorConfig(tmp_path, max_journal=10)
    collector = Collector(writer, config, CataloguePricer(), authenticate, events=writer.events)
    with serving(collector) as client:
        content = _request(_question()).SerializeToString()
        headers = {"content-type": "application/x-protobuf"}
        assert client.post("/v1/logs", content=content, headers=headers).status_code == 503
    assert collector.snapshot().events == {}
    collector.journal.close()


def _as_json(request: ExportLogsServiceRequest) -> bytes:
    from google.protobuf.json_format import MessageToDict

    document = MessageToDict(request)
    for made, record in zip(
        document["resourceLogs"][0]["scopeLogs"][0]["logRecords"],
        request.resource_logs[0].scope_logs[0].log_records,
        strict=True,
    ):
        made["traceId"], made["spanId"] = record.trace_id.hex(), record.span_id.hex()
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"message": {"role": "assistant"}, "finish_reason": "stop"}', {"finish_reason": "stop"}),
        ('{"role": "user", "content": "hi"}', {"role": "user", "content": "hi"}),
        ('{"city": "Bern"}', {"content": '{"city": "Bern"}'}),
        ('[""role""]', {"content": '[""role""]'}),
        ("hi", {"content": "hi"}),
    ],
    ids=["a choice", "a message", "a text that is JSON", "a list", "a text"],
)
def test_a_message_that_is_written_into_a_body_as_json_is_one(body: str, expected: dict[str, Any]) -> None:
    """As Semantic Kernel does, whose events are records of Python's logging."""
    fields = read_event(_event("gen_ai.choice", body=body), NOW_NS).fields
    assert {name: fields[name] for name in expected} == expected
    assert ("content" in fields) == ("content" in expected)
