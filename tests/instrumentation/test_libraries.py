"""Packages beside the client: guardrails, caches and WebSocket connections, each with the real package."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import openai
import pytest

from sightline.testing import CapturedSpans, capture_spans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names


def _only(captured: CapturedSpans) -> dict[str, Any]:
    assert len(captured.spans) == 1
    return dict(captured.spans[0].attributes or {})


def _realtime(client: Any) -> Any:
    return getattr(client, "realtime", None) or client.beta.realtime  # an old client's


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the client connects the older way
def test_opening_a_realtime_connection_is_a_span() -> None:
    server_module = pytest.importorskip("websockets.sync.server")
    with server_module.serve(lambda connection: connection.recv(), "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        client = openai.OpenAI(api_key="k", websocket_base_url=f"ws://127.0.0.1:{port}/v1")
        with capture_spans() as captured, _realtime(client).connect(model="gpt-realtime") as connection:
            connection.close()
        server.shutdown()
        thread.join()
    attributes = _only(captured)
    assert attributes[gen_ai.OPERATION_NAME] == "connect"
    assert attributes[gen_ai.REQUEST_MODEL] == "gpt-realtime"


def test_a_langchain_cache_reports_hits_and_misses() -> None:
    caches = pytest.importorskip("langchain_core.caches")
    from sightline.langchain import TracedCache

    with capture_spans() as captured:
        traced = TracedCache(caches.InMemoryCache())
        assert traced.lookup("q", "llm") is None
        traced.update("q", "llm", ["answer"])
        assert asyncio.run(traced.alookup("q", "llm")) == ["answer"]
        hits = [dict(span.attributes or {})[names.CACHE_HIT] for span in captured.spans]
    assert hits == [False, True]


def test_openai_guardrails_become_verdicts() -> None:
    runtime = pytest.importorskip("guardrails.runtime")
    registry = pytest.importorskip("guardrails.registry")

    spec = registry.default_spec_registry.get("Keyword Filter")
    config = spec.config_schema(keywords=["secret"])
    with capture_spans() as captured:
        guardrail = runtime.ConfiguredGuardrail(definition=spec, config=config)
        results = runtime.run_guardrails(
            SimpleNamespace(),
            "a secret",
            "text/plain",
            [guardrail],
            suppress_tripwire=True,
            stage_name="output",
        )
        assert asyncio.run(results)[0].tripwire_triggered
    attributes = _only(captured)
    assert attributes[names.GUARDRAIL_NAME] == "Keyword Filter"
    assert attributes[names.GUARDRAIL_OUTCOME] == "block"
    assert attributes[names.GUARDRAIL_STAGE] == "output"
