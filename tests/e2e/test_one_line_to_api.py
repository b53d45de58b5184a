"""The main job: the real client, the one line, a real server, and the same figures back from the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
from tests.e2e.conftest import Server, trace_of
from tests.e2e.polling import until


def test_api_returns_the_tokens_and_cost_the_client_saw(
    server: Server, one_line_calls: list[dict[str, Any]]
) -> None:
    summary = until(lambda: trace_of(server, "one-line", spans=5))
    assert summary["name"] == "answer"
    assert summary["kind"] == "workflow"
    assert summary["session"] == "s-1"
    assert summary["user"] == "u-7"
    assert summary["llm_calls"] == 4
    assert summary["tokens"]["input"] == sum(call["input"] for call in one_line_calls)
    assert summary["tokens"]["output"] == sum(call["output"] for call in one_line_calls)

    trace = server.get(f"/api/v1/traces/{summary['trace_id']}").json()
    details = [
        server.get(f"/api/v1/traces/{summary['trace_id']}/spans/{span_id}").json()
        for span_id, kind in zip(trace["spans"]["span_id"], trace["spans"]["kind"], strict=True)
        if kind == "llm"
    ]
    by_id = {detail["response_id"]: detail for detail in details}
    for call in one_line_calls:
        detail = by_id[call["id"]]
        assert detail["tokens"]["input"] == call["input"]
        assert detail["tokens"]["output"] == call["output"]
        assert detail["system_fingerprint"] == (call["fingerprint"] or "")
        # The stand-in for OpenAI is a host that no catalogue knows.
        assert detail["cost"]["state"] == "estimated"
        assert detail["input_messages"][-1]["parts"][0]["content"] == "Where is my order 1234?"
        assert detail["output_messages"][0]["role"] == "assistant"
    costs = [Decimal(detail["cost"]["usd"]) for detail in details]
    assert min(costs) > 0
    assert Decimal(summary["cost"]["usd"]) == sum(costs)


def test_app_is_listed_with_its_traces(server: Server, one_line_calls: list[dict[str, Any]]) -> None:
    until(lambda: trace_of(server, "one-line", spans=5))
    apps = {app["app"]: app for app in server.get("/api/v1/apps").json()["apps"]}
    assert apps["one-line"]["traces"] == 1
    assert apps["one-line"]["errors"] == 0


def test_unknown_trace_is_a_404_problem(server: Server) -> None:
    answer = server.get(f"/api/v1/traces/{'7e57' * 8}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_server_lives_on_after_a_body_that_is_not_otlp(server: Server) -> None:
    answer = httpx.post(
        f"{server.url}/v1/traces", content=b"hello", headers={"content-type": "application/x-protobuf"}
    )
    assert answer.status_code == 400
    assert server.get("/readyz").status_code == 200
