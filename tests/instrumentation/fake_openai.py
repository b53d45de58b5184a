# ruff: noqa: E501 - bodies of one event a row
"""A server on loopback that speaks OpenAI's wire format; what it does is chosen by the model's name.

`model` may be a behaviour: `status-429`, `flaky-2` (two 429s, then success), `hang`, `not-json`, `cut`,
`sse-error`, `no-usage`, `tools`, `refuse`, `azure-filter`, `null-choices`, `two`, `bad-json`, `slow`, `queued`.
"""

from __future__ import annotations

import base64
import itertools
import json
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 0},
}
RESPONSE_USAGE = {
    "input_tokens": 11,
    "output_tokens": 7,
    "total_tokens": 18,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
    "output_tokens_details": {"reasoning_tokens": 3},
}
IDENTITY = {
    "id": "chatcmpl-1",
    "model": "gpt-test-2026",
    "system_fingerprint": "fp_test",
    "service_tier": "default",
}
_turns = itertools.count()
PNG = base64.b64encode(b"\x89PNG").decode()


class FakeOpenAI:
    """The server; `requests` holds (path, body, headers) in order of arrival; `release` frees hanging
    requests."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.release = threading.Event()
        self.attempts: dict[str, int] = {}
        fake = self

        class Handler(_Handler):
            server_state = fake

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self._server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}
        ).start()

    @property
    def base_url(self) -> str:
        """Where clients are to be pointed."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        """Stop listening and let hanging requests go."""
        self.release.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: FakeOpenAI

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        streams = query == "stream=true" or path.endswith("/events")
        self._answer(path, {"stream": True} if streams else {})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if "chunked" in (self.headers.get("transfer-encoding") or ""):
            while size := int(self.rfile.readline(), 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        try:
            body = json.loads(raw)
        except ValueError:  # a form with uploads
            body = {"stream": b'name="stream"\r\n\r\ntrue' in raw}
        self._answer(self.path.partition("?")[0], body)

    def _answer(self, path: str, body: dict[str, Any]) -> None:
        state = self.server_state
        state.requests.append((path, body, {name.lower(): value for name, value in self.headers.items()}))
        model = str(body.get("model", ""))
        if model.startswith("status-"):
            return self._error(int(model.removeprefix("status-")))
        if model.startswith("flaky-"):
            state.attempts[model] = state.attempts.get(model, 0) + 1
            if state.attempts[model] <= int(model.removeprefix("flaky-")):
                return self._error(429)
        if model == "hang":
            state.release.wait(30)
            self.close_connection = True
            return None
        if model == "not-json":
            return self._send(b"{not json", "application/json")
        if path.endswith("/audio/speech"):
            return self._send(b"RIFFxxxx", "audio/wav")
        if body.get("stream"):
            return self._stream(_chunks(path, model, body), model)
        return self._json(_body(path, model, body))

    def _error(self, status: int) -> None:
        error = {"message": f"told {status}", "type": "some_type", "code": f"code_{status}", "param": None}
        self._json({"error": error}, status, {"retry-after-ms": "1"})

    def _json(self, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(body).encode(), "application/json", status, headers)

    def _send(self, body: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"x-request-id": "req_1", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: list[Any], model: str) -> None:
        self.send_response(200)
        self.send_header("x-request-id", "req_1")
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for position, event in enumerate(events):
            if model == "cut" and position == 2:
                self.close_connection = True
                return
            if model == "slow" and position == 1:
                self.server_state.release.wait(30)
            data = event if isinstance(event, str) else json.dumps(event)
            text = f"data: {data}\n\n".encode()
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")


def _message(model: str) -> dict[str, Any]:
    if model == "refuse":
        return {"role": "assistant", "content": None, "refusal": "I will not"}
    if model == "tools":
        call = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"id": 7}'}}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": "not json" if model == "bad-json" else '{"ok":true}'}


def _body(path: str, model: str, body: dict[str, Any]) -> Any:
    if path.endswith("/chat/completions"):
        reason = "tool_calls" if model == "tools" else "stop"
        choice: dict[str, Any] = {"index": 0, "finish_reason": reason, "message": _message(model)}
        answer: dict[str, Any] = {**IDENTITY, "object": "chat.completion", "created": 1, "choices": [choice]}
        if model == "two":
            answer["choices"].append({**choice, "index": 1})
        if model == "null-choices":
            answer["choices"] = None
        if model == "azure-filter":
            choice["content_filter_results"] = {"hate": {"filtered": True, "severity": "high"}}
            answer["prompt_filter_results"] = [{"content_filter_results": {"hate": {"filtered": False}}}]
        return answer if model == "no-usage" else {**answer, "usage": USAGE}
    if path.endswith("/completions"):
        choice = {"index": 0, "finish_reason": "stop", "text": "hello"}
        return {**IDENTITY, "object": "text_completion", "created": 1, "choices": [choice], "usage": USAGE}
    if path.endswith("/responses/compact"):
        item = {"id": "cmp_1", "type": "compaction", "encrypted_content": "x"}
        return {
            "id": "resp_c",
            "object": "response.compaction",
            "created_at": 1,
            "output": [item],
            "usage": RESPONSE_USAGE,
        }
    if "/responses" in path and model == "queued":
        queued = {"id": "resp_bg", "status": "queued", "background": True, "output": [], "usage": None}
        return {**_response(), **queued}
    if "/responses" in path:
        return (
            {**_response(), "id": "resp_bg", "background": True} if path.endswith("/resp_bg") else _response()
        )
    if path.endswith("/embeddings"):
        vector: Any = [0.5, 0.25]
        if body.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack("<2f", *vector)).decode()
        data = [{"object": "embedding", "index": 0, "embedding": vector}]
        return {
            "object": "list",
            "model": "embed-1",
            "data": data,
            "usage": {"prompt_tokens": 5, "total_tokens": 5},
        }
    if path.endswith("/moderations"):
        result = {"flagged": True, "categories": {"hate": True}, "category_scores": {"hate": 0.9}}
        return {"id": "modr_1", "model": "moderation-1", "results": [result]}
    if path.endswith("/decisions"):
        answers = [{"type": "predicate", "probability": 0.9}]
        return {
            "id": "dec_1",
            "object": "decision",
            "model": "luna",
            "answers": answers,
            "usage": RESPONSE_USAGE,
        }
    if "/images/" in path:
        return {"created": 1, "data": [{"b64_json": PNG}], "usage": RESPONSE_USAGE}
    if "/audio/" in path:
        return {"text": "spoken words", "usage": {"type": "tokens", **RESPONSE_USAGE}}
    if path.endswith("/search"):
        hit = {
            "file_id": "file_1",
            "filename": "a.txt",
            "score": 0.8,
            "content": [{"type": "text", "text": "found"}],
        }
        return {"object": "page", "search_query": "q", "data": [hit], "has_more": False}
    if path.endswith("/runs") and "threads" in path:
        return {
            "id": "run_1",
            "object": "thread.run",
            "thread_id": "thread_1",
            "status": "queued",
            "model": "gpt",
        }
    return {"id": "job_1", "object": "thing", "status": "ok"}


def _response() -> dict[str, Any]:
    text = {"type": "output_text", "text": '{"ok":true}', "annotations": []}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [text],
    }
    search = {
        "id": "fs_1",
        "type": "file_search_call",
        "status": "completed",
        "queries": ["q"],
        "results": [{"file_id": "file_1", "filename": "a.txt", "score": 0.8}],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "gpt-test-2026",
        "service_tier": "default",
        "output": [search, message],
        "usage": RESPONSE_USAGE,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


def _session_events(turn_id: str) -> list[Any]:
    agent = {"id": "agent_1", "model": "gpt-test-2026", "name": "clerk", "tools": []}
    session = {
        "id": "sess_1",
        "object": "agent.session",
        "agent": agent,
        "status": "in_progress",
        "usage": None,
    }
    item = {**_response()["output"][1], "turn_id": turn_id}
    turn = {"id": turn_id, "object": "agent.session.turn", "session_id": "sess_1", "status": "completed"}
    shared = {"session_id": "sess_1", "turn_id": turn_id, "event_id": "e"}
    return [
        {"type": "agent.session.created", "session": session, "event_id": "e"},
        {"type": "agent.session.turn.item.done", "item": item, "output_index": 0, **shared},
        {"type": "agent.session.turn.completed", "turn": turn, "usage": RESPONSE_USAGE, **shared},
        {"type": "agent.session.idle", **shared},
    ]


def _chunks(path: str, model: str, body: dict[str, Any]) -> list[Any]:
    if "/agents/" in path:
        return _session_events(f"turn_{next(_turns)}")
    if "/responses" in path:
        whole = _response()
        return [
            {"type": "response.created", "sequence_number": 0, "response": {**whole, "status": "in_progress", "output": []}},
            {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": whole["output"][0]},
            {"type": "response.output_item.added", "sequence_number": 1, "output_index": 1,
             "item": {**whole["output"][1], "content": []}},
            {"type": "response.content_part.added", "sequence_number": 1, "output_index": 1, "item_id": "msg_1",
             "content_index": 0, "part": {"type": "output_text", "text": "", "annotations": []}},
            {"type": "response.output_text.delta", "sequence_number": 1, "output_index": 1, "item_id": "msg_1",
             "content_index": 0, "delta": '{"ok":', "logprobs": []},
            {"type": "response.output_text.delta", "sequence_number": 2, "output_index": 1, "item_id": "msg_1",
             "content_index": 0, "delta": "true}", "logprobs": []},
            {"type": "response.completed", "sequence_number": 3, "response": whole},
        ]  # fmt: skip
    if "/images/" in path:
        return [{"type": "image_generation.completed", "b64_json": PNG, "usage": RESPONSE_USAGE}]
    if "/audio/" in path:
        delta = {"type": "transcript.text.delta", "delta": "spoken"}
        return [delta, {"type": "transcript.text.done", "text": "spoken words", "usage": RESPONSE_USAGE}]
    if model == "sse-error":
        return [_chunk({"content": "a"}), {"error": {"message": "overloaded", "code": "overloaded_error"}}]
    if not path.endswith("/chat/completions"):
        texts = [
            {**IDENTITY, "choices": [{"index": 0, "text": text, "finish_reason": None}]}
            for text in ("hel", "lo")
        ]
        return [
            *texts,
            {**IDENTITY, "choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "usage": USAGE},
            "[DONE]",
        ]
    if model == "tools":
        first = {
            "index": 0,
            "id": "call_1",
            "type": "function",
            "function": {"name": "look_up", "arguments": ""},
        }
        deltas = [
            {"tool_calls": [first]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '{"id": 7}'}}]},
        ]
        return [*(_chunk(delta) for delta in deltas), _chunk({}, "tool_calls"), "[DONE]"]
    events: list[Any] = [_chunk({"role": "assistant", "content": '{"ok":'}), _chunk({"content": "true}"})]
    if model == "two":
        events.append(_chunk({"content": "second"}, index=1))
        events.append(_chunk({}, "stop", index=1))
    events.append(_chunk({}, "stop"))
    if (body.get("stream_options") or {}).get("include_usage"):
        events.append({**IDENTITY, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
    return [*events, "[DONE]"]


def _chunk(delta: dict[str, Any], reason: str | None = None, index: int = 0) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": reason}
    return {**IDENTITY, "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
