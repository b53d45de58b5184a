"""Log events of coding agents become the spans that they stand for, once, with what they used."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.collector.any_values import any_value
from tests.collector.conftest import NOW_NS, KeptInMemory
from tests.collector.driven_collector import SECOND_NS, DrivenCollector

from sightline_collector import CollectorConfig
from sightline_collector.logs_request import read_logs_request
from sightline_storage import SpanRecord

SESSION = {"session.id": "s1", "user.id": "u1", "terminal.type": "xterm"}
PROMPT = {**SESSION, "prompt.id": "p1"}
USED = {
    "model": "claude-opus-4-5",
    "input_tokens": 12,
    "output_tokens": 7,
    "cache_read_tokens": 100,
    "cache_creation_tokens": 50,
    "cost_usd": 0.0006,
    "duration_ms": 450,
}


def _log(name: str, after_s: Any = 0, *, trace: Any = b"", **attributes: Any) -> LogRecord:
    record = LogRecord(
        time_unix_nano=NOW_NS + int(after_s * SECOND_NS),
        trace_id=trace,
        span_id=trace[:8],
        event_name="event x.rs",
    )
    agent, _, event = name.partition(".")
    record.body.string_value = name
    for key, value in {"event.name": event if agent == "claude_code" else name, **attributes}.items():
        record.attributes.add(key=key).value.CopyFrom(any_value(value))
    return record


def _request(*records: LogRecord, app: str = "some-agent") -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    resource_logs = request.resource_logs.add()
    resource_logs.resource.attributes.add(key="service.name").value.string_value = app
    resource_logs.scope_logs.add().log_records.extend(records)
    return request


@pytest.fixture
def driven(tmp_path: Path) -> Iterator[DrivenCollector]:
    """A collector that stores when told to."""
    driven = DrivenCollector(CollectorConfig(tmp_path), KeptInMemory())
    yield driven
    driven.collector.journal.close()


def _stored(driven: DrivenCollector) -> list[SpanRecord]:
    """The newest version of each span, in the order of their ends."""
    newest = {(record["trace_id"], record["span_id"]): record for record in driven.writer.records}
    return sorted(newest.values(), key=lambda record: record["start_ns"] + record["duration_ns"])


CLAUDE = (
    _log("claude_code.user_prompt", 0, **PROMPT, prompt="look around", prompt_length=11),
    _log("claude_code.api_request", 1, **PROMPT, **USED, request_id="req_1"),
    _log(
        "claude_code.tool_result",
        2,
        **PROMPT,
        tool_name="Bash",
        tool_use_id="toolu_1",
        success="false",
        error="no such file",
        duration_ms="300",
        tool_input='{"command":"ls"}',
    ),
    _log("claude_code.api_request", 3, **PROMPT, **USED, request_id="req_2"),
    _log("claude_code.assistant_response", 3, **PROMPT, request_id="req_2", response="Nothing there"),
)


def test_a_prompt_is_a_trace_of_what_was_done_for_it(driven: DrivenCollector) -> None:
    driven.send(_request(*CLAUDE, app="claude-code"))
    prompt, first, tool, second = _stored(driven)
    assert {record["trace_id"] for record in _stored(driven)} == {prompt["trace_id"]}
    assert (prompt["kind"], prompt["input_preview"], prompt["parent_span_id"]) == ("agent", "look around", "")
    (asked,) = json.loads(prompt["input"])
    assert (asked["role"], asked["parts"]) == ("user", [{"type": "text", "content": "look around"}])
    assert [record["parent_span_id"] for record in (first, tool, second)] == [prompt["span_id"]] * 3
    assert [record["app"] for record in _stored(driven)] == ["claude-code"] * 4
    assert {(record["session"], record["user"]) for record in _stored(driven)} == {("s1", "u1")}
    assert (first["kind"], first["model"], first["provider"]) == ("llm", "claude-opus-4-5", "anthropic")
    assert (first["input_tokens"], first["output_tokens"]) == (162, 7)
    assert (first["cached_input_tokens"], first["cache_write_tokens"]) == (100, 50)
    assert (first["cost_state"], first["emitter_cost_usd"]) == ("priced", Decimal("0.0006"))
    assert (first["start_ns"], first["duration_ns"]) == (
        NOW_NS + SECOND_NS * 55 // 100,
        SECOND_NS * 45 // 100,
    )
    assert (tool["kind"], tool["tool_name"], tool["input"]) == ("tool", "Bash", '{"command":"ls"}')
    assert (tool["status"], tool["status_message"], tool["duration_ns"]) == (
        "error",
        "no such file",
        SECOND_NS * 3 // 10,
    )


def test_an_answer_joins_its_call_and_its_prompt_in_whatever_order_they_come(driven: DrivenCollector) -> None:
    *others, answer = CLAUDE
    driven.send(_request(answer))
    driven.send(_request(*others))
    prompt, first, _, second = _stored(driven)
    assert [len(record.get("output", "")) > 0 for record in (prompt, first, second)] == [True, False, True]
    assert json.loads(second["output"])[0]["parts"] == [{"type": "text", "content": "Nothing there"}]


def test_events_of_an_agent_without_a_terminal_have_their_tokens_and_the_price_of_its_speed(
    driven: DrivenCollector,
) -> None:
    request = _log(
        "claude_code.api_request",
        **{"session.id": "s1", "request_id": "req_1", **USED, "model": "claude-opus-5", "speed": "fast"},
    )
    driven.send(_request(request))
    (call,) = _stored(driven)
    assert (call["input_tokens"], call["output_tokens"], call["service_tier"]) == (162, 7, "fast")
    # 12 at 10, 100 cached at 1, 50 written at 12.5, 7 answered at 50 dollars for a million.
    assert (call["cost_state"], call["cost_usd"]) == ("priced", Decimal("0.001195"))


def test_events_sent_again_are_the_same_spans(driven: DrivenCollector) -> None:
    driven.send(_request(*CLAUDE))
    before = {(record["trace_id"], record["span_id"]) for record in driven.writer.records}
    driven.send(_request(*CLAUDE))
    assert {(record["trace_id"], record["span_id"]) for record in driven.writer.records} == before
    assert len(before) == 4


def test_what_no_prompt_asked_for_is_a_trace_of_its_own(driven: DrivenCollector) -> None:
    title = _log("claude_code.api_request", 1, **SESSION, **USED, request_id="req_0")
    driven.send(_request(title, *CLAUDE))
    traces = [record["trace_id"] for record in _stored(driven) if record.get("request_id") != "req_0"]
    (own,) = (record for record in _stored(driven) if record.get("request_id") == "req_0")
    assert own["trace_id"] not in traces
    assert (own["parent_span_id"], own["session"]) == ("", "s1")


def test_events_inside_of_spans_of_the_agent_say_only_what_was_answered() -> None:
    inside = [_log(record.body.string_value, trace=b"t" * 16, **_plain(record)) for record in CLAUDE]
    request = read_logs_request(_request(*inside).SerializeToString(), NOW_NS, is_json=False)
    assert (request.spans.span_count, request.event_count, request.rejected.count) == (0, 1, 4)
    assert "not a GenAI event" in str(request.rejected)


@pytest.mark.parametrize("first", ["event", "span"])
def test_a_call_that_is_told_and_traced_counts_once(
    first: str, driven: DrivenCollector, span: Any, request_of: Any
) -> None:
    event = _request(
        _log("claude_code.api_request", 0, **SESSION, **USED, request_id="req_0"), app="claude-code"
    )
    event.resource_logs[0].scope_logs[0].scope.name = "com.anthropic.claude_code.events"
    traced = span(1, **SESSION, **USED, **{"request_id": "req_0", "span.type": "llm_request"})
    traced.parent_span_id = b"p" * 8
    spans = request_of(traced)
    spans.resource_spans[0].resource.attributes.add(key="service.name").value.string_value = "claude-code"
    spans.resource_spans[0].scope_spans[0].scope.name = "com.anthropic.claude_code.tracing"
    for request in (event, spans) if first == "event" else (spans, event):
        driven.send(request)
    assert sorted(record["counted"] for record in driven.writer.records) == [0, 1]


def _plain(record: LogRecord) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, str(pair.value.WhichOneof("value")))
        for pair in record.attributes
        if pair.key != "event.name"
    }


def test_what_was_not_recorded_is_no_content(driven: DrivenCollector) -> None:
    driven.send(
        _request(
            _log("claude_code.user_prompt", **PROMPT, prompt="<REDACTED>", prompt_length=11),
            _log("claude_code.assistant_response", 1, **PROMPT, request_id="r", response="<REDACTED>"),
        )
    )
    (prompt,) = _stored(driven)
    assert (prompt.get("input", ""), prompt.get("output", "")) == ("", "")


def test_a_conversation_of_codex_is_a_trace(driven: DrivenCollector) -> None:
    of = {"conversation.id": "c1", "model": "gpt-5-codex", "terminal.type": "unknown"}
    used = {
        "input_token_count": 112,
        "output_token_count": 27,
        "cached_token_count": 100,
        "reasoning_token_count": 20,
    }
    driven.send(
        _request(
            _log("codex.user_prompt", 0, **of, prompt="look around"),
            _log("codex.sse_event", 1, **of, **{"event.kind": "response.created"}, duration_ms="1"),
            _log("codex.sse_event", 2, **of, **{"event.kind": "response.completed"}, **used),
            _log(
                "codex.tool_result",
                3,
                **of,
                tool_name="exec",
                call_id="call_1",
                arguments='{"cmd":"ls"}',
                output="a",
            ),
            _log("codex.api_request", 4, **of, **{"http.response.status_code": 200}, duration_ms="20"),
            _log(
                "codex.api_request",
                5,
                trace=b"t" * 16,
                **of,
                **{"http.response.status_code": 429},
                duration_ms="20",
            ),
        )
    )
    prompt, call, tool, failed = _stored(driven)
    assert len({record["trace_id"] for record in _stored(driven)}) == 1
    assert {record["session"] for record in _stored(driven)} == {"c1"}
    assert {record["dialect"] for record in _stored(driven)} == {"codex"}
    assert (prompt["kind"], prompt["input_preview"]) == ("agent", "look around")
    assert (call["input_tokens"], call["cached_input_tokens"], call["output_tokens"]) == (112, 100, 27)
    assert (call["reasoning_tokens"], call["cost_state"], call["provider"]) == (20, "priced", "openai")
    assert (tool["kind"], tool["tool_name"], tool["input"], tool["output"]) == (
        "tool",
        "exec",
        '{"cmd":"ls"}',
        "a",
    )
    assert (failed["kind"], failed["status"], failed["http_status"]) == ("llm", "error", 429)


def test_gemini_clis_events_count_and_its_spans_do_not(
    driven: DrivenCollector, span: Any, request_of: Any
) -> None:
    of = {"session.id": "s1", "prompt_id": "s1########0"}
    pieces = [{"text": "Hm", "thought": True}, {"text": "Hel"}, {"text": "lo"}]
    answer = [{"candidates": [{"content": {"role": "model", "parts": [part]}}]} for part in pieces]
    used = {
        "model": "gemini-2.5-flash",
        "input_token_count": 112,
        "output_token_count": 7,
        "cached_content_token_count": 100,
        "thoughts_token_count": 20,
        "total_token_count": 139,
        "response_text": json.dumps(answer),
        "duration_ms": 300,
        "status_code": 200,
    }
    driven.send(
        _request(
            _log("gemini_cli.user_prompt", 0, **of, prompt="hi"),
            _log("gemini_cli.api_response", 1, **of, **used),
            _log(
                "gemini_cli.tool_call",
                2,
                **of,
                function_name="shell",
                function_args='{"command":"ls"}',
                success=True,
            ),
            _log("gemini_cli.api_error", 3, **of, model="gemini-2.5-flash", error="quota", status_code=429),
        )
    )
    prompt, call, tool, failed = _stored(driven)
    assert [record["kind"] for record in (prompt, call, tool, failed)] == ["agent", "llm", "tool", "llm"]
    assert (call["input_tokens"], call["output_tokens"], call["reasoning_tokens"]) == (112, 27, 20)
    assert (call["cost_state"], call["model"]) == ("priced", "gemini-2.5-flash")
    (said,) = json.loads(call["output"])
    assert (said["role"], said["parts"]) == (
        "assistant",
        [{"type": "reasoning", "content": "Hm"}, {"type": "text", "content": "Hello"}],
    )
    assert (tool["tool_name"], tool["input"], tool["status"]) == ("shell", '{"command":"ls"}', "unset")
    assert (failed["status_message"], failed["http_status"]) == ("quota", 429)
    own = {"gen_ai.operation.name": "llm_call", "gen_ai.request.model": "gemini-2.5-flash"}
    driven.send(request_of(span(1, **own, **{"gen_ai.usage.input_tokens": 112})))
    assert [record["kind"] for record in driven.writer.records if record["name"] == "span 1"] in (
        ["internal"],
        [],
    )
    assert sum(record["kind"] == "llm" for record in driven.writer.records) == 2


def test_json_has_the_resource_too() -> None:
    body = json.dumps(MessageToDict(_request(*CLAUDE))).encode()
    request = read_logs_request(body, NOW_NS, is_json=True)
    assert request.spans.span_count == 4
    assert b"some-agent" in request.spans.payload


@pytest.mark.parametrize(
    "odd",
    [
        {"duration_ms": "-5"},
        {"duration_ms": "nan"},
        {"duration_ms": 2**62},
        {"duration_ms": "1" * 5_000},
        {"event.timestamp": "9999-12-31T23:59:59Z"},
        {"event.timestamp": "0001-01-01"},
        {"event.timestamp": "yesterday"},
        {"prompt": "a\0b\ud7ff"},
        {"request_id": ""},
    ],
    ids=str,
)
def test_odd_values_make_a_span_all_the_same(odd: dict[str, Any], driven: DrivenCollector) -> None:
    record = _log("codex.user_prompt", **{"conversation.id": "c1", "prompt": "hi", **odd})
    record.time_unix_nano = 0
    record.observed_time_unix_nano = NOW_NS
    driven.send(_request(record))
    (stored,) = _stored(driven)
    assert stored["kind"] == "agent"


def test_events_without_a_session_are_refused_by_name() -> None:
    body = _request(_log("codex.user_prompt", prompt="hi")).SerializeToString()
    request = read_logs_request(body, NOW_NS, is_json=False)
    assert (request.spans.span_count, request.rejected.count) == (0, 1)
    assert "codex.user_prompt" in str(request.rejected)
