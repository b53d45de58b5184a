"""Single spans as an emitter would post them, in short forms."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import httpx
from tests.e2e.conftest import Server

MS = 1_000_000


class GivenSpan(TypedDict):
    """A span; times are milliseconds after the moment of posting, less `age_s` of the whole call."""

    trace: str
    id: str
    name: str
    parent: NotRequired[str]
    start_ms: NotRequired[float]
    last_ms: NotRequired[float]
    error: NotRequired[str]
    attributes: NotRequired[Mapping[str, str | int]]


def post_spans(server: Server, app: str, spans: Sequence[GivenSpan], *, age_s: float = 0) -> None:
    """Send spans as OTLP JSON of one app; without a start they follow each other by a microsecond."""
    now = time.time_ns() - int(age_s * 1e9)
    body = {
        "resourceSpans": [
            {
                "resource": {"attributes": [_attribute("service.name", app)]},
                "scopeSpans": [{"spans": [_span(span, now, i) for i, span in enumerate(spans)]}],
            }
        ]
    }
    answer = httpx.post(f"{server.url}/v1/traces", json=body, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {})


def messages(*turns: tuple[str, str]) -> str:
    """Return a conversation of (role, text) as the conventions write it."""
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in turns])


def _span(span: GivenSpan, now_ns: int, index: int) -> dict[str, Any]:
    start = now_ns + int(span.get("start_ms", index * 0.001) * MS)
    return {
        "traceId": span["trace"],
        "spanId": span["id"],
        "parentSpanId": span.get("parent", ""),
        "name": span["name"],
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(span.get("last_ms", 5) * MS)),
        "status": {"code": 2, "message": span["error"]} if "error" in span else {},
        "attributes": [_attribute(key, value) for key, value in span.get("attributes", {}).items()],
    }


def _attribute(key: str, value: str | int) -> dict[str, Any]:
    return {
        "key": key,
        "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
    }
