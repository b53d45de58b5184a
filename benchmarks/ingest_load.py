"""The load of the ingest benchmark: requests of 512 spans with about 20 attributes and 1–4 KB prompts."""

import json
import random

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SPANS_PER_REQUEST = 512
_WORDS = [
    f"{first}{second}" for first in ("order", "refund", "ticket", "price", "ship") for second in "abcdefgh"
]


def make_request(number: int, now_ns: int) -> bytes:
    """Return one request; the same number gives the same ids and texts. One span in four is no model call."""
    chance = random.Random(number)
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    for name, value in (("service.name", f"app-{number % 7}"), ("deployment.environment.name", "prod")):
        resource_spans.resource.attributes.add(key=name).value.string_value = value
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = "benchmark"
    for position in range(SPANS_PER_REQUEST):
        if position % 8 == 0:
            trace = chance.getrandbits(127) + 1
        span = scope_spans.spans.add(
            trace_id=trace.to_bytes(16, "big"),
            span_id=(chance.getrandbits(63) + 1).to_bytes(8, "big"),
            start_time_unix_nano=now_ns - chance.randrange(10**9),
            end_time_unix_nano=now_ns,
        )
        if position % 4:
            _model_call(span, chance)
        else:
            _tool_call(span, chance)
    return request.SerializeToString()


def _model_call(span: Span, chance: random.Random) -> None:
    span.name, span.kind = "chat gpt-4o", Span.SPAN_KIND_CLIENT
    _texts(
        span,
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.id": f"chatcmpl-{chance.getrandbits(64):x}",
            "openai.response.system_fingerprint": "fp_a1b2",
            "openai.api.type": "chat_completions",
            "server.address": "api.example.com",
            "session.id": f"session-{chance.randrange(1000)}",
            "user.id": f"user-{chance.randrange(100)}",
            "gen_ai.input.messages": _messages("user", chance, chance.randrange(1_000, 4_000)),
            "gen_ai.output.messages": _messages("assistant", chance, chance.randrange(200, 800)),
            "sightline.request.fingerprint": f"{chance.getrandbits(64):x}",
            "team": "support",
        },
    )
    for name, count in (
        ("gen_ai.usage.input_tokens", chance.randrange(200, 1_000)),
        ("gen_ai.usage.output_tokens", chance.randrange(50, 200)),
        ("gen_ai.usage.cache_read.input_tokens", chance.randrange(0, 200)),
        ("gen_ai.request.max_tokens", 1_000),
        ("server.port", 443),
    ):
        span.attributes.add(key=name).value.int_value = count
    reasons = span.attributes.add(key="gen_ai.response.finish_reasons").value.array_value.values
    reasons.add(string_value="stop")


def _tool_call(span: Span, chance: random.Random) -> None:
    span.name = "execute_tool search"
    _texts(
        span,
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            "gen_ai.tool.call.arguments": json.dumps({"query": _text(chance, 100)}),
            "gen_ai.tool.call.result": _text(chance, 1_000),
        },
    )


def _messages(role: str, chance: random.Random, size: int) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": _text(chance, size)}]}])


def _text(chance: random.Random, size: int) -> str:
    return " ".join(chance.choices(_WORDS, k=size // 7))


def _texts(span: Span, values: dict[str, str]) -> None:
    for name, value in values.items():
        span.attributes.add(key=name).value.string_value = value
