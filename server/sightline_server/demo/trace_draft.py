"""Draws one trace span by span and turns it into OTLP, with the attributes that the SDK would have sent."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from sightline_semconv import gen_ai
from sightline_semconv import sightline as names
from sightline_semconv.kinds import SpanKind

MS = 1_000_000
_SCOPE = "sightline"


@dataclass(frozen=True, slots=True)
class Failure:
    """How a span ended badly: `error.type`, and the message of its status."""

    type: str
    message: str


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model: what went in, what came out, what it took; `tool` is the one it asked for."""

    model: str
    provider: str
    instructions: str
    question: str
    answer: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    fingerprint: str = ""
    prompt_name: str = ""
    prompt_version: str = ""
    stream: bool = False
    finish_reason: str = "stop"
    tool: str = ""
    tool_arguments: str = "{}"
    output_valid: bool | None = None


class TraceDraft:
    """One trace whose clock moves forward as spans are added; times are nanoseconds since the epoch.

    The same `chance` and start give the same ids, so that seeding again delivers the same spans again.
    """

    def __init__(self, chance: random.Random, start_ns: int, *, session: str, user: str) -> None:
        self.chance = chance
        self.now_ns = start_ns
        self.spans: list[Span] = []
        self._trace_id = chance.randbytes(16)
        self._who = {gen_ai.CONVERSATION_ID: session, names.USER_ID: user}
        self._open: list[Span] = []

    def open(self, name: str, kind: SpanKind, attributes: Mapping[str, Any] | None = None) -> None:
        """Begin a span below the one that is open; `close` ends it."""
        span = Span(
            trace_id=self._trace_id,
            span_id=self.chance.randbytes(8),
            parent_span_id=self._open[-1].span_id if self._open else b"",
            name=name,
            kind=Span.SPAN_KIND_CLIENT if kind is SpanKind.LLM else Span.SPAN_KIND_INTERNAL,
            start_time_unix_nano=self.now_ns,
        )
        put(span.attributes, {**self._who, names.SPAN_KIND: kind.value, **(attributes or {})})
        self.spans.append(span)
        self._open.append(span)

    def close(self, failure: Failure | None = None, attributes: Mapping[str, Any] | None = None) -> None:
        """End the span that was opened last."""
        span = self._open.pop()
        put(span.attributes, attributes or {})
        if failure is not None:
            put(span.attributes, {"error.type": failure.type})
            span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=failure.message))
        span.end_time_unix_nano = self.now_ns

    def wait(self, low_ms: float, high_ms: float) -> None:
        """Let some time pass."""
        self.now_ns += int(self.chance.uniform(low_ms, high_ms) * MS)

    def call_model(self, call: ModelCall, failure: Failure | None = None) -> None:
        """Add a finished model call; a failed one has neither answer nor usage."""
        self.open(f"chat {call.model}", SpanKind.LLM, _request_attributes(call))
        first_token_ms = self.chance.uniform(180, 700)
        self.wait(first_token_ms, first_token_ms)
        if failure is not None:
            self.close(failure)
            return
        self.wait(call.output_tokens * 6, call.output_tokens * 14)
        timing = {gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK: first_token_ms / 1000} if call.stream else {}
        response_id = f"chatcmpl_{self.chance.getrandbits(96):024x}"
        self.close(attributes=_response_attributes(call, response_id) | timing)


def resource_spans(resource: Mapping[str, Any], drafts: Sequence[TraceDraft]) -> ResourceSpans:
    """Return the spans of drafts that one app sent."""
    described = Resource()
    put(described.attributes, resource)
    scope = ScopeSpans(spans=[span for draft in drafts for span in draft.spans])
    scope.scope.name = _SCOPE
    return ResourceSpans(resource=described, scope_spans=[scope])


def put(attributes: Any, values: Mapping[str, Any]) -> None:
    """Append values to a protobuf list of attributes; `None` is left out."""
    for key, value in values.items():
        if value is not None:
            attributes.append(KeyValue(key=key, value=_any_value(value)))


def _any_value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_any_value(item) for item in value]))
    return AnyValue(string_value=str(value))


def _request_attributes(call: ModelCall) -> dict[str, Any]:
    messages = [_message("system", call.instructions), _message("user", call.question)]
    return {
        gen_ai.OPERATION_NAME: "chat",
        gen_ai.PROVIDER_NAME: call.provider,
        gen_ai.REQUEST_MODEL: call.model,
        gen_ai.REQUEST_TEMPERATURE: 0.2,
        gen_ai.REQUEST_STREAM: call.stream or None,
        gen_ai.INPUT_MESSAGES: json.dumps(messages),
        gen_ai.PROMPT_NAME: call.prompt_name or None,
        gen_ai.PROMPT_VERSION: call.prompt_version or None,
    }


def _response_attributes(call: ModelCall, response_id: str) -> dict[str, Any]:
    return {
        gen_ai.RESPONSE_ID: response_id,
        gen_ai.RESPONSE_MODEL: call.model,
        gen_ai.RESPONSE_FINISH_REASONS: [call.finish_reason],
        gen_ai.USAGE_INPUT_TOKENS: call.input_tokens,
        gen_ai.USAGE_OUTPUT_TOKENS: call.output_tokens,
        gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: call.cached_tokens or None,
        gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT: call.fingerprint or None,
        gen_ai.OUTPUT_MESSAGES: json.dumps([_answer(call, response_id)]),
        names.OUTPUT_VALID: call.output_valid,
    }


def _answer(call: ModelCall, response_id: str) -> dict[str, Any]:
    said = _message("assistant", call.answer)
    if call.tool:
        asked = {
            "type": "tool_call",
            "id": f"call_{response_id[-12:]}",
            "name": call.tool,
            "arguments": json.loads(call.tool_arguments),
        }
        said["parts"] = [*(said["parts"] if call.answer else []), asked]
    return said


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}
