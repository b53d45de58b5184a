"""One answer of a provider costs the same, whoever recorded it: 24,000 tokens of input, of which 20,000 were
read from a cache and 3,000 written to one, 2,000 of these for an hour, and 500 of output."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from sightline_collector import CollectorConfig
from sightline_collector.enrich import Enricher, mark_error_status
from sightline_collector.span_decoder import SpanDecoder
from sightline_core.pricing import CataloguePricer

MODEL = "claude-sonnet-4-5-20250929"
USD = Decimal("0.03225")
"""1,000 at 3, 20,000 at 0.3, 1,000 at 3.75, 2,000 at 6 and 500 at 15 dollars for a million."""
KEPT = {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000}
USAGE = {
    "input_tokens": 1000,
    "cache_read_input_tokens": 20000,
    "cache_creation_input_tokens": 3000,
    "cache_creation": KEPT,
    "output_tokens": 500,
    "service_tier": "standard",
}
BODY = json.dumps({"type": "message", "model": MODEL, "role": "assistant", "content": [], "usage": USAGE})
NAMED = {"gen_ai.request.model": MODEL, "gen_ai.system": "anthropic"}
TOTALS = {"gen_ai.usage.input_tokens": 24000, "gen_ai.usage.output_tokens": 500}
SENT: dict[str, dict[str, Any]] = {
    "OpenInference": {
        "openinference.span.kind": "LLM",
        "llm.provider": "anthropic",
        "llm.model_name": MODEL,
        "llm.token_count.prompt": 24000,
        "llm.token_count.completion": 500,
        "output.value": BODY,
    },
    "Langfuse": {
        "langfuse.observation.type": "generation",
        "langfuse.observation.model.name": MODEL,
        "langfuse.observation.metadata.ls_provider": '"anthropic"',
        "langfuse.observation.usage_details": json.dumps(
            {
                "input": 1000,
                "input_cache_read": 20000,
                "output": 500,
                **{f"input_{name}": n for name, n in KEPT.items()},
            }
        ),
    },
    "Logfire": {
        **NAMED,
        **TOTALS,
        "gen_ai.operation.name": "chat",
        "logfire.msg": "chat",
        "gen_ai.usage.details.cache_read_input_tokens": 20000,
        "gen_ai.usage.details.cache_creation_input_tokens": 3000,
        "gen_ai.usage.details.ephemeral_1h_input_tokens": 2000,
    },
    "Vercel": {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.id": MODEL,
        "ai.model.provider": "anthropic.messages",
        "ai.usage.inputTokens": 1000,
        "ai.usage.outputTokens": 500,
        "ai.usage.cachedInputTokens": 20000,
        "ai.response.providerMetadata": json.dumps({"anthropic": {"usage": USAGE}}),
    },
    "LangSmith": {
        **NAMED,
        **TOTALS,
        "langsmith.span.kind": "llm",
        "gen_ai.usage.input_token_details": str({"cache_read": 20000, "cache_creation": 0, **KEPT}),
    },
    "MLflow": {
        "mlflow.spanType": '"CHAT_MODEL"',
        "mlflow.llm.provider": '"anthropic"',
        "mlflow.chat.tokenUsage": json.dumps({"input_tokens": 1000, "output_tokens": 500}),
        "mlflow.spanOutputs": BODY,
    },
    "LiteLLM": {
        **NAMED,
        **TOTALS,
        "gen_ai.operation.name": "chat",
        "litellm.call_id": "c",
        "metadata.usage_object": str(
            {
                "prompt_tokens": 24000,
                "completion_tokens": 500,
                "prompt_tokens_details": {
                    "cached_tokens": 20000,
                    "cache_creation_tokens": 3000,
                    "cache_creation_token_details": KEPT,
                },
            }
        ),
    },
}


@pytest.mark.parametrize("emitter", SENT)
def test_an_answer_costs_the_same_whoever_recorded_it(emitter: str, tmp_path: Path) -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id = b"t" * 16, b"s" * 8
    span.start_time_unix_nano = span.end_time_unix_nano = 1_795_000_000_000_000_000
    for name, value in SENT[emitter].items():
        said = AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value)
        span.attributes.add(key=name, value=said)
    decoder = SpanDecoder(CollectorConfig(tmp_path), Enricher(CataloguePricer(), mark_error_status))
    (record,) = decoder.decode(request, "p", span.start_time_unix_nano)
    assert isinstance(record, dict)
    assert (record["cost_usd"], record["cost_state"], record["cost_reason"]) == (USD, "priced", "")
