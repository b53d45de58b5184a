"""For tests of apps: spans in memory instead of on the wire."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sightline.call import finish_orphans
from sightline.runtime import instrument, set_aside


class CapturedSpans:
    """Spans ended so far, in the order in which they ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> list[ReadableSpan]:
        """All of them, those of garbage-collected streams included."""
        finish_orphans()
        return list(self._exporter.get_finished_spans())

    def clear(self) -> None:
        """Forget them."""
        finish_orphans()
        self._exporter.clear()


@contextmanager
def capture_spans(**settings: Any) -> Generator[CapturedSpans]:
    """Instrument for the duration of a test; `settings` as for `sightline.instrument`.

    Where the app under test is instrumented already, its spans come here too and to no collector; its own
    settings hold again afterwards.
    """
    captured = CapturedSpans()
    try:
        with set_aside():
            instrument(tracer_provider=captured.tracer_provider, **settings)
            yield captured
    finally:
        captured.tracer_provider.shutdown()
