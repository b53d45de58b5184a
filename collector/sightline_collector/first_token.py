"""When the first token of a streamed answer came, of emitters that name the moment, not the time until it."""

from datetime import UTC, datetime

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_core.nanoseconds import to_ns
from sightline_semconv.dialects import Attributes
from sightline_semconv.dialects.flattened import unquote

# OpenInference, OpenLLMetry (an event for each chunk), Vercel AI SDK.
_EVENTS = frozenset({"First Token Stream Event", "llm.content.completion.chunk", "ai.stream.firstChunk"})
_MOMENTS = ("langfuse.observation.completion_start_time", "mastra.completion_start_time")


def time_to_first_token_ns(span: Span, attributes: Attributes) -> int:
    """Return nanoseconds since the start of the span; 0 when nothing plausible is said."""
    moments = [event.time_unix_nano for event in span.events if event.name in _EVENTS]
    for name in _MOMENTS:
        said = unquote(attributes.get(name))
        if isinstance(said, str):
            moments.append(_nanoseconds(said))
    waited_ns = min(moments, default=0) - span.start_time_unix_nano
    return waited_ns if 0 < waited_ns <= span.end_time_unix_nano - span.start_time_unix_nano else 0


def _nanoseconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
