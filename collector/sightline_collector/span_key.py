"""What names a span in everything that the collector remembers of spans."""

from sightline_storage.spans.span_record import SpanRecord

SpanKey = tuple[str, str, str]
"""Project, trace id, span id."""


def span_key(record: SpanRecord) -> SpanKey:
    """Return the key of a span."""
    return record["project"], record["trace_id"], record["span_id"]
