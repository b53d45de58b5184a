"""Whatever shape the content of a span has, the span is stored: none ends in the dead letters."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from sightline_analysis.failures import mark_failure
from sightline_collector import CollectorConfig
from sightline_collector.columns import COLUMN_OF_ATTRIBUTE, FALLBACK_CONTENT
from sightline_collector.enrich import Enricher
from sightline_collector.previews import preview_input, preview_output
from sightline_collector.span_decoder import SpanDecoder
from sightline_core.pricing import CataloguePricer
from sightline_semconv import gen_ai, marks
from sightline_semconv.dialects import DIALECTS

NOW_NS = 1_790_000_000_000_000_000
CONTENT = (gen_ai.INPUT_MESSAGES, gen_ai.OUTPUT_MESSAGES, gen_ai.RETRIEVAL_DOCUMENTS)
# What dialects read themselves, beside what they rename.
CARRIERS = """
    ai.operationId ai.prompt ai.prompt.messages ai.prompt.tools ai.response.providerMetadata ai.response.text
    ai.response.toolCalls ai.toolCall.result ai.value ai.values all_messages_events events
    gcp.vertex.agent.llm_request gcp.vertex.agent.llm_response gcp.vertex.agent.tool_response
    gen_ai.guardrail.verdict.type gen_ai.tool.args gen_ai.usage.raw gen_ai.usage.total_tokens guard.verdict
    input.value output.value langfuse.observation.cost_details langfuse.observation.input
    langfuse.observation.level langfuse.observation.model.parameters langfuse.observation.output
    langfuse.observation.type langfuse.observation.usage_details langsmith.inputs langsmith.outputs
    llm.input_messages llm.invocation_parameters llm.output_messages llm.request.functions llm.tools
    metadata.usage_object mlflow.chat.tokenUsage mlflow.llm.cost mlflow.spanInputs mlflow.spanOutputs
    mlflow.spanType opik.input opik.output opik.usage pydantic_ai.all_messages request_data response_data
    reranker.output_documents retrieval.documents traceloop.entity.input traceloop.entity.output
"""
NAMES = sorted(
    {*CARRIERS.split()}
    | {name for dialect in DIALECTS for name in dialect.renames}
    | {f"{prefix}0.message.tool_calls" for dialect in DIALECTS for prefix in dialect.prefixes}
    | {name for name, _ in FALLBACK_CONTENT}
    | {*COLUMN_OF_ATTRIBUTE}
)
EVENTS = ("exception", "gen_ai.user.message", "gen_ai.choice", "gen_ai.tool.message", "mine")

WORDS = """
    role parts type content text name id arguments function tool_calls response message messages
    inputs outputs input output choices usage model generations kwargs documents metadata
    page_content score error isError finish_reason delta system prompt modality json_schema schema
    properties required items $ref event.name usage_metadata service_tier
"""
TEXTS = ["", "x", "user", "assistant", "tool", "text", "tool_call", "tool_call_response", "reasoning"]
TEXTS += ["object", "refusal", "{}", "[]", '{"a":', "\0", "gpt-4o", "#", "I cannot help with that."]
TEXTS += [r'["\ud83d"]', r'{"model": "\ud83d", "tags": ["\ud83d"]}', r'{"\ud83d": 1}']
SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 2**70) | st.floats(allow_nan=False) | st.sampled_from(TEXTS)
)
SHAPES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=4)
    ),
)
MESSAGES = st.lists(
    st.fixed_dictionaries({"parts": SHAPES}, optional={"role": SCALARS}), min_size=1, max_size=3
)
VALUES = SHAPES | SHAPES.map(json.dumps) | MESSAGES.map(json.dumps)


@settings(max_examples=400)
@given(
    st.dictionaries(st.sampled_from(CONTENT), VALUES, min_size=1),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
    st.sampled_from(EVENTS),
    VALUES,
)
def test_every_shape_becomes_a_record(
    content: dict[str, Any], others: dict[str, Any], event: str, value: Any
) -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(
        trace_id=b"\1" * 16, span_id=b"\2" * 8, start_time_unix_nano=NOW_NS
    )  # fmt: skip
    for name, shape in {**others, **content}.items():
        put(span.attributes.add(key=name).value, shape)
    put(span.events.add(name=event).attributes.add(key="content").value, value)
    decoder = SpanDecoder(CollectorConfig(Path()), Enricher(CataloguePricer(), mark_failure))
    (record,) = decoder.decode(request, "default", NOW_NS)
    assert isinstance(record, dict), record
    json.dumps(record, ensure_ascii=False, default=str).encode()


@pytest.mark.parametrize("name", [[], {}, None, 7])
def test_an_event_whose_name_is_no_text_is_no_message(name: Any) -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(
        trace_id=b"\1" * 16, span_id=b"\2" * 8, start_time_unix_nano=NOW_NS
    )  # fmt: skip
    events = json.dumps([{"event.name": name, "content": "hi"}])
    for attribute, text in (("logfire.msg", "chat"), ("events", events)):
        span.attributes.add(key=attribute).value.string_value = text
    decoder = SpanDecoder(CollectorConfig(Path()), Enricher(CataloguePricer(), mark_failure))
    (record,) = decoder.decode(request, "default", NOW_NS)
    assert isinstance(record, dict), record
    assert record["attributes"]["events"] == events


HALF = r'"\ud83d"'


@pytest.mark.parametrize(
    ("name", "value", "column", "stored"),
    [
        ("gen_ai.response.finish_reasons", f"[{HALF}]", "finish_reasons", ["\ufffd"]),
        ("opik.tags", f'[{HALF}, "a\\u0000"]', "tags", ["\ufffd", "a\ufffd"]),
        (
            "mlflow.spanInputs",
            f'{{"model": {HALF}, "session_id": 1, "messages": []}}',
            "request_model",
            "\ufffd",
        ),
        ("metadata", f'{{"user_id": {HALF}}}', "user", "\ufffd"),
    ],
)
def test_half_a_pair_in_json_is_replaced_with_a_mark(
    name: str, value: str, column: str, stored: list[str] | str
) -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(
        trace_id=b"\1" * 16, span_id=b"\2" * 8, start_time_unix_nano=NOW_NS
    )  # fmt: skip
    for attribute, text in (("openinference.span.kind", "LLM"), (name, value)):
        span.attributes.add(key=attribute).value.string_value = text
    decoder = SpanDecoder(CollectorConfig(Path()), Enricher(CataloguePricer(), mark_failure))
    (record,) = decoder.decode(request, "default", NOW_NS)
    assert isinstance(record, dict)
    assert record[column] == stored  # type: ignore[literal-required]
    assert marks.INVALID_UTF8_REPLACED in record["marks"]
    json.dumps(record, ensure_ascii=False, default=str).encode()


@pytest.mark.parametrize("parts", ["5", "true", "{}", '"words"', "-3.5"])
def test_messages_whose_parts_are_no_list_are_shown_as_they_are(parts: str) -> None:
    content = f'[{{"role": "user", "parts": {parts}}}]'
    assert preview_input(content) == preview_output(content) == content


def test_the_preview_is_the_last_question_and_the_first_answer() -> None:
    said = [
        ("user", "first"),
        ("assistant", ""),
        ("assistant", "answer"),
        ("user", "second"),
        ("assistant", "end"),
    ]
    content = json.dumps(
        [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in said]
    )
    assert (preview_input(content), preview_output(content)) == ("second", "first")
    assert (
        preview_input(
            json.dumps([{"role": "tool", "parts": [{"type": "tool_call_response", "response": [1]}]}])
        )
        == "[1]"
    )


def put(slot: AnyValue, value: Any) -> None:
    """Set an attribute's value."""
    if isinstance(value, bool):
        slot.bool_value = value
    elif isinstance(value, int):
        slot.int_value = min(value, 2**63 - 1)
    elif isinstance(value, float):
        slot.double_value = value
    elif isinstance(value, str):
        slot.string_value = value
    elif isinstance(value, list):
        slot.array_value.SetInParent()
        for item in value:
            put(slot.array_value.values.add(), item)
    elif isinstance(value, dict):
        slot.kvlist_value.SetInParent()
        for name, item in value.items():
            put(slot.kvlist_value.values.add(key=name).value, item)
