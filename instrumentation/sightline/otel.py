"""The entry point that `opentelemetry-instrument` looks for."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from opentelemetry import trace

from sightline.runtime import instrument, uninstrument


class SightlineInstrumentor:
    """Instrumentor with OpenTelemetry's interface, without depending on its instrumentation package."""

    def instrumentation_dependencies(self) -> Collection[str]:
        """The packages that are instrumented."""
        return ("openai >= 1.66",)

    def instrument(self, **options: Any) -> None:
        """`sightline.instrument()` with the options it knows; those of the auto-instrumentation are
        ignored."""
        options.pop("skip_dep_check", None)
        options.pop("raise_exception_on_conflict", None)
        known = {
            "tracer_provider",
            "meter_provider",
            "logger_provider",
            "app",
            "endpoint",
            "key",
            "environment",
        }
        given = {name: value for name, value in options.items() if name in known}
        if not given.get("endpoint") and not os.environ.get("SIGHTLINE_ENDPOINT"):
            # The auto-instrumentation exports to the standard endpoint: a second exporter would double spans.
            provider = trace.get_tracer_provider()
            if hasattr(provider, "add_span_processor"):
                given.setdefault("tracer_provider", provider)
        instrument(**given)

    def uninstrument(self, **options: Any) -> None:
        """`sightline.uninstrument()`."""
        uninstrument()
