# ruff: noqa: E501 - one shape a row reads better than wrapped
"""Every call shape that the SDK promises to trace: drives the tests and the table in
docs/instrumentation.md."""

from __future__ import annotations

import io
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncOpenAI, BaseModel, OpenAI

from sightline_semconv import gen_ai, sightline

MESSAGES: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
TOOL: Any = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
CHAT_USAGE = {
    gen_ai.USAGE_INPUT_TOKENS: 11,
    gen_ai.USAGE_OUTPUT_TOKENS: 7,
    gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: 4,
    gen_ai.USAGE_REASONING_OUTPUT_TOKENS: 3,
}
CHAT = {
    gen_ai.OPERATION_NAME: "chat",
    gen_ai.RESPONSE_ID: "chatcmpl-1",
    gen_ai.RESPONSE_MODEL: "gpt-test-2026",
    gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_test",
    gen_ai.OPENAI_RESPONSE_SERVICE_TIER: "default",
    sightline.REQUEST_ID: "req_1",
}
STREAMED = {**CHAT, gen_ai.REQUEST_STREAM: True, sightline.STREAM_OUTCOME: "complete"}
RESPONSE = {
    gen_ai.OPERATION_NAME: "chat",
    gen_ai.RESPONSE_ID: "resp_1",
    gen_ai.OPENAI_API_TYPE: "responses",
    gen_ai.USAGE_INPUT_TOKENS: 11,
    gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS: 2,
}
SESSION = {
    gen_ai.OPERATION_NAME: "invoke_agent",
    gen_ai.CONVERSATION_ID: "sess_1",
    gen_ai.USAGE_INPUT_TOKENS: 11,
    sightline.SPAN_KIND: "llm",
    sightline.STREAM_OUTCOME: "complete",
}


class Answer(BaseModel):
    """A structured answer."""

    ok: bool


@dataclass(frozen=True)
class Shape:
    """One way to call. `attributes`: what its single span must have; `captured`: the same in words."""

    area: str
    call: str
    captured: str
    attributes: dict[str, Any]
    sync: Callable[[OpenAI], Any]
    asynchronous: Callable[[AsyncOpenAI], Awaitable[Any]]
    raises: str = ""
    absent: tuple[str, ...] = field(default=())
    needs: str = ""  # a method that the clients have which can make this call


def _both(
    area: str,
    call: str,
    captured: str,
    attributes: dict[str, Any],
    make: Callable[[Any], Any],
    raises: str = "",
    absent: tuple[str, ...] = (),
    read: bool = False,
    needs: str = "",
) -> Shape:
    """A shape whose sync and async calls read alike; `read`: the answer is a stream to be read to its end."""

    def sync(client: OpenAI) -> Any:
        result = make(client)
        return list(result) if read else result

    async def asynchronous(client: AsyncOpenAI) -> Any:
        result = await make(client)
        return [item async for item in result] if read else result

    return Shape(area, call, captured, attributes, sync, asynchronous, raises, absent, needs)


def _chat(client: Any, model: str = "gpt-test", **more: Any) -> Any:
    return client.chat.completions.create(model=model, messages=MESSAGES, **more)


def _managed(
    area: str,
    call: str,
    captured: str,
    attributes: dict[str, Any],
    make: Callable[[Any], Any],
    needs: str = "",
) -> Shape:
    """A shape that is a context manager over events."""

    def sync(client: OpenAI) -> None:
        with make(client) as stream:
            for _ in stream:
                pass

    async def asynchronous(client: AsyncOpenAI) -> None:
        async with make(client) as stream:
            async for _ in stream:
                pass

    return Shape(area, call, captured, attributes, sync, asynchronous, needs=needs)


def _raw_stream_sync(client: OpenAI) -> None:
    for _ in client.chat.completions.with_raw_response.create(
        model="m", messages=MESSAGES, stream=True
    ).parse():
        pass


async def _raw_stream_async(client: AsyncOpenAI) -> None:
    raw = await client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES, stream=True)
    async for _ in raw.parse():
        pass


def _lines_sync(client: OpenAI) -> None:
    with client.chat.completions.with_streaming_response.create(
        model="m", messages=MESSAGES, stream=True
    ) as raw:
        for _ in raw.iter_lines():
            pass


async def _lines_async(client: AsyncOpenAI) -> None:
    made = client.chat.completions.with_streaming_response.create(model="m", messages=MESSAGES, stream=True)
    async with made as raw:
        async for _ in raw.iter_lines():
            pass


def _parsed_late_sync(client: OpenAI) -> None:
    with client.chat.completions.with_streaming_response.create(model="m", messages=MESSAGES) as raw:
        raw.parse()


async def _parsed_late_async(client: AsyncOpenAI) -> None:
    async with client.chat.completions.with_streaming_response.create(model="m", messages=MESSAGES) as raw:
        await raw.parse()


def _first_only_sync(client: OpenAI) -> None:
    with client.chat.completions.create(model="m", messages=MESSAGES, stream=True) as stream:
        next(stream)


async def _first_only_async(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    async with stream:
        await anext(stream)


def _until_reason_sync(client: OpenAI) -> None:
    with client.chat.completions.create(model="m", messages=MESSAGES, stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].finish_reason:
                break


async def _until_reason_async(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    async with stream:
        async for chunk in stream:
            if chunk.choices[0].finish_reason:
                break


def _start_run(client: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return client.beta.threads.runs.create("thread_1", assistant_id="asst_1")


def _make_video(client: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return client.videos.create(model="m", prompt="x")


def _translate(client: Any) -> Any:
    with warnings.catch_warnings():  # the client deprecates the endpoint; apps still call it
        warnings.simplefilter("ignore", DeprecationWarning)
        return client.audio.translations.create(model="m", file=("a.wav", b"RIFF"))


async def _search_async(client: AsyncOpenAI) -> None:
    async for _ in client.vector_stores.search("vs_1", query="q"):
        pass


def _error(call: str, model: str, raises: str, **attributes: Any) -> Shape:
    expected = {
        gen_ai.ERROR_TYPE: raises,
        **{name.replace("__", "."): value for name, value in attributes.items()},
    }
    make = lambda client: _chat(client.with_options(max_retries=0), model)  # noqa: E731
    return _both("errors", call, "error type, status, code, request id", expected, make, raises)


_SCHEMA: Any = {
    "type": "json_schema",
    "json_schema": {"name": "answer", "schema": {"type": "object", "required": ["ok"]}},
}
_REQUEST: dict[str, Any] = {
    "temperature": 0.5, "top_p": 0.9, "seed": 7, "max_tokens": 9, "stop": ["x"], "n": 2,
    "frequency_penalty": 0.1, "presence_penalty": 0.2, "service_tier": "flex",
}  # fmt: skip
_REQUEST_ATTRIBUTES = {
    gen_ai.REQUEST_TEMPERATURE: 0.5,
    gen_ai.REQUEST_TOP_P: 0.9,
    gen_ai.REQUEST_SEED: 7,
    gen_ai.REQUEST_MAX_TOKENS: 9,
    gen_ai.REQUEST_STOP_SEQUENCES: ("x",),
    gen_ai.REQUEST_CHOICE_COUNT: 2,
    gen_ai.REQUEST_FREQUENCY_PENALTY: 0.1,
    gen_ai.REQUEST_PRESENCE_PENALTY: 0.2,
    gen_ai.OPENAI_REQUEST_SERVICE_TIER: "flex",
}
_BLOCKED = {sightline.GUARDRAIL_OUTCOME: "block"}

SHAPES: tuple[Shape, ...] = (
    _both("chat", "create", "request, answer, tokens by class, fingerprint", {**CHAT, **CHAT_USAGE}, _chat),
    _both("chat", "create with every parameter", "each parameter by its conventional name", {**CHAT, **_REQUEST_ATTRIBUTES},
          lambda c: _chat(c, "two", **_REQUEST)),
    _both("chat", "create with an iterator of messages", "the messages sent; the iterator is the client's", CHAT,
          lambda c: c.chat.completions.create(model="m", messages=iter(MESSAGES))),
    _both("chat", "create with n=2", "both choices", {**CHAT, gen_ai.RESPONSE_FINISH_REASONS: ("stop", "stop")},
          lambda c: _chat(c, "two", n=2)),
    _both("chat", "create with tools", "tool calls, tools offered, validity", {**CHAT, sightline.OUTPUT_VALID: True},
          lambda c: _chat(c, "tools", tools=[TOOL])),
    _both("chat", "create with a JSON schema", "schema name, validity",
          {**CHAT, sightline.OUTPUT_SCHEMA: "answer", sightline.OUTPUT_VALID: True, gen_ai.OUTPUT_TYPE: "json"},
          lambda c: _chat(c, response_format=_SCHEMA)),
    _both("chat", "create whose answer breaks the schema", "what is wrong", {**CHAT, sightline.OUTPUT_VALID: False},
          lambda c: _chat(c, "bad-json", response_format=_SCHEMA)),
    _both("chat", "parse", "as create", {**CHAT, **CHAT_USAGE, sightline.OUTPUT_VALID: True},
          lambda c: c.chat.completions.parse(model="m", messages=MESSAGES, response_format=Answer), needs="chat.completions.parse"),
    _both("chat", "with_raw_response.create", "as create", {**CHAT, **CHAT_USAGE},
          lambda c: c.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)),
    Shape("chat", "with_streaming_response.create, parsed late", "as create; the body is read by the app only",
          {**CHAT, **CHAT_USAGE}, _parsed_late_sync, _parsed_late_async),
    _both("chat", "with_options(…).create", "as create", CHAT, lambda c: _chat(c.with_options(timeout=9))),
    _both("chat", "client.post", "as create", CHAT,
          lambda c: c.post("/chat/completions", body={"model": "m", "messages": MESSAGES}, cast_to=object)),
    _both("chat", "refusal", "a guardrail verdict", {**CHAT, **_BLOCKED}, lambda c: _chat(c, "refuse")),
    _both("chat", "Azure content filter annotations", "verdicts for prompt and answer", {**CHAT, **_BLOCKED},
          lambda c: _chat(c, "azure-filter")),
    _both("chat", "an answer without usage", "an estimate that says so", {**CHAT, sightline.USAGE_ESTIMATED: True},
          lambda c: _chat(c, "no-usage")),
    _both("chat", "choices: null from a compatible server", "what there is", CHAT, lambda c: _chat(c, "null-choices")),
    _both("chat", "create after two 429s", "one span, retries counted", {**CHAT, sightline.REQUEST_RETRIES: 2},
          lambda c: _chat(c.with_options(max_retries=3), "flaky-2")),
    _both("chat streams", "create(stream=True), read to the end", "as create, time to first chunk, outcome, estimate",
          {**STREAMED, sightline.USAGE_ESTIMATED: True}, lambda c: _chat(c, stream=True), read=True),
    _both("chat streams", "with include_usage", "reported tokens", {**STREAMED, **CHAT_USAGE},
          lambda c: _chat(c, stream=True, stream_options={"include_usage": True}), read=True,
          absent=(sightline.USAGE_ESTIMATED,)),
    _both("chat streams", "n=2", "both choices", {**STREAMED, gen_ai.RESPONSE_FINISH_REASONS: ("stop", "stop")},
          lambda c: _chat(c, "two", n=2, stream=True), read=True),
    _both("chat streams", "tools", "tool calls put together", {**STREAMED, gen_ai.RESPONSE_FINISH_REASONS: ("tool_calls",)},
          lambda c: _chat(c, "tools", tools=[TOOL], stream=True), read=True),
    _managed("chat streams", "stream()", "as a stream", STREAMED,
             lambda c: c.chat.completions.stream(model="m", messages=MESSAGES), needs="chat.completions.stream"),
    Shape("chat streams", "with_raw_response, then parse()", "as a stream", STREAMED, _raw_stream_sync, _raw_stream_async),
    Shape("chat streams", "with_streaming_response, iter_lines()", "as a stream", STREAMED, _lines_sync, _lines_async),
    Shape("chat streams", "stopped at the finish reason", "complete: everything was read", STREAMED,
          _until_reason_sync, _until_reason_async),
    Shape("chat streams", "closed after one item", "abandoned; not an error",
          {**STREAMED, sightline.STREAM_OUTCOME: "abandoned"}, _first_only_sync, _first_only_async,
          absent=(gen_ai.ERROR_TYPE, gen_ai.RESPONSE_FINISH_REASONS)),
    _both("chat streams", "an error event", "error with the provider's code",
          {sightline.STREAM_OUTCOME: "error", gen_ai.ERROR_TYPE: "APIError", sightline.ERROR_CODE: "overloaded_error",
           gen_ai.RESPONSE_FINISH_REASONS: ("error",)},
          lambda c: _chat(c, "sse-error", stream=True), "APIError", read=True),
    _both("chat streams", "cut by the server", "error and outcome cut", {sightline.STREAM_OUTCOME: "cut"},
          lambda c: _chat(c, "cut", stream=True), "APIConnectionError or RemoteProtocolError", read=True),
    _both("responses", "create", "request, answer, tokens by class, searches as events", RESPONSE,
          lambda c: c.responses.create(model="m", input="hi", instructions="Be brief.")),
    _both("responses", "parse", "as create", {**RESPONSE, sightline.OUTPUT_VALID: True},
          lambda c: c.responses.parse(model="m", input="hi", text_format=Answer)),
    _both("responses", "create(stream=True)", "as create, time to first chunk",
          {**RESPONSE, sightline.STREAM_OUTCOME: "complete"},
          lambda c: c.responses.create(model="m", input="hi", stream=True), read=True),
    _managed("responses", "stream()", "as a stream", {**RESPONSE, sightline.STREAM_OUTCOME: "complete"},
             lambda c: c.responses.stream(model="m", input="hi")),
    _both("responses", "compact", "tokens of the pass", {gen_ai.RESPONSE_ID: "resp_c", gen_ai.USAGE_INPUT_TOKENS: 11},
          lambda c: c.responses.compact(model="m", input="hi"), needs="responses.compact"),
    _both("responses", "retrieve", "the answer; its tokens are not counted again, those of the background once",
          {gen_ai.OPERATION_NAME: "fetch_response", gen_ai.RESPONSE_ID: "resp_1"},
          lambda c: c.responses.retrieve("resp_1"), absent=(gen_ai.USAGE_INPUT_TOKENS, sightline.USAGE_ESTIMATED)),
    _both("responses", "with_raw_response.create", "as create", RESPONSE,
          lambda c: c.responses.with_raw_response.create(model="m", input="hi")),
    _both("responses", "create(store=True), background", "id; tokens once it is fetched",
          {gen_ai.OPERATION_NAME: "chat", gen_ai.RESPONSE_ID: "resp_bg"},
          lambda c: c.responses.create(model="queued", input="hi", store=True, extra_body={"background": True}),
          absent=(gen_ai.USAGE_INPUT_TOKENS, sightline.USAGE_ESTIMATED, gen_ai.ERROR_TYPE)),
    _both("responses", "retrieve(stream=True)", "as retrieve, read as a stream",
          {gen_ai.OPERATION_NAME: "fetch_response", gen_ai.RESPONSE_ID: "resp_1", sightline.STREAM_OUTCOME: "complete"},
          lambda c: c.responses.retrieve("resp_1", stream=True), read=True, needs="responses.compact", absent=(gen_ai.USAGE_INPUT_TOKENS, sightline.USAGE_ESTIMATED)),
    _both("responses", "beta.responses.create", "as create", RESPONSE,
          lambda c: c.beta.responses.create(model="m", input="hi"), needs="beta.responses.create"),
    _both("responses", "beta.responses.create(stream=True)", "as create, time to first chunk",
          {**RESPONSE, sightline.STREAM_OUTCOME: "complete"},
          lambda c: c.beta.responses.create(model="m", input="hi", stream=True), read=True, needs="beta.responses.create"),
    _both("responses", "beta.responses.compact", "tokens of the pass", {gen_ai.RESPONSE_ID: "resp_c", gen_ai.USAGE_INPUT_TOKENS: 11},
          lambda c: c.beta.responses.compact(model="m", input="hi"), needs="beta.responses.compact"),
    _both("chat", "beta.chat.completions.parse", "as create", {**CHAT, **CHAT_USAGE, sightline.OUTPUT_VALID: True},
          lambda c: c.beta.chat.completions.parse(model="m", messages=MESSAGES, response_format=Answer),
          needs="beta.chat.completions.parse"),
    _both("completions", "create", "request, answer, tokens", {gen_ai.OPERATION_NAME: "text_completion", **CHAT_USAGE},
          lambda c: c.completions.create(model="m", prompt="hi")),
    _both("completions", "create(stream=True)", "as create", {sightline.STREAM_OUTCOME: "complete", **CHAT_USAGE},
          lambda c: c.completions.create(model="m", prompt="hi", stream=True), read=True),
    _both("embeddings", "create, base64 as by default", "tokens, dimensions; no vectors",
          {gen_ai.OPERATION_NAME: "embeddings", gen_ai.USAGE_INPUT_TOKENS: 5, gen_ai.EMBEDDINGS_DIMENSION_COUNT: 2},
          lambda c: c.embeddings.create(model="m", input=["a", "b"])),
    _both("embeddings", "create, list of floats", "tokens, dimensions; no vectors", {gen_ai.EMBEDDINGS_DIMENSION_COUNT: 2},
          lambda c: c.embeddings.create(model="m", input="a", encoding_format="float")),
    _both("moderations", "create", "verdict, score, categories",
          {gen_ai.OPERATION_NAME: "apply_guardrail", sightline.GUARDRAIL_OUTCOME: "warn", sightline.GUARDRAIL_SCORE: 0.9,
           sightline.GUARDRAIL_CATEGORIES: ("hate",)},
          lambda c: c.moderations.create(model="m", input="x")),
    _both("decisions", "create", "questions, answers, tokens", {gen_ai.RESPONSE_ID: "dec_1", gen_ai.USAGE_INPUT_TOKENS: 11},
          lambda c: c.decisions.create(model="m", input="x", questions=[]), needs="decisions.create"),
    _both("assistants", "threads.runs.create", "thread as conversation",
          {gen_ai.OPERATION_NAME: "invoke_agent", gen_ai.CONVERSATION_ID: "thread_1"}, lambda c: _start_run(c)),
    _both("images", "generate", "prompt, tokens; images as size and hash",
          {gen_ai.OUTPUT_TYPE: "image", gen_ai.USAGE_INPUT_TOKENS: 11}, lambda c: c.images.generate(model="m", prompt="x")),
    _both("images", "edit", "prompt and file names, tokens", {gen_ai.OUTPUT_TYPE: "image", gen_ai.USAGE_INPUT_TOKENS: 11},
          lambda c: c.images.edit(model="m", prompt="x", image=("a.png", b"png"))),
    _both("images", "generate(stream=True)", "as generate, time to first chunk",
          {gen_ai.OUTPUT_TYPE: "image", gen_ai.USAGE_INPUT_TOKENS: 11, sightline.STREAM_OUTCOME: "complete"},
          lambda c: c.images.generate(model="m", prompt="x", stream=True), read=True, needs="conversations.create"),
    _both("audio", "speech.create", "text; audio as size and hash", {gen_ai.OUTPUT_TYPE: "speech"},
          lambda c: c.audio.speech.create(model="m", voice="alloy", input="x")),
    _both("audio", "transcriptions.create", "transcript, tokens, file name", {gen_ai.USAGE_INPUT_TOKENS: 11},
          lambda c: c.audio.transcriptions.create(model="m", file=("a.wav", io.BytesIO(b"RIFF")))),
    _both("audio", "transcriptions.create(stream=True)", "transcript, tokens, time to first chunk",
          {gen_ai.USAGE_INPUT_TOKENS: 11, sightline.STREAM_OUTCOME: "complete"},
          lambda c: c.audio.transcriptions.create(model="m", file=("a.wav", b"RIFF"), stream=True), read=True,
          needs="conversations.create"),
    _both("audio", "translations.create", "transcript", {gen_ai.OUTPUT_TYPE: "text"},
          lambda c: _translate(c)),
    Shape("vector stores", "search", "query, documents with scores",
          {gen_ai.OPERATION_NAME: "retrieval", gen_ai.RETRIEVAL_QUERY_TEXT: "q"},
          lambda c: c.vector_stores.search("vs_1", query="q"), _search_async),
    _both("jobs", "batches.create", "id", {gen_ai.OPERATION_NAME: "create_batch", gen_ai.RESPONSE_ID: "job_1"},
          lambda c: c.batches.create(completion_window="24h", endpoint="/v1/responses", input_file_id="f")),
    _both("jobs", "fine_tuning.jobs.create", "id", {gen_ai.OPERATION_NAME: "create_fine_tuning_job"},
          lambda c: c.fine_tuning.jobs.create(model="m", training_file="f")),
    _both("jobs", "videos.create", "id", {gen_ai.OPERATION_NAME: "create_video", gen_ai.RESPONSE_ID: "job_1"},
          _make_video, needs="videos.create"),
    _both("jobs", "evals.runs.create", "id", {gen_ai.OPERATION_NAME: "create_eval_run", gen_ai.RESPONSE_ID: "job_1"},
          lambda c: c.evals.runs.create("eval_1", data_source={"type": "jsonl", "source": {"type": "file_id", "id": "f"}}),
          needs="evals.runs.create"),
    _both("jobs", "fine_tuning.alpha.graders.run", "that it ran", {gen_ai.OPERATION_NAME: "run_grader"},
          lambda c: c.fine_tuning.alpha.graders.run(grader={"type": "string_check"}, model_sample="x"),
          needs="fine_tuning.alpha.graders.run"),
    _both("agents", "beta.agents.automations.invocations.create", "id",
          {gen_ai.OPERATION_NAME: "invoke_agent", gen_ai.RESPONSE_ID: "job_1"},
          lambda c: c.beta.agents.automations.invocations.create("a"), needs="beta.agents.automations.invocations.create"),
    _both("agents", "beta.agents.create", "id", {gen_ai.OPERATION_NAME: "create_agent", gen_ai.RESPONSE_ID: "job_1"},
          lambda c: c.beta.agents.create(model="m"), needs="beta.agents.create"),
    _both("agents", "beta.agents.sessions.create", "id", {gen_ai.OPERATION_NAME: "invoke_agent", gen_ai.RESPONSE_ID: "job_1"},
          lambda c: c.beta.agents.sessions.create(agent_id="a", environment={"type": "auto"}, input="hi"),
          needs="beta.agents.sessions.create"),
    _both("agents", "beta.agents.sessions.create(stream=True)", "answer, tokens of the turn, session as conversation",
          {**SESSION, gen_ai.RESPONSE_MODEL: "gpt-test-2026"},
          lambda c: c.beta.agents.sessions.create(agent_id="a", environment={"type": "none"}, input="hi", stream=True),
          read=True, needs="beta.agents.sessions.create"),
    _both("agents", "beta.agents.sessions.events.stream", "as create(stream=True); a turn is counted once",
          SESSION, lambda c: c.beta.agents.sessions.events.stream("sess_1"), read=True,
          needs="beta.agents.sessions.events.stream"),
    _error("400", "status-400", "BadRequestError", http__response__status_code=400, sightline__error__code="code_400"),
    _error("401", "status-401", "AuthenticationError", http__response__status_code=401),
    _error("404", "status-404", "NotFoundError", http__response__status_code=404),
    _error("429, retries exhausted", "status-429", "RateLimitError", http__response__status_code=429),
    _error("500", "status-500", "InternalServerError", http__response__status_code=500),
    _error("malformed JSON", "not-json", "JSONDecodeError"),
    _both("errors", "timeout", "error type", {gen_ai.ERROR_TYPE: "APITimeoutError"},
          lambda c: _chat(c.with_options(timeout=0.2, max_retries=0), "hang"), "APITimeoutError"),
    _both("errors", "refused connection", "error type", {gen_ai.ERROR_TYPE: "APIConnectionError"},
          lambda c: _chat(c.with_options(base_url="http://127.0.0.1:9/v1", max_retries=0)), "APIConnectionError"),
)  # fmt: skip


def table() -> str:
    """The shapes as a Markdown table."""
    rows = ["| API | call | captured |", "|---|---|---|"]
    return "\n".join([*rows, *(f"| {shape.area} | {shape.call} | {shape.captured} |" for shape in SHAPES)])
