"""From an exporter's request to an event of a live tail, through a running server."""

import json
from pathlib import Path

import httpx
from tests.e2e.conftest import start_server, stop_server
from tests.server.test_mcp import TRACE, otlp


def test_what_an_exporter_sends_arrives_at_a_tail_of_a_query(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    try:
        address = f"{server.url}/api/v1/traces/tail"
        with httpx.stream("GET", address, params={"q": "app:shop errors>0"}, timeout=60) as tail:
            other = otlp()
            other["resourceSpans"][0]["resource"]["attributes"][0]["value"] = {"stringValue": "desk"}
            for span in other["resourceSpans"][0]["scopeSpans"][0]["spans"]:
                span["traceId"] = "cd" * 16
            for body in (other, otlp()):
                assert httpx.post(f"{server.url}/v1/traces", json=body).status_code == 200
            data = next(line for line in tail.iter_lines() if line.startswith("data: "))
        trace = json.loads(data.removeprefix("data: "))
        assert (trace["trace_id"], trace["app"], trace["error_count"]) == (TRACE, "shop", 1)
    finally:
        assert stop_server(server) == 0
