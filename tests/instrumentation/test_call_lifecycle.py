"""Streams, threads, tasks and switching on and off: always one span, never a changed app."""

from __future__ import annotations

import asyncio
import gc
import gzip
import hashlib
import inspect
import json
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from datetime import timedelta
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import openai
import pytest
from openai import _base_client, _streaming
from opentelemetry import context as otel_context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from tests.instrumentation.call_shapes import MESSAGES
from tests.instrumentation.fake_openai import FakeOpenAI

import sightline
from sightline.http_tap import outcome_of
from sightline.testing import CapturedSpans, capture_spans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names


def _stream(client: openai.OpenAI, model: str = "m") -> openai.Stream[Any]:
    return client.chat.completions.create(model=model, messages=MESSAGES, stream=True)


def _only(captured: CapturedSpans) -> dict[str, Any]:
    assert len(captured.spans) == 1
    return dict(captured.spans[0].attributes or {})


def test_a_task_that_never_ends_is_collected_without_a_word(
    server: FakeOpenAI, captured: CapturedSpans, caplog: pytest.LogCaptureFixture
) -> None:
    """Python runs the end of its coroutine in the context of whoever closes or collects it."""

    async def leave() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as client:
            asking = client.chat.completions.create(model="hang", messages=MESSAGES)
            Context().run(asking.send, None)
            asking.close()

    asyncio.run(leave())
    assert caplog.messages == []
    assert _only(captured)[gen_ai.ERROR_TYPE] == "GeneratorExit"


def test_a_stream_that_nobody_touches_ends_abandoned_when_collected(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    stream = _stream(client)
    assert captured.spans == []
    del stream
    gc.collect()
    assert _only(captured)[names.STREAM_OUTCOME] == "abandoned"


def test_the_event_loop_has_the_clients_own_generators_to_close_and_no_others(server: FakeOpenAI) -> None:
    async def read() -> list[str]:
        begun = []
        hooks = sys.get_asyncgen_hooks()

        def begin(generator: Any) -> None:
            begun.append(generator.__qualname__)
            assert hooks.firstiter is not None
            hooks.firstiter(generator)

        sys.set_asyncgen_hooks(firstiter=begin)
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as client:
            stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
            async for _ in stream:
                break
            await stream.close()
        return begun

    alone = asyncio.run(read())
    with capture_spans() as captured:
        assert asyncio.run(read()) == alone
    assert _only(captured)[names.STREAM_OUTCOME] == "abandoned"


def test_the_end_of_a_call_tries_no_lock_that_is_held(
    client: openai.OpenAI, captured: CapturedSpans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As gevent lets other greenlets run then, also in a child between fork and exec."""
    tried = []

    class GeventsLock:
        def __init__(self) -> None:
            self._lock = threading.Lock()

        def locked(self) -> bool:
            return self._lock.locked()

        def acquire(self, blocking: bool = True) -> bool:
            acquired = self._lock.acquire(blocking)
            tried.append(acquired)
            return acquired

    locks = SimpleNamespace(Lock=GeventsLock, RLock=threading.RLock, Thread=threading.Thread)
    monkeypatch.setattr("sightline.call.threading", locks)
    assert list(_stream(client))
    gc.collect()
    assert _only(captured)[names.STREAM_OUTCOME] == "complete"
    assert False not in tried


def test_a_stream_left_by_break_ends_abandoned_when_collected(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    for _ in _stream(client):
        break
    gc.collect()
    assert _only(captured)[names.STREAM_OUTCOME] == "abandoned"


@pytest.mark.parametrize("in_a_cycle", [False, True])
@pytest.mark.parametrize("begun", [False, True])
def test_a_collected_stream_ends_its_span_at_once_in_a_thread_that_holds_no_lock(
    client: openai.OpenAI, in_a_cycle: bool, begun: bool
) -> None:
    ended_in: SimpleQueue[threading.Thread] = SimpleQueue()

    class Watching(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            ended_in.put(threading.current_thread())

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Watching())
    callbacks = list(gc.callbacks)
    sightline.instrument(tracer_provider=provider)
    try:
        stream: Any = _stream(client)
        if begun:
            next(stream)
        if in_a_cycle:
            stream.itself = stream
        del stream
        gc.collect()
        assert ended_in.get(timeout=10) is not threading.current_thread()
        assert gc.callbacks == callbacks  # one makes CPython run handlers of signals where it must not
    finally:
        sightline.uninstrument()


def test_a_stream_stays_the_clients_own_class(client: openai.OpenAI, captured: CapturedSpans) -> None:
    with _stream(client) as stream:
        assert type(stream) is openai.Stream
        assert len(list(stream)) == 3


def test_an_answer_that_nobody_reads_is_abandoned_and_not_read_for_the_app(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    make = client.chat.completions.with_streaming_response.create
    with make(model="m", messages=MESSAGES) as response:
        assert not response.http_response.is_stream_consumed
    assert _only(captured)[names.STREAM_OUTCOME] == "abandoned"


def test_a_call_with_bad_arguments_never_becomes_a_request_or_a_span(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    with pytest.raises(TypeError):
        client.chat.completions.create(model="m")  # type: ignore[call-overload]
    assert captured.spans == []


def _answered(**answer: Any) -> openai.OpenAI:
    """A client of a server that always answers this."""
    http: Any = getattr(_base_client, "httpx2", None) or vars(_base_client)["httpx"]
    transport = http.MockTransport(lambda request: http.Response(200, **answer))
    return openai.OpenAI(api_key="k", base_url="http://model", http_client=http.Client(transport=transport))


def test_a_compressed_answer_read_in_pieces_is_understood(captured: CapturedSpans) -> None:
    body = {"id": "c9", "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "zipped"}}]}
    parts = [gzip.compress(json.dumps(body).encode())]
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    headers |= {"cf-aig-cache-status": "HIT", "age": "12"}
    with _answered(content=iter(parts), headers=headers) as client:
        make = client.chat.completions.with_streaming_response.create
        with make(model="m", messages=MESSAGES) as response:
            assert json.loads(b"".join(response.iter_bytes())) == body
    attributes = _only(captured)
    assert "zipped" in attributes[gen_ai.OUTPUT_MESSAGES]
    assert (attributes[names.CACHE_KIND], attributes[names.CACHE_HIT]) == ("gateway", True)
    assert attributes[names.CACHE_AGE_S] == 12


def test_a_streamed_answer_tells_how_long_it_took(client: openai.OpenAI, captured: CapturedSpans) -> None:
    with _stream(client) as stream:
        list(stream)
    assert stream.response.elapsed > timedelta()
    make = client.chat.completions.with_streaming_response.create
    with make(model="m", messages=MESSAGES) as response:
        response.read()
        assert response.elapsed > timedelta()


def test_a_page_instead_of_an_answer_is_told_although_the_client_passes_it_on(
    captured: CapturedSpans,
) -> None:
    with _answered(html="<h1>Log in</h1>") as client:
        assert "Log in" in str(client.chat.completions.create(model="m", messages=MESSAGES))
    attributes = _only(captured)
    assert attributes[names.OUTPUT_VALID] is False
    assert attributes[names.OUTPUT_ERROR] == "the answer is text/html, not JSON"


def test_an_answer_at_once_where_a_stream_was_asked_for_is_read(captured: CapturedSpans) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": "whole"}}
    with _answered(json={"id": "c9", "choices": [choice]}) as client:
        assert list(_stream(client)) == []
    attributes = _only(captured)
    assert attributes[gen_ai.RESPONSE_ID] == "c9"
    assert "whole" in attributes[gen_ai.OUTPUT_MESSAGES]


def test_an_answer_that_the_client_cannot_parse_is_an_error_and_invalid(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    class Stock(openai.BaseModel):
        left: int

    parse: Any = getattr(client.chat.completions, "parse", None) or client.beta.chat.completions.parse
    with pytest.raises(ValueError, match="left"):
        parse(model="m", messages=MESSAGES, response_format=Stock)
    attributes = _only(captured)
    assert attributes[gen_ai.ERROR_TYPE] == "ValidationError"
    assert attributes[names.OUTPUT_ERROR] == "$: 'left' is a required property"


def test_an_exception_in_the_consumer_passes_and_is_no_error_of_the_provider(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    raised = ValueError("mine")

    def consume() -> None:
        with _stream(client) as stream:
            next(stream)
            raise raised

    with pytest.raises(ValueError, match="mine") as seen:
        consume()
    assert seen.value is raised
    assert gen_ai.ERROR_TYPE not in _only(captured)


def test_a_stream_consumed_in_another_thread_ends_once(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    stream = _stream(client)
    thread = threading.Thread(target=lambda: list(stream))
    thread.start()
    thread.join()
    stream.close()
    assert _only(captured)[names.STREAM_OUTCOME] == "complete"


def test_a_cancelled_task_ends_its_span_cancelled(server: FakeOpenAI, captured: CapturedSpans) -> None:
    async def run() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as client:
            stream = await client.chat.completions.create(model="slow", messages=MESSAGES, stream=True)
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(run())
    attributes = _only(captured)
    assert attributes[names.STREAM_OUTCOME] == "cancelled"
    assert attributes[gen_ai.ERROR_TYPE] == "CancelledError"


def test_a_scope_of_trio_that_is_cancelled_is_no_stream_that_was_cut() -> None:
    cancelled = type("Cancelled", (BaseException,), {})  # trio's; the client runs on it as well
    assert (outcome_of(cancelled()), outcome_of(OSError())) == ("cancelled", "cut")


@pytest.mark.parametrize(("model", "outcome"), [("m", "complete"), ("sse-error", "error")])
def test_a_stream_whose_body_a_hook_of_the_http_client_has_read_has_an_outcome(
    model: str, outcome: str, server: FakeOpenAI, captured: CapturedSpans
) -> None:
    http: Any = getattr(_base_client, "httpx2", None) or vars(_base_client)["httpx"]
    hooked = http.Client(event_hooks={"response": [lambda response: response.read()]})
    client = openai.OpenAI(api_key="k", base_url=server.base_url, http_client=hooked)
    with client, suppress(openai.APIError):
        assert len(list(_stream(client, model))) == 3
    assert _only(captured)[names.STREAM_OUTCOME] == outcome


def test_the_exception_that_reaches_the_app_is_the_clients_own(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    with pytest.raises(openai.BadRequestError) as seen:
        client.chat.completions.create(model="status-400", messages=MESSAGES)
    frames = [frame.frame.code.path.name for frame in seen.traceback]  # type: ignore[union-attr]
    assert frames[-1] == "_base_client.py"
    assert seen.value.__cause__ is None


def test_usage_asked_for_on_behalf_of_the_app_stays_hidden_from_it(
    server: FakeOpenAI, client: openai.OpenAI
) -> None:
    with capture_spans(include_usage=True) as captured:
        chunks = list(_stream(client))
        body = server.requests[-1][1]
    assert body["stream_options"] == {"include_usage": True}
    assert [chunk for chunk in chunks if chunk.usage] == []
    assert _only(captured)[gen_ai.USAGE_INPUT_TOKENS] == 11


def test_usage_is_not_asked_for_where_the_app_would_see_it(server: FakeOpenAI, client: openai.OpenAI) -> None:
    make = client.chat.completions.with_streaming_response.create
    with capture_spans(include_usage=True), make(model="m", messages=MESSAGES, stream=True) as response:
        assert "usage" not in "".join(response.iter_lines())
        assert "stream_options" not in server.requests[-1][1]


def test_clients_and_bound_methods_from_before_are_traced(client: openai.OpenAI) -> None:
    create = client.chat.completions.create
    raw = client.chat.completions.with_raw_response.create
    with capture_spans() as captured:
        create(model="m", messages=MESSAGES)
        raw(model="m", messages=MESSAGES)
        assert len(captured.spans) == 2


def test_a_client_that_another_instrumentation_patched_before_is_traced_once(
    server: FakeOpenAI, client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    with capture_spans():  # what OpenInference and Logfire find on the class, hooked or not, they keep
        hooked = openai.OpenAI.request
    seen: list[Any] = []

    def patch(owner: Any, original: Any) -> Any:
        def request(*args: Any, **kwargs: Any) -> Any:
            seen.append(owner)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, "request", request)
        return request

    async def ask() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as made:
            await made.chat.completions.create(model="m", messages=MESSAGES)

    patched = (
        patch(openai.OpenAI, openai.OpenAI.request),
        patch(openai.AsyncOpenAI, openai.AsyncOpenAI.request),
    )
    for original in (None, hooked):
        if original is not None:
            patched = patch(openai.OpenAI, original), patched[1]
        with capture_spans() as captured:
            client.chat.completions.create(model="m", messages=MESSAGES)
            list(_stream(client))
            asyncio.run(ask())
            spans = captured.spans
        assert [(span.attributes or {})[gen_ai.RESPONSE_ID] for span in spans] == ["chatcmpl-1"] * 3
        assert (vars(openai.OpenAI)["request"], vars(openai.AsyncOpenAI)["request"]) == patched
    assert seen == [openai.OpenAI, openai.OpenAI, openai.AsyncOpenAI] * 2


def test_uninstrument_puts_every_original_back(server: FakeOpenAI, client: openai.OpenAI) -> None:
    places = [
        (_base_client.SyncAPIClient, "request"),
        (_base_client.AsyncAPIClient, "_process_response"),
        (_streaming.Stream, "__init__"),
        (threading.Thread, "start"),
        (ThreadPoolExecutor, "submit"),
    ]
    before = [inspect.getattr_static(owner, name) for owner, name in places]
    for _ in range(2):
        with capture_spans() as captured:
            sightline.instrument(app="second call, ignored")
            client.chat.completions.create(model="m", messages=MESSAGES)
            assert len(captured.spans) == 1
        assert [inspect.getattr_static(owner, name) for owner, name in places] == before
    client.chat.completions.create(model="m", messages=MESSAGES)
    assert len(captured.spans) == 1


def test_a_second_instrument_says_when_its_settings_do_not_count(caplog: pytest.LogCaptureFixture) -> None:
    with capture_spans(app="notebook", redact=["emails"]):
        sightline.instrument(app="notebook", redact=["emails"])
        assert caplog.messages == []
        sightline.instrument(app="notebook", redact=["all"])
    assert caplog.messages == ["Sightline is on with other settings, which stay; uninstrument() first"]


@pytest.mark.parametrize(
    "key",
    [_SUPPRESS_INSTRUMENTATION_KEY, "suppress_language_model_instrumentation"],
    ids=["all", "model calls"],
)
def test_suppressed_contexts_make_no_span(key: str, client: openai.OpenAI, captured: CapturedSpans) -> None:
    token = otel_context.attach(otel_context.set_value(key, True))
    try:
        client.chat.completions.create(model="m", messages=MESSAGES)
    finally:
        otel_context.detach(token)
    assert captured.spans == []


def test_an_unsampled_trace_costs_nothing_and_changes_nothing(client: openai.OpenAI) -> None:
    sightline.instrument(tracer_provider=TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False))
    try:
        assert len(list(_stream(client))) == 3
    finally:
        sightline.uninstrument()


def test_subclasses_the_module_client_and_azure_are_traced(
    server: FakeOpenAI, captured: CapturedSpans, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mine(openai.OpenAI):
        pass

    with Mine(api_key="k", base_url=server.base_url) as mine:
        mine.chat.completions.create(model="m", messages=MESSAGES)
    endpoint = server.base_url.removesuffix("/v1")
    with openai.AzureOpenAI(api_key="k", azure_endpoint=endpoint, api_version="2026-01-01") as azure:
        azure.chat.completions.create(model="deployed", messages=MESSAGES)
    monkeypatch.setattr(openai, "api_key", "k")
    monkeypatch.setattr(openai, "base_url", server.base_url)
    openai.chat.completions.create(model="m", messages=MESSAGES)
    found = [dict(span.attributes or {})[gen_ai.PROVIDER_NAME] for span in captured.spans]
    assert found == ["openai-compatible", "azure.ai.openai", "openai-compatible"]
    assert server.requests[1][0].startswith("/openai/deployments/deployed/")


def test_clients_of_bedrock_are_told_on_any_host_and_bodies_in_bytes_name_their_model(
    server: FakeOpenAI, client: openai.OpenAI, captured: CapturedSpans
) -> None:
    bedrock = getattr(openai, "BedrockOpenAI", None)
    if bedrock is None:
        pytest.skip("this client has no Bedrock")
    with bedrock(api_key="k", aws_region="eu-west-1", base_url=server.base_url) as made:
        made.chat.completions.create(model="m", messages=MESSAGES)
    body = json.dumps({"model": "in-bytes", "messages": MESSAGES}).encode()
    client.post("/chat/completions", content=body, cast_to=object)
    first, second = (dict(span.attributes or {}) for span in captured.spans)
    assert first[gen_ai.PROVIDER_NAME] == "aws.bedrock"
    assert second[gen_ai.REQUEST_MODEL] == "in-bytes"


def test_metrics_and_content_events_go_to_the_providers_given(
    client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "EVENT_ONLY")
    make_logs: Any = InMemoryLogRecordExporter  # untyped in the SDK
    reader, logs, spans = InMemoryMetricReader(), make_logs(), CapturedSpans()
    loggers = LoggerProvider(shutdown_on_exit=False)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    sightline.instrument(
        tracer_provider=spans.tracer_provider, meter_provider=meters, logger_provider=loggers
    )
    try:
        client.chat.completions.create(model="m", messages=MESSAGES)
    finally:
        sightline.uninstrument()
    data = reader.get_metrics_data()
    assert data is not None
    measured = {m.name for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics}
    assert measured == {gen_ai.OPERATION_DURATION_METRIC, gen_ai.TOKEN_USAGE_METRIC}
    (record,) = logs.get_finished_logs()
    assert record.log_record.event_name == gen_ai.INFERENCE_DETAILS_EVENT
    assert "Be brief." in str((record.log_record.attributes or {})[gen_ai.INPUT_MESSAGES])
    assert gen_ai.INPUT_MESSAGES not in (spans.spans[0].attributes or {})
    meters.shutdown()
    loggers.shutdown()


def test_a_broken_processor_of_logs_costs_no_span_what_is_known_of_its_call(
    client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(LogRecordProcessor):
        def on_emit(self, log_record: Any) -> None:
            raise RuntimeError("broken")

        def shutdown(self) -> None:
            """Nothing to end."""

        def force_flush(self, timeout_millis: int = 30000) -> bool:
            return True

    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "span_and_event")
    loggers = LoggerProvider(shutdown_on_exit=False)
    loggers.add_log_record_processor(Broken())
    with capture_spans(logger_provider=loggers) as captured:
        client.chat.completions.create(model="m", messages=MESSAGES)
    assert _only(captured)[gen_ai.USAGE_INPUT_TOKENS] == 11


class _BrokenAtStart(SpanProcessor):
    def on_start(self, span: Any, parent_context: Any = None) -> None:
        raise RuntimeError("broken start")


class _BrokenAtEnd(SpanProcessor):
    def on_end(self, span: ReadableSpan) -> None:
        raise RuntimeError("broken end")


@pytest.mark.parametrize("broken", [_BrokenAtStart, _BrokenAtEnd])
def test_a_broken_span_processor_does_not_reach_the_app(
    broken: type[SpanProcessor], client: openai.OpenAI
) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(broken())
    sightline.instrument(tracer_provider=provider)
    try:
        assert client.chat.completions.create(model="m", messages=MESSAGES).id == "chatcmpl-1"
        assert len(list(_stream(client))) == 3
        with sightline.span("chain"):
            pass
    finally:
        sightline.uninstrument()


def test_threads_and_tasks_hang_under_the_chain_with_its_session(
    server: FakeOpenAI, client: openai.OpenAI, captured: CapturedSpans
) -> None:
    async def gather() -> None:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url) as asynchronous:
            calls = (asynchronous.chat.completions.create(model="m", messages=MESSAGES) for _ in range(3))
            await asyncio.gather(*calls)

    with sightline.context(session="s", user="u", tags=["a"]), sightline.span("chain"):
        asyncio.run(gather())
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: client.chat.completions.create(model="m", messages=MESSAGES), range(3)))
        thread = threading.Thread(
            target=client.chat.completions.create, kwargs={"model": "m", "messages": MESSAGES}
        )
        thread.start()
        thread.join()
    *calls, chain = captured.spans
    assert len(calls) == 7
    assert chain.context is not None
    for call in calls:
        assert call.parent is not None
        assert call.parent.span_id == chain.context.span_id
        attributes = dict(call.attributes or {})
        assert (attributes[names.SESSION_ID], attributes[names.USER_ID]) == ("s", "u")
        assert attributes[names.TAGS] == ("a",)


def test_a_thread_class_that_inherits_its_start_is_no_obstacle(
    client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Patched(threading.Thread):
        """As gevent's."""

    original = threading.Thread.start
    monkeypatch.setattr(threading, "Thread", Patched)
    with capture_spans() as captured:
        with sightline.span("step"):
            thread = Patched(target=lambda: client.chat.completions.create(model="m", messages=MESSAGES))
            thread.start()
            thread.join()
        call, step = captured.spans
    assert call.parent is not None
    assert call.parent == step.context
    assert Patched.start is original


def test_work_of_a_pool_belongs_to_whoever_submits_it(captured: CapturedSpans) -> None:
    def work(name: str) -> None:
        with sightline.span(name):
            pass

    ready = threading.Event()
    with ThreadPoolExecutor(1, initializer=work, initargs=("set-up",)) as pool:
        with sightline.context(user="ann"), sightline.span("request"):
            pool.submit(ready.wait)
            pool.submit(work, "hers").add_done_callback(lambda _: work("callback"))
            ready.set()
        pool.submit(work, "nobody's").result()
        with sightline.context(user="bob"):
            pool.submit(work, "his").result()
    found = {
        span.name: ((span.attributes or {}).get(names.USER_ID), span.parent is not None)
        for span in captured.spans
    }
    assert found == {
        "set-up": (None, False),
        "request": ("ann", False),
        "hers": ("ann", True),
        "callback": (None, False),
        "nobody's": (None, False),
        "his": ("bob", False),
    }


def test_a_thread_is_freed_without_the_garbage_collector(captured: CapturedSpans) -> None:
    gc.disable()
    try:
        with sightline.context(user="ann"):
            thread = threading.Thread(target=len, args=("",))
            thread.start()
        thread.join()
        freed = weakref.ref(thread)
        del thread
        assert freed() is None
    finally:
        gc.enable()


def test_a_span_of_another_library_gets_the_context_too(captured: CapturedSpans) -> None:
    other = captured.tracer_provider.get_tracer("other")
    with (
        sightline.context(session="s", metadata={"plan": {"tier": 1}}),
        other.start_as_current_span("theirs"),
    ):
        pass
    attributes = _only(captured)
    assert attributes[names.SESSION_ID] == "s"
    assert attributes[names.METADATA_PREFIX + "plan"] == '{"tier": 1}'


def test_messages_changed_after_the_call_are_recorded_as_sent(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    messages = list(MESSAGES)
    stream = client.chat.completions.create(model="m", messages=messages, stream=True)
    messages.append({"role": "user", "content": "added later"})
    list(stream)
    assert "added later" not in _only(captured)[gen_ai.INPUT_MESSAGES]


def test_keys_of_the_provider_are_told_apart_and_given_away_to_nobody(
    server: FakeOpenAI, captured: CapturedSpans
) -> None:
    for key in ("sk-one", "sk-two", "sk-one"):
        with openai.OpenAI(api_key=key, base_url=server.base_url) as client:
            client.chat.completions.create(model="m", messages=MESSAGES)
    first, second, third = (dict(span.attributes or {}) for span in captured.spans)
    name = hashlib.sha256(b"sk-one").hexdigest()[:8]
    assert first[names.REQUEST_KEY] == third[names.REQUEST_KEY] == name
    assert second[names.REQUEST_KEY] != name
    assert "sk-" not in str([first, second, third])
