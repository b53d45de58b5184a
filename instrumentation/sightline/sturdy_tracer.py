"""Spans of ours in spite of span processors of the app's that raise.

The SDK calls processors one after the other and lets their exceptions through: a broken one keeps a span from
starting, and the processors behind it, of which ours is the last, from hearing that it ended.
"""

from __future__ import annotations

import logging
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanContext, SpanKind, Tracer
from opentelemetry.util.types import Attributes

from sightline.doorway import SCOPE, Doorway
from sightline.late_span import Describe, end_late
from sightline_semconv import gen_ai

logger = logging.getLogger(__name__)


class SturdyTracer:
    """Starts and ends spans on a provider; what its processors raise is logged once and stays here."""

    def __init__(self, provider: Any, doorway: Doorway, version: str) -> None:
        self._provider = provider
        self._doorway = doorway
        self._version = version
        self._tracer = self._tracer_of(provider)
        self._spare: Tracer | None = None
        self._warned = False

    def start_span(
        self,
        name: str,
        context: otel_context.Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
    ) -> Span:
        """As the tracer does; where a processor raises, the span is one that only we hear of."""
        try:
            return self._tracer.start_span(name, context, kind, attributes)
        except Exception:
            self._warn()
            return self._spare_tracer().start_span(name, context, kind, attributes)

    def end_span(self, span: Span, end_ns: int | None = None) -> None:
        """End a span. Never raises."""
        try:
            span.end(end_ns)
        except Exception:
            self._warn()
            self._doorway.catch_up(span)

    def end_span_late(self, span: Any, end_ns: int, describe: Describe, held_bytes: int) -> None:
        """End a span that is described when somebody looks (`late_span`). Never raises."""
        late: list[ReadableSpan] = []
        try:
            end_late(span, end_ns, describe, held_bytes, late)
        except Exception:
            self._warn()
            for ended in late:
                self._doorway.catch_up(ended)

    def record_span(self, name: str, context: SpanContext, at_ns: int, attributes: Attributes) -> None:
        """Show processors a span that took no time, under ids of its own. Never raises."""
        span = ReadableSpan(
            name,
            context,
            resource=getattr(self._provider, "resource", None),
            attributes=attributes,
            kind=SpanKind.CLIENT,
            instrumentation_scope=InstrumentationScope(SCOPE, self._version, gen_ai.SCHEMA_URL),
            start_time=at_ns,
            end_time=at_ns,
        )
        try:
            getattr(self._provider, "_active_span_processor", self._doorway).on_end(span)
        except Exception:
            self._warn()
            self._doorway.catch_up(span)

    def _spare_tracer(self) -> Tracer:
        if self._spare is None:
            options = {name: getattr(self._provider, name, None) for name in ("resource", "sampler")}
            known: Any = {name: value for name, value in options.items() if value is not None}
            provider = TracerProvider(shutdown_on_exit=False, **known)
            provider.add_span_processor(self._doorway)
            self._spare = self._tracer_of(provider)
        return self._spare

    def _tracer_of(self, provider: Any) -> Tracer:
        tracer: Tracer = provider.get_tracer(SCOPE, self._version, schema_url=gen_ai.SCHEMA_URL)
        return tracer

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            logger.warning("A span processor of the app fails; Sightline works around it", exc_info=True)
