"""Packages beside the client: guardrails, caches, Logfire and Celery, with the real packages.

Those that the development environment does without are in the environment of `make adapters`.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openai
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.instrumentation.fake_collector import FakeCollector
from tests.instrumentation.fake_openai import FakeOpenAI

import sightline
from sightline import estimate
from sightline.testing import CapturedSpans, capture_spans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names


def _only(captured: CapturedSpans) -> dict[str, Any]:
    assert len(captured.spans) == 1
    return dict(captured.spans[0].attributes or {})


def test_a_langchain_cache_reports_hits_and_misses() -> None:
    caches = pytest.importorskip("langchain_core.caches")
    from sightline.langchain import TracedCache

    messages = pytest.importorskip("langchain_core.messages")
    outputs = pytest.importorskip("langchain_core.outputs")
    usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
    answer = outputs.ChatGeneration(message=messages.AIMessage("yes", usage_metadata=usage))
    with capture_spans() as captured:
        traced = TracedCache(caches.InMemoryCache())
        assert traced.lookup("q", "llm") is None
        traced.update("q", "llm", [answer])
        assert asyncio.run(traced.alookup("q", "llm")) == [answer]
        missed, hit = (dict(span.attributes or {}) for span in captured.spans)
    assert missed[names.CACHE_HIT] is False
    assert (hit[names.CACHE_HIT], hit[names.CACHE_SAVED_TOKENS]) == (True, 7)


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


def test_what_a_queue_of_gradio_works_off_is_not_below_the_request_that_started_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Queue:  # as gradio.queueing has it: its tasks keep the context of their start
        def start(self) -> None:
            self.work = asyncio.get_running_loop().create_task(self._work())

        async def _work(self) -> None:
            with sightline.span("chat"):
                pass

    async def request() -> None:
        queue = Queue()
        with sightline.span("request"):
            queue.start()
        await queue.work

    monkeypatch.setitem(
        sys.modules, "gradio.queueing", SimpleNamespace(__name__="gradio.queueing", Queue=Queue)
    )
    with capture_spans() as captured:
        asyncio.run(request())
        parents = {span.name: span.parent for span in captured.spans}
    assert parents == {"request": None, "chat": None}


class _Vectorizer:
    dims, dtype = 2, "float32"

    def embed(self, prompt: str, **options: Any) -> list[float]:
        return [0.0, 1.0]


class _Index:
    """Answers as a Redis index would that holds what it was given."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = list(entries)
        vector = SimpleNamespace(attrs=SimpleNamespace(dims=_Vectorizer.dims))
        self.schema = SimpleNamespace(fields={"prompt_vector": vector})

    def query(self, query: Any) -> list[dict[str, Any]]:
        return self.entries


def test_redisvls_semantic_cache_reports_hits_with_similarity() -> None:
    semantic = pytest.importorskip("redisvl.extensions.cache.llm.semantic")
    hit = {"id": "k", "entry_id": "e", "prompt": "q", "response": "stored", "vector_distance": "0.25"}
    hit |= {"inserted_at": "1", "updated_at": "1", "key": "k"}

    base: Any = semantic.SemanticCache

    class WithoutRedis(base):  # type: ignore[misc]
        def __init__(self, index: _Index) -> None:
            self.name, self._index, self._vectorizer = "answers", index, _Vectorizer()
            self._distance_threshold, self._ttl = 0.5, None
            self.return_fields = ["response", "inserted_at"]

        def expire(self, key: str, ttl: int | None = None) -> None:
            """There is no server that could forget."""

    with capture_spans() as captured:
        assert WithoutRedis(_Index(hit)).check("q")[0]["response"] == "stored"
        assert WithoutRedis(_Index()).check("q") == []
        found, missed = (dict(span.attributes or {}) for span in captured.spans)
    assert (found[names.CACHE_HIT], found[names.CACHE_SIMILARITY]) == (True, 0.75)
    assert int(str(found[names.CACHE_AGE_S])) > 0
    assert found[names.OUTPUT] == "stored"
    assert missed[names.CACHE_HIT] is False


def test_beside_logfire_both_have_their_span_and_ours_is_below(client: openai.OpenAI) -> None:
    logfire = pytest.importorskip("logfire")
    kept = InMemorySpanExporter()
    local = logfire.configure(
        local=True, send_to_logfire=False, console=False,
        additional_span_processors=[SimpleSpanProcessor(kept)],
    )  # fmt: skip
    messages: Any = [{"role": "user", "content": "hi"}]
    sightline.instrument(tracer_provider=local.config.get_tracer_provider())
    try:
        with local.instrument_openai(client):
            client.chat.completions.create(model="m", messages=messages)
            list(client.chat.completions.create(model="m", messages=messages, stream=True))
            with logfire.suppress_instrumentation():
                client.chat.completions.create(model="m", messages=messages)
    finally:
        sightline.uninstrument()
    spans: list[Any] = list(kept.get_finished_spans())
    ours = [span for span in spans if span.instrumentation_scope.name == "sightline"]
    outer = {span.context.span_id for span in spans if "openai" in span.instrumentation_scope.name}
    assert [span.attributes[gen_ai.RESPONSE_ID] for span in ours] == ["chatcmpl-1", "chatcmpl-1"]
    assert all(span.parent.span_id in outer for span in ours)


def test_estimates_are_tiktokens_where_its_encoding_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiktoken = pytest.importorskip("tiktoken")
    registry = pytest.importorskip("tiktoken.registry")
    ranks = {bytes([byte]): byte for byte in range(256)}
    encoding = tiktoken.Encoding("o200k_base", pat_str=".", mergeable_ranks=ranks, special_tokens={})
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    for encodings, expected in (({}, 2), ({"o200k_base": encoding}, 8)):
        estimate._offline_encoding.cache_clear()
        monkeypatch.setattr(registry, "ENCODINGS", encodings)
        assert estimate.count_tokens("8 letter", "gpt-4o") == expected
    estimate._offline_encoding.cache_clear()


CELERY = """
import os, signal, sys, threading, time
import openai, sightline
from celery import Celery, signals
sightline.instrument(app="jobs")
here = sys.argv[1]
folders = {"data_folder_in": here, "data_folder_out": here, "control_folder": here + "/c"}
app = Celery("jobs", broker="filesystem://", set_as_current=True)
app.conf.update(broker_transport_options=folders, worker_max_tasks_per_child=1)
model = openai.OpenAI(api_key="k", base_url=os.environ["MODEL_URL"])

@app.task(name="ask")
def ask():
    model.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])

@signals.task_success.connect  # in the process that is replaced
def note(**told):
    with open(here + "/done", "a") as done:
        done.write(".")

def stop():
    while not os.path.exists(here + "/done") or os.path.getsize(here + "/done") < 2:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)

ask.delay()
ask.delay()
threading.Thread(target=stop, daemon=True).start()
app.worker_main(["worker", "-c1", "-Pprefork", "--loglevel=ERROR", "--without-gossip", "--without-mingle"])
"""


def test_a_process_that_celery_replaces_sends_what_it_queued(
    server: FakeOpenAI, collector: FakeCollector, tmp_path: Path
) -> None:
    pytest.importorskip("celery")
    environment = {**os.environ, "MODEL_URL": server.base_url, "SIGHTLINE_ENDPOINT": collector.endpoint}
    command = [sys.executable, "-c", CELERY, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert [span.name for _, span in collector.spans()] == ["chat m"] * 2, done.stderr
