"""The main job: the real client, the one line, a real server, and the same figures back from the API."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.e2e.conftest import Server
from tests.e2e.polling import until

APP = """
import asyncio, json, os
import sightline
sightline.instrument(app="one-line", endpoint=os.environ["SIGHTLINE"])
import openai

ask = [{"role": "user", "content": "Where is my order 1234?"}]
client = openai.OpenAI(api_key="sk-test", base_url=os.environ["OPENAI"])
seen = []

def note(kind, response):
    usage = response.usage
    seen.append({
        "kind": kind,
        "id": response.id,
        "input": getattr(usage, "prompt_tokens", None) or getattr(usage, "input_tokens", None),
        "output": getattr(usage, "completion_tokens", None) or getattr(usage, "output_tokens", None),
        "fingerprint": getattr(response, "system_fingerprint", None),
    })

with sightline.span("answer", kind="workflow"), sightline.context(session="s-1", user="u-7"):
    note("chat", client.chat.completions.create(model="gpt-4o-mini", messages=ask))
    note("responses", client.responses.create(model="gpt-4o-mini", input="Where is my order 1234?"))
    last = None
    with client.chat.completions.create(
        model="gpt-4o-mini", messages=ask, stream=True, stream_options={"include_usage": True}
    ) as stream:
        for chunk in stream:
            last = chunk
    note("stream", last)

    async def main():
        async with openai.AsyncOpenAI(api_key="sk-test", base_url=os.environ["OPENAI"]) as client:
            note("async", await client.chat.completions.create(model="gpt-4o-mini", messages=ask))
    asyncio.run(main())
client.close()
report = sightline.flush()
assert report.dropped == 0, report
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def calls(server: Server, openai_url: str) -> list[dict[str, Any]]:
    """What the app itself saw of its four calls."""
    done = subprocess.run(
        [sys.executable, "-c", APP],
        env={"SIGHTLINE": server.url, "OPENAI": openai_url, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert isinstance(seen, list)
    return seen


def test_api_returns_the_tokens_and_cost_the_client_saw(server: Server, calls: list[dict[str, Any]]) -> None:
    summary = until(lambda: _trace_of(server, "one-line", spans=5))
    assert summary["name"] == "answer"
    assert summary["kind"] == "workflow"
    assert summary["session"] == "s-1"
    assert summary["user"] == "u-7"
    assert summary["llm_calls"] == 4
    assert summary["tokens"]["input"] == sum(call["input"] for call in calls)
    assert summary["tokens"]["output"] == sum(call["output"] for call in calls)

    trace = server.get(f"/api/v1/traces/{summary['trace_id']}").json()
    details = [
        server.get(f"/api/v1/traces/{summary['trace_id']}/spans/{span_id}").json()
        for span_id, kind in zip(trace["spans"]["span_id"], trace["spans"]["kind"], strict=True)
        if kind == "llm"
    ]
    by_id = {detail["response_id"]: detail for detail in details}
    for call in calls:
        detail = by_id[call["id"]]
        assert detail["tokens"]["input"] == call["input"]
        assert detail["tokens"]["output"] == call["output"]
        assert detail["system_fingerprint"] == (call["fingerprint"] or "")
        assert detail["cost"]["state"] == "priced"
        assert detail["input_messages"][-1]["parts"][0]["content"] == "Where is my order 1234?"
        assert detail["output_messages"][0]["role"] == "assistant"
    costs = [Decimal(detail["cost"]["usd"]) for detail in details]
    assert min(costs) > 0
    assert Decimal(summary["cost"]["usd"]) == sum(costs)


def test_app_is_listed_with_its_traces(server: Server, calls: list[dict[str, Any]]) -> None:
    until(lambda: _trace_of(server, "one-line", spans=5))
    apps = {app["app"]: app for app in server.get("/api/v1/apps").json()["apps"]}
    assert apps["one-line"]["traces"] == 1
    assert apps["one-line"]["errors"] == 0


def test_unknown_trace_is_a_404_problem(server: Server) -> None:
    answer = server.get(f"/api/v1/traces/{'ab' * 16}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_server_lives_on_after_a_body_that_is_not_otlp(server: Server) -> None:
    answer = httpx.post(
        f"{server.url}/v1/traces", content=b"hello", headers={"content-type": "application/x-protobuf"}
    )
    assert answer.status_code == 400
    assert server.get("/readyz").status_code == 200


def _trace_of(server: Server, app: str, *, spans: int) -> dict[str, Any] | None:
    traces = server.get("/api/v1/traces", app=app).json()["traces"]
    complete = [trace for trace in traces if trace["span_count"] == spans and not trace["running"]]
    return complete[0] if complete else None
