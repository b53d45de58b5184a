"""Traces as an emitter would post them, for tests that need many or of chosen times."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.e2e.conftest import Server

MODEL = "gpt-4o-mini"


@dataclass(frozen=True)
class GivenTrace:
    """A root span with one model call below it."""

    name: str
    age_s: float = 1.0
    duration_ms: int = 100
    tokens: int = 1000
    model: str = MODEL
    error: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))


def post_traces(server: Server, app: str, traces: Iterable[GivenTrace], environment: str = "test") -> None:
    """Send the traces as OTLP JSON of one app."""
    spans = [span for trace in traces for span in _spans(trace, time.time_ns())]
    resource = {"service.name": app, "deployment.environment.name": environment}
    body = {
        "resourceSpans": [
            {"resource": {"attributes": _attributes(resource)}, "scopeSpans": [{"spans": spans}]},
        ]
    }
    answer = httpx.post(f"{server.url}/v1/traces", json=body, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {})


def count(server: Server, query: str) -> int:
    """How many traces of the last day match, as the API counts them."""
    buckets = server.get("/api/v1/traces/histogram", q=query, since="24h").json()["buckets"]
    return sum(bucket["traces"] for bucket in buckets)


def _spans(trace: GivenTrace, now_ns: int) -> list[dict[str, Any]]:
    start = now_ns - int(trace.age_s * 1e9)
    end = start + trace.duration_ms * 1_000_000
    root = secrets.token_hex(8)
    call: dict[str, str | int] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": trace.model,
        "gen_ai.response.model": trace.model,
        "gen_ai.usage.input_tokens": trace.tokens,
    }
    status = {"code": 2, "message": trace.error} if trace.error else {}
    common = {"traceId": trace.trace_id, "startTimeUnixNano": str(start), "endTimeUnixNano": str(end)}
    return [
        {**common, "spanId": root, "name": trace.name, "status": status}
        | {"attributes": _attributes(trace.attributes)},
        {**common, "spanId": secrets.token_hex(8), "parentSpanId": root, "name": f"chat {trace.model}"}
        | {"attributes": _attributes(call)},
    ]


def _attributes(values: Mapping[str, str | int]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]
