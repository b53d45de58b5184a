"""Recorded calls as commands and programs: hostile prompts arrive as they were, and break nothing."""

import ast
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_spans import MakeSpan

from sightline_api.replay_request import ReplayRequest
from sightline_api.replay_script import curl_command, python_program
from sightline_storage import SpanRecord, Store

HOSTILE = [
    "'; touch pwned; '",
    '"; touch pwned; "',
    "$(touch pwned) `touch pwned` ${OPENAI_API_KEY} $OPENAI_API_KEY",
    "\\'; touch pwned #\\",
    "line one\nline two\r\n\ttab \\n \\u0041",
    "!! !touch ^a^b",
    "'''; __import__('os').system('touch pwned'); '''",
    '"""; __import__("os").system("touch pwned"); """',
    "{0} {{x}} %s %(x)s",
    "END_OF_REQUEST\ntouch pwned\n",
    "\u202e\u200b\u2028\x1b[2J\x7f\x9b \U0001f600 ünï 日本語",
    "-d @/etc/passwd",
    "",
]


class Capture(BaseHTTPRequestHandler):
    """Keeps what was posted and answers like an API."""

    bodies: list[Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.bodies.append((self.path, self.headers["authorization"], json.loads(body)))
        answer = {
            "id": "c-1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-4o",
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}
            ],
        }
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def capture() -> Iterator[tuple[str, list[Any]]]:
    """The address of an API on loopback, and what it was sent."""
    bodies: list[Any] = []
    handler = type("Handler", (Capture,), {"bodies": bodies})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1", bodies
        server.shutdown()
        thread.join()


def chat(span: MakeSpan, *texts: str, **given: Any) -> SpanRecord:
    """A recorded chat call."""
    messages = [{"role": "user", "parts": [{"type": "text", "content": text}]} for text in texts]
    return span(
        **{
            "operation": "chat",
            "provider": "openai",
            "request_model": "gpt-4o",
            "input": json.dumps(messages),
            **given,
        }
    )


def script_of(api: httpx.Client, store: Store, record: SpanRecord, form: str) -> str:
    """The script that the API makes of a span."""
    store.writer.write([record], token=record["span_id"] + form)
    response = api.get(
        f"/traces/{record['trace_id']}/spans/{record['span_id']}/replay", params={"format": form}
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/plain")
    return response.text


def run(form: str, script: str, url: str, folder: Path) -> None:
    """Run a script as its reader would."""
    file, empty = folder / "script", folder / "empty"
    file.write_text(script, encoding="utf-8", newline="")
    empty.mkdir()
    done = subprocess.run(
        ["bash" if form == "curl" else sys.executable, str(file)],
        cwd=empty,
        env={"PATH": os.environ["PATH"], "OPENAI_API_KEY": "sk-own", "OPENAI_BASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(empty.iterdir()) == []


def request_in(program: str) -> Any:
    """The value of `request` in a Python program."""
    for statement in ast.parse(program).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "request":
            return ast.literal_eval(statement.value)
    raise AssertionError(program)


@pytest.mark.parametrize("form", ["curl", "python"])
def test_a_script_sends_the_recorded_request_whatever_is_in_it(
    form: str,
    api: httpx.Client,
    store: Store,
    span: MakeSpan,
    capture: tuple[str, list[Any]],
    tmp_path: Path,
) -> None:
    url, bodies = capture
    tool = {"type": "function", "name": "look", "description": HOSTILE[0], "parameters": {"type": "object"}}
    record = chat(
        span,
        *HOSTILE,
        tool_definitions=json.dumps([tool]),
        seed="7",
        attributes={"gen_ai.request.stop_sequences": json.dumps(["'stop'"])},
        attributes_num={"gen_ai.request.temperature": 0.5, "gen_ai.request.max_tokens": 9.0},
    )
    script = script_of(api, store, record, form)
    assert script.isprintable() or all(line.isprintable() for line in script.splitlines())
    run(form, script, url, tmp_path)
    ((path, authorization, body),) = bodies
    assert (path, authorization) == ("/v1/chat/completions", "Bearer sk-own")
    assert body == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": text} for text in HOSTILE],
        "temperature": 0.5,
        "stop": ["'stop'"],
        "max_completion_tokens": 9,
        "tools": [
            {
                "type": "function",
                "function": {key: value for key, value in tool.items() if key != "type"},
            }
        ],
        "seed": 7,
    }


def test_a_prompt_that_is_longer_than_an_argument_may_be_is_sent_whole(
    api: httpx.Client, store: Store, span: MakeSpan, capture: tuple[str, list[Any]], tmp_path: Path
) -> None:
    url, bodies = capture
    prompt = "".join(HOSTILE) * 1_000
    run("curl", script_of(api, store, chat(span, prompt), "curl"), url, tmp_path)
    assert bodies[0][2]["messages"][0]["content"] == prompt


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_any_text_survives_the_shell_and_python(text: str, missing: list[str]) -> None:
    body = {"model": text, "messages": [{"role": "user", "content": text}]}
    request = ReplayRequest("/chat/completions", body, missing)
    script = "curl() { printf '%s' \"${@: -1}\"; }\n" + curl_command(request)
    done = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout) == body
    program = python_program(request)
    assert request_in(program) == body
    assert len(ast.parse(program).body) == 5


def test_a_conversation_with_tools_images_and_instructions_is_put_back_together(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    messages = [
        {
            "role": "user",
            "name": "eve",
            "parts": [
                {"type": "text", "content": "what is this?"},
                {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
            ],
        },
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "c1", "name": "look", "arguments": {"at": "it"}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"seen": True}}]},
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "a"}],
        },
    ]
    record = chat(
        span,
        input=json.dumps(messages),
        system_instructions=json.dumps([{"type": "text", "content": "be brief"}]),
        attributes={"gen_ai.output.type": "json", "sightline.output.schema": "Answer"},
    )
    script = script_of(api, store, record, "python")
    body = request_in(script)
    assert body["messages"] == [
        {"role": "system", "content": "be brief"},
        {
            "role": "user",
            "name": "eve",
            "content": [
                {"type": "text", "text": "what is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            ],
        },
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at":"it"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '{"seen":true}'},
        {"role": "assistant", "content": "a"},
    ]
    comments = [line for line in script.splitlines() if line.startswith("#")]
    assert comments == [
        "# not recorded, so not sent: a part of the kind 'reasoning'",
        "# not recorded, so not sent: the JSON schema 'Answer' of the answer",
    ]


def test_a_response_call_keeps_its_own_api(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    messages = [
        {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
        {"role": "assistant", "parts": [{"type": "text", "content": "hello"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "f", "arguments": "{"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "no"}]},
    ]
    record = chat(
        span,
        input=json.dumps(messages),
        system_instructions=json.dumps([{"type": "text", "content": "be brief"}]),
        attributes={"openai.api.type": "responses", "gen_ai.request.reasoning.level": "low"},
        attributes_num={"gen_ai.request.max_tokens": 5.0},
    )
    script = script_of(api, store, record, "python")
    assert "client.responses.create(" in script
    body = request_in(script)
    assert body == {
        "model": "gpt-4o",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hello"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{"},
            {"type": "function_call_output", "call_id": "c1", "output": "no"},
        ],
        "instructions": "be brief",
        "max_output_tokens": 5,
        "reasoning": {"effort": "low"},
    }


def test_completions_and_embeddings_keep_their_prompts(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    completion = chat(
        span,
        "one",
        "two",
        operation="text_completion",
        attributes_num={"gen_ai.request.max_tokens": 7.0, "gen_ai.request.temperature": 0.0},
    )
    assert request_in(script_of(api, store, completion, "python")) == {
        "model": "gpt-4o",
        "prompt": ["one", "two"],
        "temperature": 0,
        "max_tokens": 7,
    }
    embedding = chat(
        span,
        "one",
        kind="embedding",
        operation="embeddings",
        attributes={"gen_ai.request.encoding_formats": '["base64"]'},
    )
    script = script_of(api, store, embedding, "python")
    assert "client.embeddings.create(" in script
    assert request_in(script) == {"model": "gpt-4o", "input": "one", "encoding_format": "base64"}


def test_an_image_that_was_only_described_is_named_and_not_made_again(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    parts = [
        {"type": "text", "content": "what is it?"},
        {"type": "blob", "modality": "image", "size": 1234, "sha256": "0" * 64},
    ]
    record = chat(span, input=json.dumps([{"role": "user", "parts": parts}]))
    script = script_of(api, store, record, "curl")
    assert script.startswith("# not recorded, so not sent: a part of the kind 'image' of 1234 bytes\n")
    response = api.post(f"/traces/{record['trace_id']}/spans/{record['span_id']}/replay", json={})
    assert response.status_code == 409
    assert "1234 bytes" in response.json()["detail"]


def test_what_is_no_call_cannot_be_made_again(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    spans = [
        span(kind="tool", operation="execute_tool"),
        span(kind="llm", operation="generate_content", request_model="m", input='[{"parts":[]}]'),
        span(kind="llm", operation="chat", request_model="m", input=""),
        span(kind="llm", operation="chat", request_model="m", input="plain text"),
    ]
    store.writer.write(spans, token="no calls")
    for record in spans:
        response = api.get(f"/traces/{record['trace_id']}/spans/{record['span_id']}/replay")
        assert response.status_code == 409
        assert response.json()["title"] == "Conflict"


def test_without_an_endpoint_nothing_is_sent_and_the_setting_is_named(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    record = chat(span, "hi")
    store.writer.write([record], token="unconfigured")
    response = api.post(f"/traces/{record['trace_id']}/spans/{record['span_id']}/replay", json={})
    assert response.status_code == 409
    assert "SIGHTLINE_REPLAY_BASE_URL" in response.json()["detail"]
