"""Conversations that an emitter puts into events of its span, as Strands Agents does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.collector.conftest import NOW_NS

from sightline_analysis.failures import mark_failure
from sightline_collector.config import CollectorConfig
from sightline_collector.enrich import Enricher
from sightline_collector.span_decoder import SpanDecoder
from sightline_core.pricing import CataloguePricer


def _record(operation: str, *events: tuple[str, dict[str, str]]) -> Any:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(
        trace_id=b"\1" * 16, span_id=b"\2" * 8, start_time_unix_nano=NOW_NS
    )  # fmt: skip
    span.attributes.add(key="gen_ai.operation.name").value.string_value = operation
    for name, fields in events:
        event = span.events.add(name=name)
        for key, text in fields.items():
            event.attributes.add(key=key).value.string_value = text
    decoder = SpanDecoder(CollectorConfig(Path()), Enricher(CataloguePricer(), mark_failure))
    (record,) = decoder.decode(request, "default", NOW_NS)
    return record


def test_all_that_the_event_of_a_call_says_is_of_its_span() -> None:
    asked = [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]
    said = [{"role": "assistant", "parts": [{"type": "text", "content": "ho"}], "finish_reason": "stop"}]
    name = "gen_ai.client.inference.operation.details"
    record = _record(
        "chat",
        (name, {"gen_ai.input.messages": json.dumps(asked)}),
        (name, {"gen_ai.output.messages": json.dumps(said), "gen_ai.system_instructions": "[]"}),
    )
    assert (json.loads(record["input"]), json.loads(record["output"])) == (asked, said)
    assert (record["finish_reasons"], record["output_preview"]) == (["stop"], "ho")
    assert len(json.loads(record["events"])) == 2


def test_what_a_tool_is_given_and_returns_is_no_conversation() -> None:
    record = _record(
        "execute_tool",
        ("gen_ai.tool.message", {"role": "tool", "content": '{"city": "Bern"}', "id": "c1"}),
        ("gen_ai.choice", {"message": '[{"text": "{\\"error\\": \\"no such city\\"}"}]', "id": "c1"}),
    )
    assert (json.loads(record["input"]), record["output"]) == ({"city": "Bern"}, '{"error": "no such city"}')
    assert record["failure_category"] == "tool_error"


def test_a_tool_that_returns_several_things_keeps_them_all() -> None:
    record = _record("execute_tool", ("gen_ai.choice", {"message": '[{"text": "a"}, {"text": "b"}]'}))
    (answer,) = json.loads(record["output"])
    assert [part["content"] for part in answer["parts"]] == ["a", "b"]
