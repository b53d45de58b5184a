"""The WebSocket APIs of the client against a real WebSocket server on loopback."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import openai
import pytest
from opentelemetry.trace import StatusCode

from sightline.testing import capture_spans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names

# The older way of the library, which the client uses.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

USAGE = {
    "input_tokens": 20, "output_tokens": 9, "total_tokens": 29,
    "input_token_details": {
        "cached_tokens": 4, "audio_tokens": 15, "text_tokens": 5,
        "cached_tokens_details": {"audio_tokens": 3, "text_tokens": 1},
    },
    "output_token_details": {"audio_tokens": 8, "text_tokens": 1},
}  # fmt: skip
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "transcript": "Hello."}]}


def _events(answer_id: str, last: dict[str, Any]) -> list[dict[str, Any]]:
    begun = {"id": answer_id, "object": "realtime.response", "status": "in_progress", "output": []}
    return [
        {"type": "response.created", "event_id": "1", "response": begun},
        {"type": "response.output_audio.delta", "event_id": "2", "response_id": answer_id, "delta": "AAAA"},
        {"type": "response.done", "event_id": "3", "response": {**begun, **last}},
    ]


@contextmanager
def _server(events: list[dict[str, Any]]) -> Generator[str]:
    """Sends the events to whoever connects, then waits for them to leave."""
    module = pytest.importorskip("websockets.sync.server")

    def answer(connection: Any) -> None:
        for event in events:
            connection.send(json.dumps(event))
        for _ in connection:
            """The app says nothing."""

    with module.serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1"
        server.shutdown()
        thread.join()


def _realtime(client: Any) -> Any:
    return getattr(client, "realtime", None) or client.beta.realtime  # an old client's


def test_opening_a_connection_and_each_answer_on_it_are_spans() -> None:
    events = _events("resp_1", {"status": "completed", "output": [SAID], "usage": USAGE})
    failure = {"type": "failed", "error": {"type": "server_error", "code": "overloaded"}}
    events += _events("resp_2", {"status": "failed", "status_details": failure})
    events += _events("resp_3", {})[:1]
    with _server(events) as url, capture_spans() as captured:
        client = openai.OpenAI(api_key="k", websocket_base_url=url)
        with _realtime(client).connect(model="gpt-realtime") as connection:
            kinds = [connection.recv().type for _ in events]
    assert kinds[:3] == ["response.created", "response.output_audio.delta", "response.done"]
    found: list[dict[str, Any]] = [dict(span.attributes or {}) for span in captured.spans]
    opened, answered, failed, left = found
    assert (opened[gen_ai.OPERATION_NAME], opened[gen_ai.REQUEST_MODEL]) == ("connect", "gpt-realtime")
    expected: dict[str, Any] = {
        gen_ai.RESPONSE_ID: "resp_1",
        gen_ai.REQUEST_MODEL: "gpt-realtime",
        gen_ai.USAGE_INPUT_TOKENS: 20,
        gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: 4,
        gen_ai.USAGE_AUDIO_INPUT_TOKENS: 15,
        gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: 3,
        gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS: 1,
        gen_ai.USAGE_AUDIO_OUTPUT_TOKENS: 8,
        names.STREAM_OUTCOME: "complete",
    }
    assert answered.items() >= expected.items()
    assert answered[gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK] > 0
    assert "Hello." in answered[gen_ai.OUTPUT_MESSAGES]
    assert names.REQUEST_FINGERPRINT not in answered
    assert failed[names.ERROR_CODE] == "overloaded"
    assert captured.spans[2].status.status_code is StatusCode.ERROR
    assert left[names.STREAM_OUTCOME] == "abandoned"


def test_async_connections_are_read_too() -> None:
    events = _events("resp_1", {"status": "completed", "output": [SAID], "usage": USAGE})

    async def talk(url: str) -> None:
        client = openai.AsyncOpenAI(api_key="k", websocket_base_url=url)
        async with _realtime(client).connect(model="gpt-realtime") as connection:
            for _ in events:
                await connection.recv()

    with _server(events) as url, capture_spans() as captured:
        asyncio.run(talk(url))
        found = [dict(span.attributes or {}).get(gen_ai.USAGE_OUTPUT_TOKENS) for span in captured.spans]
    assert found == [None, 9]


def test_answers_of_the_responses_api_over_a_connection_are_spans() -> None:
    client_class: Any = openai.OpenAI
    parts = [{"type": "output_text", "text": "Hi"}]
    body = {
        "id": "resp_1", "object": "response", "model": "gpt-test", "status": "completed",
        "output": [{"type": "message", "role": "assistant", "content": parts}],
        "usage": {"input_tokens": 3, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 1}},
    }  # fmt: skip
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**body, "status": "in_progress", "output": []}},
        {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"},
        {"type": "response.completed", "response": body},
    ]
    with _server(events) as url, capture_spans() as captured:
        client = client_class(api_key="k", websocket_base_url=url)
        if not hasattr(client.responses, "connect"):
            pytest.skip("this client has no responses.connect")
        with client.responses.connect() as connection:
            for _ in events:
                connection.recv()
        attributes = dict(captured.spans[-1].attributes or {})
    assert attributes[gen_ai.RESPONSE_MODEL] == "gpt-test"
    assert (attributes[gen_ai.USAGE_INPUT_TOKENS], attributes[gen_ai.USAGE_OUTPUT_TOKENS]) == (3, 2)
    assert attributes[gen_ai.RESPONSE_FINISH_REASONS] == ("stop",)
