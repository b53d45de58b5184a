"""Whether a span failed, also by the word of emitters that do not set its status."""

from collections.abc import Iterable

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from sightline_collector.any_value import to_attributes, to_text
from sightline_semconv.dialects import Attributes

_STATUS = ("unset", "ok", "error")
# Langfuse's, which its SDK for JavaScript and versions of that for Python leave at that.
_LEVEL, _MESSAGE = "langfuse.observation.level", "langfuse.observation.status_message"
# Its exporter says ok when a run that failed is updated; of runs that did not it records no exception.
_OK_AFTER_ERROR = "langsmith"


def settle_status(span: Span, scope: str, attributes: Attributes) -> tuple[str, str]:
    """Return the status and its message."""
    status = span.status
    if status.code == Status.STATUS_CODE_UNSET and attributes.get(_LEVEL) == "ERROR":
        return "error", status.message or to_text(attributes.get(_MESSAGE))
    if status.code == Status.STATUS_CODE_OK and scope == _OK_AFTER_ERROR and exception_type(span.events):
        return "error", status.message
    return (_STATUS[status.code] if 0 <= status.code < len(_STATUS) else "unset"), status.message


def exception_type(events: Iterable[Span.Event]) -> str:
    """Return the type of the last exception among a span's events, "" when there is none."""
    types = [
        to_attributes(event.attributes).get("exception.type") for event in events if event.name == "exception"
    ]
    return to_text(types[-1]) if types and types[-1] else ""
