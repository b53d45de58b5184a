"""Making a recorded call again, against an endpoint on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from tests.e2e.conftest import start_server, stop_server
from tests.e2e.polling import until
from tests.server.test_mcp import HOSTILE, TRACE, otlp

from sightline_api.replay_request import replay_request
from sightline_core.errors import Conflict, NotFound
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.pricing import CataloguePricer
from sightline_core.settings import Settings
from sightline_server.replay import MAX_ANSWER, Replayer, build_replayer
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.spans.span_table import RECORD_KEYS, default_of

ANSWER = {
    "id": "chatcmpl-9",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris"}}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
}


class Endpoint(BaseHTTPRequestHandler):
    """Answers by the model that is asked for."""

    seen: list[Any]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.path, self.headers.get("authorization"), body))
        model = body["model"]
        if model == "limited":
            self._answer(429, json.dumps({"error": {"message": "Rate limit reached"}}).encode())
        elif model == "elsewhere":
            self._answer(307, b"", location="http://127.0.0.1:9/stolen")
        elif model == "page":
            self._answer(200, b"<html>")
        elif model == "endless":
            self._answer(200, b"{" + b" " * (MAX_ANSWER + 1))
        else:
            self._answer(200, json.dumps(ANSWER).encode())

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Any]]]:
    """The base URL of an API, and what it was sent."""
    seen: list[Any] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Endpoint,), {"seen": seen})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/", seen
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One embedded store."""
    opened = open_store(StoreConfig(data_dir=tmp_path_factory.mktemp("store")))
    yield opened
    opened.close()


def original(model: str = "gpt-4o-mini") -> SpanRecord:
    """A recorded chat call."""
    given = SpanRecord(
        trace_id="a" * 32,
        span_id="b" * 16,
        kind="llm",
        operation="chat",
        provider="openai",
        request_model=model,
        app="geography",
        service="geography-api",
        environment="prod",
        input=json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Capital of France?"}]}]),
    )
    return SpanRecord(**{key: given.get(key, default_of(key)) for key in RECORD_KEYS})  # type: ignore[typeddict-item,no-any-return]


def replayer(store: Store, folder: Path, url: str) -> Replayer:
    """A replayer for an endpoint."""
    settings = Settings(data_dir=folder, replay_base_url=url, replay_api_key=SecretStr("sk-operator"))
    return build_replayer(settings, store.writer, CataloguePricer())


def test_a_call_that_is_made_again_is_a_trace_that_links_to_the_old_one(
    store: Store, endpoint: tuple[str, list[Any]], tmp_path: Path
) -> None:
    url, seen = endpoint
    old = original()
    request = replay_request(old)
    replayed = replayer(store, tmp_path, url).replay(DEFAULT_PROJECT, request, old)
    assert (replayed.http_status, replayed.error) == (200, "")
    assert seen == [("/v1/chat/completions", "Bearer sk-operator", request.body)]
    row, _ = store.traces.read_trace(DEFAULT_PROJECT, replayed.trace_id)
    assert (row.app, row.environment, row.output_preview) == ("geography", "prod", "Paris")
    span = store.traces.read_span(DEFAULT_PROJECT, replayed.trace_id, replayed.span_id)
    assert json.loads(span["links"])[0]["span_id"] == old["span_id"]
    assert span["attributes"]["sightline.replay.trace_id"] == old["trace_id"]
    assert span["attributes"]["sightline.replay.span_id"] == old["span_id"]
    assert (span["tags"], span["finish_reasons"]) == (["replay"], ["stop"])
    assert (span["input_tokens"], span["output_tokens"]) == (12, 3)
    assert json.loads(span["input"]) == json.loads(old["input"])
    assert "sk-operator" not in str(span)

    again = replayer(store, tmp_path, url).replay(DEFAULT_PROJECT, request, span)
    assert store.delete_traces(DEFAULT_PROJECT, [old["trace_id"]]) == 2
    with pytest.raises(NotFound):
        store.traces.read_trace(DEFAULT_PROJECT, again.trace_id)


@pytest.mark.parametrize(
    ("model", "status", "error"),
    [
        ("limited", 429, "Rate limit reached"),
        ("elsewhere", 307, "the endpoint answered 307"),
        ("page", 200, "not a JSON object"),
        ("endless", 200, "not a JSON object"),
    ],
)
def test_a_call_that_fails_is_recorded_with_its_reason(
    model: str, status: int, error: str, store: Store, endpoint: tuple[str, list[Any]], tmp_path: Path
) -> None:
    old = original(model)
    replayed = replayer(store, tmp_path, endpoint[0]).replay(DEFAULT_PROJECT, replay_request(old), old)
    assert replayed.http_status == status
    assert error in replayed.error
    span = store.traces.read_span(DEFAULT_PROJECT, replayed.trace_id, replayed.span_id)
    assert span["status"] == "error"
    assert error in span["status_message"]
    assert span["failure_category"]


def test_an_endpoint_that_does_not_answer_is_recorded_too(store: Store, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as closed:
        url = f"http://127.0.0.1:{closed.server_port}/v1"
    old = original()
    replayed = replayer(store, tmp_path, url).replay(DEFAULT_PROJECT, replay_request(old), old)
    assert replayed.http_status == 0
    span = store.traces.read_span(DEFAULT_PROJECT, replayed.trace_id, replayed.span_id)
    assert (span["status"], span["error_type"]) == ("error", "ConnectError")


def test_without_an_endpoint_nothing_is_stored(store: Store, tmp_path: Path) -> None:
    old = original()
    with pytest.raises(Conflict, match="SIGHTLINE_REPLAY_BASE_URL"):
        replayer(store, tmp_path, "").replay(DEFAULT_PROJECT, replay_request(old), old)


def test_a_running_server_replays_what_it_recorded(
    endpoint: tuple[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, seen = endpoint
    monkeypatch.setenv("SIGHTLINE_REPLAY_BASE_URL", url)
    monkeypatch.setenv("SIGHTLINE_REPLAY_API_KEY", "sk-operator")
    server = start_server(tmp_path)
    try:
        assert httpx.post(f"{server.url}/v1/traces", json=otlp()).status_code == 200
        replay = f"/api/v1/traces/{TRACE}/spans/0000000000000002/replay"
        until(lambda: server.get(replay).status_code == 200)
        answer = httpx.post(
            f"{server.url}{replay}", headers={"content-type": "application/json"}, timeout=60
        ).json()
        assert (answer["http_status"], answer["error"]) == (200, None)
        span = server.get(f"/api/v1/traces/{answer['trace_id']}/spans/{answer['span_id']}").json()
        assert span["links"][0]["trace_id"] == TRACE
        assert span["output_messages"][0]["parts"][0]["content"] == "Paris"
        found = server.get("/api/v1/traces", q="tag:replay").json()["traces"]
        assert [trace["trace_id"] for trace in found] == [answer["trace_id"]]
        assert [body["messages"][0]["content"] for _, _, body in seen] == [HOSTILE]
    finally:
        assert stop_server(server) == 0
