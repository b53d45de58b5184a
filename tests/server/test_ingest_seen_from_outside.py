"""One failed span through a real server: why it failed in the API, and its way in `/metrics`."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.e2e.conftest import Server, start_server, stop_server
from tests.e2e.polling import until

PROTOBUF = {"content-type": "application/x-protobuf"}
TRACE_ID = f"{7:032x}"
SPAN_ID = f"{9:016x}"


def test_a_failed_span_has_its_cause_in_the_api_and_its_way_in_the_metrics(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    try:
        sent = httpx.post(f"{server.url}/v1/traces", content=_request(), headers=PROTOBUF)
        assert sent.status_code == 200
        given = {**PROTOBUF, "x-request-id": "of-a-proxy"}
        refused = httpx.post(f"{server.url}/v1/traces", content=b"\xff", headers=given)
        assert (refused.status_code, refused.headers["x-request-id"]) == (400, "of-a-proxy")
        trace = until(lambda: _trace(server))
        assert trace["spans"]["failure_category"] == ["rate_limit"]
        answer = server.get(f"/api/v1/traces/{TRACE_ID}/spans/{SPAN_ID}")
        assert answer.headers["content-encoding"] == "gzip"
        detail = answer.json()
        assert detail["failure"]["category"] == "rate_limit"
        assert detail["failure"]["reason"]
        metrics = until(lambda: _metrics(server))
        assert metrics["sightline_spans_received_total"] == 2
        assert metrics["sightline_spans_journaled_total"] == 1
        assert metrics['sightline_spans_rejected_total{reason="invalid"}'] == 1
        assert metrics['sightline_requests_refused_total{reason="bad_request"}'] == 1
        assert metrics['sightline_spans_rejected_total{reason="dead_letter"}'] == 0
        assert 'sightline_job_turns_total{name="rollups"}' in metrics
        assert metrics["sightline_flush_seconds_count"] == 1
        assert metrics["sightline_queue_spans"] == metrics["sightline_queue_age_seconds"] == 0
    finally:
        assert stop_server(server) == 0


def _request() -> bytes:
    """Return one failed call, and one span that has no identity."""
    now_ns = time.time_ns()
    failed = Span(
        trace_id=bytes.fromhex(TRACE_ID),
        span_id=bytes.fromhex(SPAN_ID),
        name="chat gpt-4o",
        start_time_unix_nano=now_ns - 1_000_000,
        end_time_unix_nano=now_ns,
        status=Status(code=Status.STATUS_CODE_ERROR, message="Error code: 429 - Rate limit reached"),
    )
    for key, value in (("gen_ai.operation.name", "chat"), ("error.type", "openai.RateLimitError")):
        failed.attributes.add(key=key).value.string_value = value
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend([failed, Span(name="no identity")])
    return request.SerializeToString()


def _trace(server: Server) -> Any:
    answer = server.get(f"/api/v1/traces/{TRACE_ID}")
    return answer.json() if answer.status_code == 200 else None


def _metrics(server: Server) -> dict[str, float] | None:
    """Return the series once the block is counted, which is after it can be read."""
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {name: float(value) for name, value in re.findall(r"^(sightline_\S+) (\S+)$", answer.text, re.M)}
    return found if found["sightline_spans_written_total"] == 1 else None
