"""The one span processor that Sightline adds to a tracer provider."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import SpanKind, get_current_span

from sightline.app_context import current_app_context
from sightline.call import finish_open_streams, finish_orphans
from sightline.facts import AttributeValue

if TYPE_CHECKING:
    from sightline.delivery import Delivery

logger = logging.getLogger(__name__)

SCOPE = "sightline"
_LOGFIRE_SCOPE = "logfire.openai"


class Doorway(SpanProcessor):
    """Stamps what `sightline.context` says on every span, and passes ended spans on for delivery.

    OpenTelemetry cannot remove a processor, so `uninstrument()` leaves it behind, closed: it then does
    nothing.
    """

    def __init__(self) -> None:
        self.active = False
        self.delivery: Delivery | None = None
        self.stamp: Mapping[str, AttributeValue] = {}  # app and environment, when the resource is not ours
        self.tells_logfires_calls = False  # once a call that Logfire sees has a span of ours as well
        self._seen = threading.local()  # `context`: of the span that ended last in this thread

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        scope = span.instrumentation_scope
        if not self.active or (scope is not None and scope.name == SCOPE):
            return  # our own spans start with it
        try:
            if is_logfires_call(span) and _is_call_of_ours(get_current_span(parent_context)):
                self.tells_logfires_calls = True
            attributes = current_app_context(parent_context).attributes
            if attributes or self.stamp:
                span.set_attributes({**self.stamp, **attributes})
        except Exception:
            logger.debug("A span could not be stamped", exc_info=True)

    def on_end(self, span: ReadableSpan) -> None:
        delivery, context = self.delivery, span.context
        self._seen.context = context
        if not self.active or delivery is None or context is None or not context.trace_flags.sampled:
            return
        if not (self.tells_logfires_calls and _is_log_of_stream(span)):
            delivery.put(span)

    def catch_up(self, span: Any) -> None:
        """Hear of a span that ended just now in this thread, if a processor before us kept it from us."""
        context = getattr(span, "context", None)
        if context is not None and context is not getattr(self._seen, "context", None):
            self.on_end(span)

    def shutdown(self) -> None:
        finish_open_streams()
        if self.delivery is not None:
            self.delivery.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        finish_orphans()
        if self.delivery is None:
            return True
        return self.delivery.flush(timeout_millis / 1000).waiting == 0


def is_logfires_call(span: object) -> bool:
    """Whether a span was made by `logfire.instrument_openai()`."""
    return _has_scope(span, _LOGFIRE_SCOPE)


def _is_call_of_ours(span: object) -> bool:
    return _has_scope(span, SCOPE) and getattr(span, "kind", None) is SpanKind.CLIENT


def _has_scope(span: object, name: str) -> bool:
    scope = getattr(span, "instrumentation_scope", None)
    return scope is not None and scope.name == name


def _is_log_of_stream(span: ReadableSpan) -> bool:
    """Logfire logs a streamed answer beside its span of the request, with all tokens that ours has."""
    return is_logfires_call(span) and (span.attributes or {}).get("logfire.span_type") == "log"
