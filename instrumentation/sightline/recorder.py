"""Spans of model calls: started with what samplers need, finished with what was learnt."""

from __future__ import annotations

import logging
from collections.abc import Generator, Hashable, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceFlags, get_current_span

from sightline.app_context import current_app_context
from sightline.batches import read_batch
from sightline.call import Call, finish_orphans
from sightline.config import ContentPolicy
from sightline.describe import describe, error_message, size_of_files
from sightline.doorway import Doorway, is_logfires_call
from sightline.endpoints import Endpoint
from sightline.facts import AttributeValue, Facts
from sightline.late_span import can_end_late
from sightline.providers import identify_server, name_of_key
from sightline.readers.counted_once import told_batches
from sightline.readers.json_values import as_object
from sightline.signals import Signals
from sightline.sturdy_tracer import SturdyTracer
from sightline_semconv import gen_ai

logger = logging.getLogger(__name__)

_SUPPRESSION_KEYS = (
    otel_context._SUPPRESS_INSTRUMENTATION_KEY,
    "suppress_instrumentation",
    "suppress_language_model_instrumentation",
)
_PROVIDERS_OF_CLIENTS = {"bedrock": "aws.bedrock", "vertex": "gcp.vertex_ai"}
_FIXED_BYTES = 4 * 1024  # what a call holds besides content: span and response head


class Recorder:
    """Turns requests into spans on one tracer, under one content policy.

    A span is ended before its call is described, and described when its processors look at it. `at_once`
    rules that out, for metrics must be right also where no processor ever looks.
    """

    def __init__(
        self, tracer: SturdyTracer, policy: ContentPolicy, doorway: Doorway, signals: Signals
    ) -> None:
        self._tracer = tracer
        self._policy = policy
        self._doorway = doorway
        self._signals = signals
        self.at_once = False
        self.include_usage = False

    def begin(self, endpoint: Endpoint, client: Any, options: Any) -> Call | None:
        """Start the span of a request; None when it is suppressed or not sampled."""
        finish_orphans(wait_s=0)
        here = otel_context.get_current()
        suppressed = _is_suppressed(here)
        if suppressed:
            if not is_logfires_call(get_current_span(here)):
                return None
            self._doorway.tells_logfires_calls = True
        body = options.json_data
        model = body.get("model") if isinstance(body, Mapping) else None
        server = identify_server(str(client.base_url), _is_azure(client.__class__))
        app = current_app_context(here)
        attributes: dict[str, AttributeValue] = {
            **self._doorway.stamp,
            **app.attributes,
            gen_ai.OPERATION_NAME: endpoint.operation,
            gen_ai.PROVIDER_NAME: _provider_said_by(client) or server.provider,
        }
        name = endpoint.operation
        if isinstance(model, str) and model:
            attributes[gen_ai.REQUEST_MODEL] = model
            name = f"{name} {model}"
        if server.address:
            attributes[gen_ai.SERVER_ADDRESS] = server.address
            attributes[gen_ai.SERVER_PORT] = server.port
        if suppressed:  # by Logfire, below its span of this very call: both spans have their place
            with _unsuppressed(here) as here:
                span = self._tracer.start_span(name, here, SpanKind.CLIENT, attributes)
        else:
            span = self._tracer.start_span(name, here, SpanKind.CLIENT, attributes)
        if not span.is_recording():
            return None
        call = Call(endpoint, options, span, self._finish)
        call.variables = app.variables
        key = getattr(client, "api_key", None)
        call.key = name_of_key(key) if isinstance(key, str) and key else ""
        return call

    def record_batch(self, client: Any, body: Any) -> None:
        """Tell once of a batch that was fetched and has ended what it used."""
        batch = None if _is_suppressed(otel_context.get_current()) else read_batch(as_object(body))
        if batch is None or not told_batches.add(f"{batch.trace_id:x}"):
            return
        server = identify_server(str(client.base_url), _is_azure(client.__class__))
        attributes: dict[str, AttributeValue] = {
            **self._doorway.stamp,
            **batch.attributes,
            gen_ai.PROVIDER_NAME: _provider_said_by(client) or server.provider,
        }
        if server.address:
            attributes[gen_ai.SERVER_ADDRESS] = server.address
        context = SpanContext(batch.trace_id, batch.span_id, False, TraceFlags(TraceFlags.SAMPLED))
        self._tracer.record_span(batch.name, context, batch.at_ns, attributes)

    def _finish(self, call: Call) -> None:
        here = otel_context.get_current()
        if _is_suppressed(here):  # a span that was started is ended
            with _unsuppressed(here):
                self._end(call)
        else:
            self._end(call)

    def _end(self, call: Call) -> None:
        span = call.span
        if not self.at_once and can_end_late(span):
            call.let_go()
            self._tracer.end_span_late(span, call.end_ns, partial(self._describe, call), _size_of(call))
            return
        try:
            facts = self._describe(call, getattr(span, "attributes", None) or {})
            span.set_attributes(facts.attributes)
            for name, attributes in facts.events:
                span.add_event(name, attributes, timestamp=call.end_ns)
            if facts.error is not None:
                span.set_status(StatusCode.ERROR, facts.error[1])
        finally:
            self._tracer.end_span(span, call.end_ns)

    def _describe(self, call: Call, started_with: Mapping[str, Any]) -> Facts:
        facts = describe(call, self._policy, started_with)
        try:
            self._signals.emit(call, started_with, facts)
        except Exception:  # of the app's own readers and processors
            logger.debug("A call's metrics or events could not be emitted", exc_info=True)
        if facts.error is not None:
            facts.error = (facts.error[0], error_message(facts.error[1], self._policy))
        if not self._policy.on_spans:
            for name in gen_ai.CONTENT_ATTRIBUTES:
                facts.attributes.pop(name, None)
        return facts


def _is_suppressed(context: otel_context.Context) -> bool:
    return bool(context) and any(context.get(key) for key in _SUPPRESSION_KEYS)


@contextmanager
def _unsuppressed(context: otel_context.Context) -> Generator[otel_context.Context]:
    """Attach the context without suppression: Logfire's tracer and processors ask the current one."""
    for key in _SUPPRESSION_KEYS:
        context = otel_context.set_value(key, None, context)
    token = otel_context.attach(context)
    try:
        yield context
    finally:
        otel_context.detach(token)


def _size_of(call: Call) -> int:
    content = len(call.content or b"") + (call.body.size if call.body is not None else 0)
    files = getattr(call.options, "files", None) if call.options is not None else None
    return _FIXED_BYTES + content + len(call.request_bytes or b"") + size_of_files(files)


def _provider_said_by(client: Any) -> str:
    """Of `OpenAI(provider=…)` and `BedrockOpenAI`, on whatever host; "" for other clients."""
    name = getattr(getattr(client, "_provider_runtime", None), "name", None)
    return _PROVIDERS_OF_CLIENTS.get(name, "") if isinstance(name, str) else ""


@lru_cache(maxsize=128)
def _is_azure(client_class: Hashable) -> bool:
    return any(
        base.__name__ in {"AzureOpenAI", "AsyncAzureOpenAI"} for base in getattr(client_class, "__mro__", ())
    )
