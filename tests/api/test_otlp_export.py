"""A trace that is downloaded as OTLP/JSON and posted again is the same trace."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.api.conftest import authenticate
from tests.collector.conftest import serving

from sightline_api.otlp_attributes import ATTRIBUTE_OF_COLUMN, key_values
from sightline_api.otlp_export import otlp_json
from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_collector.columns import COLUMN_OF_ATTRIBUTE
from sightline_collector.otlp_json import parse_trace_json
from sightline_collector.span_decoder import SpanDecoder
from sightline_core.ids import ProjectId, TraceId
from sightline_core.pricing import CataloguePricer
from sightline_storage import SpanRecord, Store
from sightline_storage.spans.span_table import RECORD_KEYS, default_of
from sightline_storage.traces.span_downloads import SpanDownloads

NOW_NS = 1_790_000_000_000_000_000
OF_ITS_OWN = {"project", "ingested_ns", "dialect"}
"""Columns that say how and when a span came in, not what it is."""

MESSAGES = [{"role": "user", "parts": [{"type": "text", "content": 'Hi "you"\n\u202e\U0001f600'}]}]
SPANS: list[dict[str, Any]] = [
    {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.request.stream": True,
        "gen_ai.request.seed": 42,
        "gen_ai.response.time_to_first_chunk": 0.123456789,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.cache_read.input_tokens": 400,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.input.messages": json.dumps(MESSAGES),
        "gen_ai.output.messages": json.dumps(MESSAGES),
        "gen_ai.tool.definitions": '[{"type": "function", "name": "f"}]',
        "session.id": "s-1",
        "user.id": "u-7",
        "sightline.app": "another app",
        "sightline.tags": ["a", "=b"],
        "sightline.output.valid": False,
        "sightline.emitter.cost_usd": "0.000000000001",
        "tenant": "acme",
        "empty": "",
        "big": 2**62 + 1,
        "flag": False,
        "nested": {"a": [1, 2.5, None, True]},
    },
    {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "from another dialect",
        "llm.token_count.prompt": 12,
    },
    {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": '{"q": "x"}',
        "gen_ai.tool.call.result": "[]",
    },
    {
        "sightline.span.kind": "cache",
        "sightline.cache.kind": "semantic",
        "sightline.cache.hit": True,
        "sightline.cache.similarity": 0.97,
        "sightline.cache.saved_usd": "0.0015",
        "sightline.input": '[{"role": "not a conversation"}]',
    },
    {"sightline.span.kind": "guardrail", "sightline.guardrail.outcome": "block", "error.type": "Blocked"},
    {"gen_ai.operation.name": "retrieval", "gen_ai.retrieval.documents": '[{"id": "d1", "score": 0.5}]'},
]


def request_of(spans: list[dict[str, Any]]) -> ExportTraceServiceRequest:
    """One request with a span for each set of attributes, all of one trace."""
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    resource = {"service.name": "shop", "deployment.environment.name": "prod", "n": 1}
    ParseDict({"attributes": key_values(resource.items())}, resource_spans.resource)
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = "test"
    for number, attributes in enumerate(spans, 1):
        span = Span(
            trace_id=bytes(15) + b"\7",
            span_id=number.to_bytes(8, "big"),
            parent_span_id=b"" if number == 1 else bytes(7) + b"\1",
            name=f"span {number}",
            kind=Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=NOW_NS + number,
            end_time_unix_nano=NOW_NS + number * 1000,
            trace_state="a=b",
        )
        ParseDict({"attributes": key_values(attributes.items())}, span)
        scope_spans.spans.append(span)
    scope_spans.spans[0].status.code = Status.STATUS_CODE_ERROR
    scope_spans.spans[0].status.message = "rate limit"
    event = scope_spans.spans[0].events.add()
    event.name, event.time_unix_nano = "exception", NOW_NS + 5
    ParseDict({"attributes": key_values({"exception.message": "no", "n": 1, "f": 1.5}.items())}, event)
    link = scope_spans.spans[0].links.add()
    link.trace_id, link.span_id = b"\1" * 16, b"\2" * 8
    return request


def full(record: SpanRecord) -> SpanRecord:
    """The record as a reader returns it."""
    return cast(SpanRecord, {key: record.get(key, default_of(key)) for key in RECORD_KEYS})


def comparable(record: SpanRecord) -> dict[str, Any]:
    """Everything that must survive."""
    return {key: value for key, value in record.items() if key not in OF_ITS_OWN}


def test_every_column_that_an_attribute_fills_is_exported_under_such_a_name() -> None:
    exported = {column: name for name, (column, _) in ATTRIBUTE_OF_COLUMN.items()}
    for name, column in exported.items():
        assert COLUMN_OF_ATTRIBUTE[column][0] == name
    written_apart = {"input", "output", "app"}
    assert {column for column, _ in COLUMN_OF_ATTRIBUTE.values()} - set(exported) == written_apart


@contextmanager
def collecting(store: Store, folder: Path) -> Iterator[httpx.Client]:
    """A real collector in front of a store; at the end everything it took is stored."""
    collector = Collector(
        store.writer,
        CollectorConfig(folder),
        CataloguePricer(),
        authenticate,
        events=EventStores.of(store),
    )
    collector.start()
    with serving(collector) as client:
        yield client
    collector.stop()


def test_a_download_that_is_posted_to_a_collector_is_the_same_trace(
    api: httpx.Client, api_url: str, store: Store, project: ProjectId, tmp_path: Path
) -> None:
    with collecting(store, tmp_path / "first") as collector:
        original = request_of(SPANS).SerializeToString()
        headers = {"authorization": f"Bearer {project}", "content-type": "application/x-protobuf"}
        assert collector.post("/v1/traces", content=original, headers=headers).status_code == 200
    trace_id = TraceId("0" * 31 + "7")
    file = api.get(f"/traces/{trace_id}/download").content
    with collecting(store, tmp_path / "second") as collector:
        headers = {"authorization": "Bearer the-copy", "content-type": "application/json"}
        answer = collector.post("/v1/traces", content=file, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {})
    downloads = SpanDownloads(store.engine)
    there, back = (
        list(itertools.chain(*downloads.pages(name, store.traces.read_rows(name, [trace_id]))))
        for name in (project, ProjectId("the-copy"))
    )
    assert len(there) == len(SPANS)
    assert [comparable(record) for record in back] == [comparable(record) for record in there]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
SCALARS = (
    TEXTS
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=5,
)
# A structure is stored as text: under a name that means something, text means something else.
KNOWN = st.dictionaries(st.sampled_from(sorted(COLUMN_OF_ATTRIBUTE)), SCALARS, max_size=6)
OTHER = st.dictionaries(TEXTS.map(lambda text: "x." + text), VALUES, max_size=6)
ATTRIBUTES = st.builds(lambda known, other: {**known, **other}, KNOWN, OTHER)


@settings(max_examples=150, deadline=None)
@given(st.lists(ATTRIBUTES, min_size=1, max_size=3))
def test_exporting_undoes_decoding_for_any_attributes(spans: list[dict[str, Any]]) -> None:
    decoder = SpanDecoder(CollectorConfig(Path("unused")), lambda record: None)
    records = [full(record) for record in decoder.decode(request_of(spans), "p", NOW_NS)]  # type: ignore[arg-type]
    request, refused = parse_trace_json(b"".join(otlp_json([records])))
    again = [full(record) for record in decoder.decode(request, "p", NOW_NS)]  # type: ignore[arg-type]
    assert refused == []
    assert [comparable(record) for record in again] == [comparable(record) for record in records]


@pytest.mark.parametrize(
    "scope",
    [
        "opentelemetry.instrumentation.bedrock",
        "strands.telemetry.tracer",
        "openlit.instrumentation.google_ai_studio",
    ],
)
def test_what_only_the_scope_tells_of_usage_is_told_once(scope: str) -> None:
    sent = {
        "gen_ai.operation.name": "chat",
        "gen_ai.server.time_to_first_token": 250,
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.cache_read.input_tokens": 400,
        "gen_ai.usage.output_tokens": 200,
        "gen_ai.usage.reasoning.output_tokens": 100,
    }
    request = request_of([sent])
    request.resource_spans[0].scope_spans[0].scope.name = scope
    decoder = SpanDecoder(CollectorConfig(Path("unused")), lambda record: None)
    records = [full(record) for record in decoder.decode(request, "p", NOW_NS)]  # type: ignore[arg-type]
    request, _ = parse_trace_json(b"".join(otlp_json([records])))
    again = [full(record) for record in decoder.decode(request, "p", NOW_NS)]  # type: ignore[arg-type]
    assert [comparable(record) for record in again] == [comparable(record) for record in records]


@pytest.mark.parametrize("text", ["[1]", "{", '"a"', "[null, {}]"])
def test_columns_with_another_shape_export_all_the_same(text: str) -> None:
    record = full(SpanRecord(trace_id="0" * 31 + "7", span_id="0" * 15 + "1", events=text, links=text))
    request, refused = parse_trace_json(b"".join(otlp_json([[record]])))
    assert refused == []
    assert len(request.resource_spans[0].scope_spans[0].spans) == 1
