"""Metrics and content events of model calls, where the app has a meter or logger provider for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from opentelemetry import metrics
from opentelemetry.trace import set_span_in_context

from sightline.call import Call
from sightline.doorway import SCOPE
from sightline.facts import Facts
from sightline_semconv import gen_ai

# Buckets of the GenAI conventions.
_DURATION_BUCKETS = [0.01 * 2**power for power in range(14)]
_TOKEN_BUCKETS = [4.0**power for power in range(14)]
_DIMENSIONS = (
    gen_ai.OPERATION_NAME,
    gen_ai.PROVIDER_NAME,
    gen_ai.REQUEST_MODEL,
    gen_ai.RESPONSE_MODEL,
    gen_ai.SERVER_ADDRESS,
    gen_ai.SERVER_PORT,
    gen_ai.ERROR_TYPE,
    gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
    gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
)


class Signals:
    """Emits to the providers it was given; without any it does nothing."""

    def __init__(
        self, meter_provider: Any = None, logger_provider: Any = None, content_events: bool = False
    ) -> None:
        self._logger: Any = None
        self._duration: Any = None
        if logger_provider is not None and content_events:
            self._logger = logger_provider.get_logger(SCOPE, schema_url=gen_ai.SCHEMA_URL)
        if meter_provider is not None:
            meter = metrics.get_meter(SCOPE, meter_provider=meter_provider, schema_url=gen_ai.SCHEMA_URL)
            self._duration = meter.create_histogram(
                gen_ai.OPERATION_DURATION_METRIC, "s", explicit_bucket_boundaries_advisory=_DURATION_BUCKETS
            )
            self._tokens = meter.create_histogram(
                gen_ai.TOKEN_USAGE_METRIC, "{token}", explicit_bucket_boundaries_advisory=_TOKEN_BUCKETS
            )
            self._first_chunk = meter.create_histogram(
                gen_ai.TIME_TO_FIRST_CHUNK_METRIC, "s", explicit_bucket_boundaries_advisory=_DURATION_BUCKETS
            )

    @property
    def active(self) -> bool:
        """Whether anybody is told anything."""
        return self._duration is not None or self._logger is not None

    def emit(self, call: Call, started_with: Mapping[str, Any], facts: Facts) -> None:
        """`started_with`: the attributes the span began with."""
        if self._duration is not None:
            self._record(call, {**started_with, **facts.attributes}, facts)
        if self._logger is not None:
            self._emit_details(call, {**started_with, **facts.attributes})

    def _record(self, call: Call, attributes: Mapping[str, Any], facts: Facts) -> None:
        dimensions = {name: attributes[name] for name in _DIMENSIONS if name in attributes}
        within = set_span_in_context(call.span)
        self._duration.record((call.end_ns - call.start_ns) / 1e9, dimensions, within)
        for kind, count in (("input", facts.usage.input), ("output", facts.usage.output)):
            if count is not None:
                self._tokens.record(count, {**dimensions, gen_ai.TOKEN_TYPE: kind}, within)
        if call.streams and call.first_chunk_ns:
            self._first_chunk.record((call.first_chunk_ns - call.start_ns) / 1e9, dimensions, within)

    def _emit_details(self, call: Call, attributes: Mapping[str, Any]) -> None:
        structured = {
            name: json.loads(value) if name in gen_ai.CONTENT_ATTRIBUTES else value
            for name, value in attributes.items()
        }
        self._logger.emit(
            timestamp=call.end_ns,
            context=set_span_in_context(call.span),
            event_name=gen_ai.INFERENCE_DETAILS_EVENT,
            attributes=structured,
        )
