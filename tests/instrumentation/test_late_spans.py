"""Spans on the app's own provider are described late, and nobody who looks at them can tell."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from inspect import signature
from typing import Any

import openai
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.trace import StatusCode
from tests.instrumentation.fake_openai import FakeOpenAI

import sightline
from sightline.facts import Facts
from sightline.late_span import LateSpan
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names

MESSAGES: Any = [{"role": "user", "content": "hi"}]


class _Looking(SpanProcessor):
    """Writes down what a span shows while it ends."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, Any], StatusCode, list[str]]] = []

    def on_end(self, span: ReadableSpan) -> None:
        names_of_events = [event.name for event in span.events]
        self.seen.append((dict(span.attributes or {}), span.status.status_code, names_of_events))


class _Keeping(SpanProcessor):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


class _EndingEarly(SpanProcessor):
    """Uses the SDK's experimental hook, in which a span can still be written to."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def _on_ending(self, span: Span) -> None:
        self.seen.append(dict(span.attributes or {}))
        span.set_attribute("late.word", "kept")


class _Redacting(SpanProcessor):
    def on_end(self, span: ReadableSpan) -> None:
        changed: Any = span
        changed._attributes = {**changed._attributes, gen_ai.INPUT_MESSAGES: "removed"}


@pytest.fixture
def provider() -> Iterator[TracerProvider]:
    made = TracerProvider(shutdown_on_exit=False)
    yield made
    sightline.uninstrument()
    made.shutdown()


def _on(provider: TracerProvider, *processors: SpanProcessor) -> None:
    for processor in processors:
        provider.add_span_processor(processor)
    sightline.instrument(tracer_provider=provider)


def test_a_processor_that_looks_at_the_end_sees_answer_status_and_verdicts(
    provider: TracerProvider, client: openai.OpenAI
) -> None:
    looking = _Looking()
    _on(provider, looking)
    client.chat.completions.create(model="refuse", messages=MESSAGES)
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model="sse-error", messages=MESSAGES, stream=True))
    (refused, _, events), (failed, status, _) = looking.seen
    assert refused[gen_ai.RESPONSE_ID] == "chatcmpl-1"
    assert events == [names.GUARDRAIL_RESULT_EVENT]
    assert failed[names.ERROR_CODE] == "overloaded_error"
    assert status is StatusCode.ERROR


def test_the_first_thread_that_looks_describes_the_call(
    provider: TracerProvider, client: openai.OpenAI
) -> None:
    described: list[threading.Thread] = []

    def redact(text: str) -> str:
        described.append(threading.current_thread())
        return text

    keeping = _Keeping()
    provider.add_span_processor(keeping)
    sightline.instrument(tracer_provider=provider, redact=redact)
    client.chat.completions.create(model="m", messages=MESSAGES)
    assert described == []
    reader = threading.Thread(target=lambda: keeping.spans[0].attributes)
    reader.start()
    reader.join()
    assert keeping.spans[0].to_json()
    assert set(described) == {reader}


def test_a_thread_that_looks_while_another_one_describes_sees_the_call_whole() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def describe(_started_with: Mapping[str, Any]) -> Facts:
        begun.set()
        assert go_on.wait(10)
        return Facts({"answer": "yes"}, [], [])

    span = LateSpan(ReadableSpan("call"), describe, 0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: span.attributes)
        assert begun.wait(10)
        second = pool.submit(lambda: span.attributes)
        with pytest.raises(TimeoutError):
            second.result(0.05)
        go_on.set()
        assert [dict(seen.result(10) or {}) for seen in (first, second)] == [{"answer": "yes"}] * 2


def test_limits_of_the_apps_provider_hold(client: openai.OpenAI) -> None:
    provider = TracerProvider(span_limits=SpanLimits(max_span_attribute_length=5), shutdown_on_exit=False)
    keeping = _Keeping()
    _on(provider, keeping)
    client.chat.completions.create(model="m", messages=MESSAGES)
    sightline.uninstrument()
    provider.shutdown()
    assert (keeping.spans[0].attributes or {})[gen_ai.RESPONSE_ID] == "chatc"


def test_a_processor_that_takes_part_in_ending_finds_the_span_whole(
    provider: TracerProvider, client: openai.OpenAI
) -> None:
    if not hasattr(SpanProcessor, "_on_ending"):
        pytest.skip("this SDK has no such hook")
    early, keeping = _EndingEarly(), _Keeping()
    _on(provider, early, keeping)
    client.chat.completions.create(model="m", messages=MESSAGES)
    assert early.seen[0][gen_ai.RESPONSE_ID] == "chatcmpl-1"


def test_a_processor_may_replace_the_attributes(provider: TracerProvider, client: openai.OpenAI) -> None:
    keeping = _Keeping()
    _on(provider, _Redacting(), keeping)
    client.chat.completions.create(model="m", messages=MESSAGES)
    attributes = keeping.spans[0].attributes or {}
    assert attributes[gen_ai.INPUT_MESSAGES] == "removed"
    assert attributes[gen_ai.RESPONSE_ID] == "chatcmpl-1"


def test_what_the_app_changes_after_the_call_is_not_in_the_span(
    provider: TracerProvider, client: openai.OpenAI, server: FakeOpenAI
) -> None:
    keeping = _Keeping()
    _on(provider, keeping)
    messages: Any = [{"role": "user", "content": "before"}]
    client.chat.completions.create(model="m", messages=messages)
    messages[0]["content"] = "after"
    assert "before" in str((keeping.spans[0].attributes or {})[gen_ai.INPUT_MESSAGES])


def test_a_span_can_be_copied_before_anybody_looked(provider: TracerProvider, client: openai.OpenAI) -> None:
    keeping = _Keeping()
    _on(provider, keeping)
    client.chat.completions.create(model="m", messages=MESSAGES)
    for copied in (copy(keeping.spans[0]), copy(keeping.spans[0])):
        assert type(copied) is ReadableSpan
        assert (copied.attributes or {})[gen_ai.RESPONSE_ID] == "chatcmpl-1"


def test_half_a_surrogate_pair_does_not_cost_the_batch(
    provider: TracerProvider, client: openai.OpenAI
) -> None:
    if "content" not in signature(client.post).parameters:
        pytest.skip("this client sends no bytes as they are")
    keeping = _Keeping()
    _on(provider, keeping)
    body = b'{"model": "m", "messages": [{"content": "\\ud800"}]}'
    client.post("/chat/completions", cast_to=object, content=body)
    assert encode_spans(keeping.spans)
