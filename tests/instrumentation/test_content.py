"""What leaves the process: redaction, limits, hashes, validity, estimates, settings."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instrumentation.call_shapes import MESSAGES

import sightline
from sightline.call import Body
from sightline.config import ContentPolicy, resolve_settings
from sightline.content import REDACTION_FAILED, ContentWriter
from sightline.endpoints import find_endpoint
from sightline.facts import Facts
from sightline.fingerprints import prompt_fingerprint, request_fingerprint
from sightline.output_check import find_violation
from sightline.providers import identify_server
from sightline.readers import agents, chat, media, responses
from sightline.readers.event_stream import parse_events
from sightline.readers.messages import chat_messages
from sightline.readers.usage import read_usage
from sightline.redaction import BUILT_IN, build_redactors
from sightline.testing import CapturedSpans, capture_spans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("emails", "write to ann.lee+x@mail.example.org now", "write to [email] now"),
        ("cards", "card 4111 1111 1111 1111 ok", "card [card] ok"),
        ("cards", "order 4111 1111 1111 1112 ok", "order 4111 1111 1111 1112 ok"),
        ("phones", "call +49 30 1234 5678", "call [phone]"),
        ("phones", "call (212) 555 867 5309", "call [phone]"),
        ("phones", "on 2026-11-24", "on 2026-11-24"),
        ("api_keys", "key sk-proj-abcdefghijklmnop1234", "key [api key]"),
        ("bearer_tokens", "Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [token]"),
    ],
)
def test_built_in_redaction(rule: str, text: str, expected: str) -> None:
    assert BUILT_IN[rule](text) == expected


@settings(max_examples=50)
@given(st.text(alphabet="0123456789 -+().@ab:/", max_size=200))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    writer = ContentWriter(ContentPolicy(redactors=build_redactors(["all"])))
    once = writer.text(text)
    assert writer.text(once) == once


def test_a_failing_rule_removes_the_text_and_an_unknown_one_all_content() -> None:
    def broken(text: str) -> str:
        raise ValueError

    assert ContentWriter(ContentPolicy(redactors=(broken,))).text("secret") == REDACTION_FAILED
    assert resolve_settings(redact="email").content.on_spans is False


def test_redaction_reaches_messages_errors_and_the_apps_own_spans(client: openai.OpenAI) -> None:
    with capture_spans(redact=["emails", lambda text: text.replace("told", "[told]")]) as captured:
        message: Any = [{"role": "user", "content": "I am ann@example.org"}]
        client.chat.completions.create(model="m", messages=message)
        with pytest.raises(openai.BadRequestError, match="told 400"):
            client.chat.completions.create(model="status-400", messages=message)
        with sightline.span("step", input={"mail": "ann@example.org"}):
            pass
        with pytest.raises(ValueError, match="told"), sightline.span("long"):
            raise ValueError("told" * 1000)
        spans = captured.spans
    assert "ann@example.org" not in str([dict(span.attributes or {}) for span in spans])
    assert "[email]" in str((spans[0].attributes or {})[gen_ai.INPUT_MESSAGES])
    assert "[told]" in str(spans[1].status.description)
    assert str(spans[3].status.description).endswith("… [4000 characters cut]")


def test_without_content_no_error_quotes_any(client: openai.OpenAI) -> None:
    def check(answer: str) -> None:
        raise ValueError(f"no such colour: {answer}")

    schema: Any = {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"properties": {"ok": False}}},
    }
    with capture_spans(capture_content=False) as captured:
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="status-400", messages=MESSAGES)
        client.chat.completions.create(model="m", messages=MESSAGES, response_format=schema)
        with pytest.raises(ValueError, match="mauve"), sightline.span("step"):
            check("mauve")
        asked, answered, step = captured.spans
    assert (asked.status.description, step.status.description) == ("", "")
    assert (asked.attributes or {})[gen_ai.ERROR_TYPE] == "BadRequestError"
    assert (asked.attributes or {})[names.ERROR_CODE] == "code_400"
    assert (answered.attributes or {})[names.OUTPUT_VALID] is False
    assert names.OUTPUT_ERROR not in (answered.attributes or {})


def test_long_texts_are_cut_and_marked(client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_CONTENT_LIMIT", "10")
    with capture_spans() as captured:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x" * 25}])
        attributes = dict(captured.spans[0].attributes or {})
    assert attributes[names.CONTENT_TRUNCATED] is True
    assert "x" * 10 + "… [15 characters cut]" in str(attributes[gen_ai.INPUT_MESSAGES])


def test_no_more_of_a_value_of_the_app_is_looked_at_than_is_kept() -> None:
    looked_at = []

    class Field:
        def __str__(self) -> str:
            looked_at.append(self)
            return "ann@example.org"

    rows = [{number: Field() for number in range(50)} for _ in range(900)]
    writer = ContentWriter(ContentPolicy(redactors=build_redactors(["emails"]), limit=1000))
    text = writer.app_json({"rows": rows})
    assert json.loads(text)["rows"][0]["0"] == "[email]"
    assert '{"omitted":' in text
    assert writer.truncated
    assert len(looked_at) < 200
    assert len(text) < 2000


def test_bytes_become_type_size_and_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    described = {"type": "bytes", "size": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
    writer = ContentWriter(ContentPolicy())
    assert json.loads(writer.app_json({"data": b"abc", "more": [memoryview(b"abc")]})) == {
        "data": described,
        "more": [{**described, "type": "memoryview"}],
    }
    monkeypatch.setattr("sightline.content._MAX_HASHED_BYTES", 3)
    assert json.loads(writer.app_json(bytearray(4))) == {"type": "bytearray", "size": 4}


class _Place(pydantic.BaseModel):
    city: str
    key: pydantic.SecretStr = pydantic.SecretStr("sk-1")
    hidden: str = pydantic.Field("sk-2", repr=False)


@dataclass(slots=True)
class _Route:
    start: _Place
    hidden: str = field(default="sk-3", repr=False)
    back: list[_Route] = field(default_factory=list)


class _Silent(_Place):
    def __repr__(self) -> str:
        return "a place"

    __str__ = __repr__


class _Unreadable:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_models_and_dataclasses_are_objects_without_what_they_hide() -> None:
    written = ContentWriter(ContentPolicy()).app_json([_Route(_Place(city="Oslo")), _Silent(city="Oslo")])
    assert json.loads(written) == [
        {"start": {"city": "Oslo", "key": "**********"}, "back": []},
        "a place",
    ]


def test_a_value_that_cannot_be_read_takes_no_other_with_it() -> None:
    circle = _Route(_Place(city="Oslo"))
    circle.back.append(circle)
    writer = ContentWriter(ContentPolicy())
    told = json.loads(writer.app_json({"odd": _Unreadable(), "rate": float("nan"), "way": circle}))
    assert (told["odd"], told["rate"], told["way"]["start"]["city"]) == ("<_Unreadable>", "nan", "Oslo")
    assert writer.truncated


@pytest.mark.parametrize("mode", ["NO_CONTENT", "false", "EVENT_ONLY", "nonsense"])
def test_modes_without_content_on_spans(
    mode: str, client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", mode)
    with capture_spans() as captured:
        client.chat.completions.create(model="m", messages=MESSAGES)
        client.moderations.create(model="m", input="Be brief.")
        with sightline.span("step", input="Be brief."):
            pass
        text = str([dict(span.attributes or {}) for span in captured.spans])
        assert len(captured.spans) == 3
    assert "Be brief." not in text
    assert names.PROMPT_FINGERPRINT in text


def test_media_is_described_never_kept() -> None:
    data = base64.b64encode(b"picture" * 100).decode()
    content = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
        {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "file", "file": {"file_id": "file_1"}},
    ]
    (message,) = chat_messages([{"role": "user", "content": content}])
    digest = hashlib.sha256(b"picture" * 100).hexdigest()
    assert data not in json.dumps(message)
    assert [(part["type"], part["modality"]) for part in message["parts"]] == [
        ("blob", "image"),
        ("blob", "audio"),
        ("uri", "image"),
        ("file", "document"),
    ]
    assert [part["sha256"] for part in message["parts"][:2]] == [digest, digest]


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4) | st.text("aB/+=", max_size=9)
    ),
    st.sampled_from([None, 1]),
)
def test_vectors_are_left_out_of_what_is_read_and_nothing_else(
    vectors: list[Any], indent: int | None
) -> None:
    items = [{"object": "embedding", "embedding": vector, "index": n} for n, vector in enumerate(vectors)]
    answer = {"model": "e", "data": items, "usage": {"prompt_tokens": 5}}
    whole, short = Facts(), Facts()
    media.read_embeddings_response(answer, whole)
    content = json.dumps(answer, indent=indent).encode()
    media.read_embeddings_response(json.loads(media.without_vectors(content)), short)
    assert short == whole


def test_an_open_file_has_the_name_that_is_sent(
    client: openai.OpenAI, captured: CapturedSpans, tmp_path: Path
) -> None:
    path = tmp_path / "said.wav"
    path.write_bytes(b"RIFF")
    with path.open("rb") as file:
        client.audio.transcriptions.create(model="whisper-1", file=file)
    (message,) = json.loads(str((captured.spans[0].attributes or {})[gen_ai.INPUT_MESSAGES]))
    assert message["parts"] == [{"type": "file", "field": "file", "name": "said.wav"}]


def test_a_vector_without_an_end_is_not_looked_for_beyond_the_next() -> None:
    answer = b'"embedding":[1], "embedding":[ "embedding":[2], "embedding":['
    assert media.without_vectors(answer) == answer.replace(b"[2]", b"null")


@settings(max_examples=60)
@given(JSON, st.lists(JSON, max_size=4))
def test_no_reader_is_upset_by_any_json(body: Any, events: list[Any]) -> None:
    given_body = body if isinstance(body, dict) else {"choices": body, "messages": body, "output": body}
    objects = [event if isinstance(event, dict) else {"choices": event, "delta": event} for event in events]
    for reader in (
        chat.read_request, chat.read_response, responses.read_request, responses.read_response,
        agents.read_session_request, agents.read_session_response, agents.read_run_response,
    ):  # fmt: skip
        reader(given_body, Facts())
    turns = [{"type": "agent.session.turn.completed", "turn": event, "session": event} for event in events]
    for fold in (chat.fold_chunks, responses.fold_events, agents.fold_session, agents.fold_run):
        fold([*objects, *turns], Facts())
    read_usage(body)
    find_violation(body, given_body)


@settings(max_examples=50)
@given(st.lists(st.text(alphabet='ab"é\n', max_size=5), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_a_stream_folds_to_the_text_that_was_streamed(texts: list[str], newline: str) -> None:
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    wire = "".join(f"data: {json.dumps(chunk)}{newline}{newline}" for chunk in chunks) + "data: [DONE]\n\n"
    events, done = parse_events(wire.encode())
    assert done
    folded = chat.fold_chunks(events, Facts())
    content = folded["choices"][0]["message"].get("content", "") if folded["choices"] else ""
    assert content == "".join(texts)


def test_a_request_fingerprint_ignores_transport_and_order_only() -> None:
    request = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "seed": 1}
    same = dict(reversed([*request.items(), ("stream", True), ("user", "u1")]))
    assert request_fingerprint(request) == request_fingerprint(same)
    assert request_fingerprint(request) != request_fingerprint({**request, "seed": 2})


def test_a_prompt_fingerprint_survives_its_variables_only() -> None:
    def of(text: str, *variables: str) -> str:
        return prompt_fingerprint([], chat_messages([{"role": "system", "content": text}]), variables)

    assert of("Order 17 of ann@a.org") == of("Order 2,918 of bob@b.org")
    assert of("Help Ann today", "Ann") == of("Help Bob Lee today", "Bob Lee")
    assert of("Help the customer") != of("Help the manager")
    assert prompt_fingerprint([], []) == ""


@pytest.mark.parametrize(
    ("value", "schema", "problem"),
    [
        ({"a": 1}, {"type": "object", "properties": {"a": {"type": "integer"}}}, ""),
        ({"a": "1"}, {"properties": {"a": {"type": "integer"}}}, "$.a: str is not of type integer"),
        ({}, {"required": ["a"]}, "$: 'a' is a required property"),
        ({"b": 1}, {"properties": {}, "additionalProperties": False}, "$: 'b' is not a declared property"),
        ([1, None], {"items": {"anyOf": [{"type": "number"}, {"type": "null"}]}}, ""),
        ([1], {"items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"const": 2}}},
         "$[0]: is not the declared value"),
        ("x", {"enum": ["y"]}, "$: is not one of the declared values"),
        (True, {"type": "integer"}, "$: bool is not of type integer"),
        ({}, {"$ref": "#"}, ""),
    ],
)  # fmt: skip
def test_schema_violations_are_found_and_named(value: Any, schema: dict[str, Any], problem: str) -> None:
    assert find_violation(value, schema) == problem


@pytest.mark.parametrize("keyword", ["allOf", "anyOf"])
def test_a_schema_that_refers_to_itself_again_and_again_is_checked_for_a_while_only(keyword: str) -> None:
    class Definitions(dict[str, Any]):
        looked_up = 0

        def get(self, name: str, default: Any = None) -> Any:
            self.looked_up += 1
            assert self.looked_up < 100_000, "the check has no end"
            return super().get(name, default)

    itself = {"$ref": "#/$defs/A"}
    schema = {"properties": {"x": itself}, "$defs": Definitions(A={keyword: [itself] * 3})}
    assert find_violation({"x": 1}, schema) == ""


def test_a_body_over_its_limit_keeps_its_beginning_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.call.MAX_HELD_BYTES", 100)
    body = Body()
    for number in range(5000):
        body.add(b"data: %07d chunk\n\n" % number)
    held = body.bytes()
    assert held.startswith(b"data: 0000000 chunk")
    assert held.endswith(b"data: 0004999 chunk\n\n")
    assert body.cut
    assert body.size < 70_000


@pytest.mark.parametrize(
    ("url", "azure", "provider"),
    [
        ("https://api.openai.com/v1/", False, "openai"),
        ("https://me.openai.azure.com/openai/", False, "azure.ai.openai"),
        ("https://gateway.example.org/", True, "azure.ai.openai"),
        ("https://me.openai.azure.us/openai/v1", False, "azure.ai.openai"),
        ("https://bedrock-mantle.eu-west-1.api.aws/openai/v1", False, "aws.bedrock"),
        ("https://api.groq.com/openai/v1", False, "groq"),
        ("https://openrouter.ai/api/v1", False, "openrouter"),
        ("https://api.together.xyz/v1", False, "together"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", False, "gcp.gemini"),
        ("https://us-east5-aiplatform.googleapis.com/v1", False, "gcp.vertex_ai"),
        ("https://api.z.ai/api/paas/v4", False, "zai"),
        ("https://api.moonshot.cn/v1", False, "moonshotai"),
        ("https://dbc-1.cloud.databricks.com/serving-endpoints", False, "databricks"),
        ("http://localhost:11434/v1", False, "ollama"),
        ("http://127.0.0.1:8000/v1", False, "vllm"),
        ("https://notopenai.com/v1", False, "openai-compatible"),
        ("https://evil-openrouter.ai/v1", False, "openai-compatible"),
        ("http://[bad", False, "openai-compatible"),
    ],
)
def test_the_provider_is_told_from_the_host(url: str, azure: bool, provider: str) -> None:
    assert identify_server(url, azure).provider == provider


@pytest.mark.parametrize(
    ("method", "url", "operation"),
    [
        ("post", "/chat/completions", "chat"),
        ("POST", "https://x.example/openai/deployments/gpt-4o/chat/completions?api-version=1", "chat"),
        ("post", "/responses?beta=true", "chat"),
        ("get", "/responses/resp_1", "fetch_response"),
        ("post", "/realtime/translations/client_secrets", "create_realtime_session"),
        ("post", "/live/sessions/s/fork", "create_realtime_session"),
        ("get", "/agents/sessions/s/events", "invoke_agent"),
        ("post", "/live/sessions/s/hangup", None),
        ("get", "/models", None),
        ("get", "/chat/completions", None),
        ("get", "/responses/resp_1/input_items", None),
        ("post", "/responses/input_tokens", None),
    ],
)
def test_only_model_calls_are_endpoints(method: str, url: str, operation: str | None) -> None:
    endpoint = find_endpoint(method, url)
    assert (endpoint.operation if endpoint else None) == operation


def test_settings_prefer_arguments_then_ours_then_standard_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://standard:1/")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=a%20b,authorization=Basic%20x")
    assert resolve_settings().traces_url == "http://standard:1/v1/traces"
    assert resolve_settings().headers == {"x-team": "a b", "authorization": "Basic x"}
    monkeypatch.setenv("SIGHTLINE_ENDPOINT", "http://ours:2")
    monkeypatch.setenv("SIGHTLINE_API_KEY", "k")
    assert resolve_settings().traces_url == "http://ours:2/v1/traces"
    assert resolve_settings().headers["authorization"] == "Bearer k"
    chosen = resolve_settings(endpoint="https://given:3/v1/traces", key="other")
    assert (chosen.traces_url, chosen.api_url) == ("https://given:3/v1/traces", "https://given:3")
    assert resolve_settings(endpoint="ftp://nonsense").traces_url == "http://127.0.0.1:4318/v1/traces"


def test_a_header_that_http_does_not_allow_keeps_no_span_from_being_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x team=a,x-city=%E6%9D%B1,x-two=a%0Ab,x-name=J%C3%B6rg")
    monkeypatch.setenv("SIGHTLINE_API_KEY", "k\n")  # as files of secrets end
    assert resolve_settings().headers == {"x-name": "Jörg", "authorization": "Bearer k"}
    assert caplog.messages == ["Headers that HTTP does not allow are not sent: x team, x-city, x-two"]
    assert resolve_settings(key="given\n").headers["authorization"] == "Bearer given"


def test_the_login_of_an_endpoint_is_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    made = resolve_settings(endpoint="http://admin:p%40ss@[::1]:4318/\n")
    assert (made.traces_url, made.api_url) == ("http://[::1]:4318/v1/traces", "http://[::1]:4318")
    assert made.headers == {"authorization": "Basic YWRtaW46cEBzcw=="}
    keyed = resolve_settings(endpoint="http://admin:p@h:1", key="k")
    assert (keyed.traces_url, keyed.headers) == ("http://h:1/v1/traces", {"authorization": "Bearer k"})


def test_the_key_of_another_collector_is_sent_to_that_one_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=secret")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", "/theirs.pem")
    alone = resolve_settings(endpoint="http://ours:2")
    assert (alone.headers, alone.certificate) == ({"x-team": "secret"}, "/theirs.pem")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://theirs:1")
    beside = resolve_settings(endpoint="http://ours:2", key="k")
    assert (beside.headers, beside.certificate) == ({"authorization": "Bearer k"}, None)
    assert resolve_settings(endpoint="https://theirs:1").headers == {"x-team": "secret"}
    assert resolve_settings().headers == {"x-team": "secret"}
