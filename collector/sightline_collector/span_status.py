"""Whether a span failed, also by the word of emitters that do not set its status."""

from opentelemetry.proto.trace.v1.trace_pb2 import Status

from sightline_collector.any_value import to_text
from sightline_semconv.dialects import Attributes

_STATUS = ("unset", "ok", "error")
# Langfuse's, which its SDK for JavaScript and versions of that for Python leave at that.
_LEVEL, _MESSAGE = "langfuse.observation.level", "langfuse.observation.status_message"


def settle_status(status: Status, attributes: Attributes) -> tuple[str, str]:
    """Return the status and its message."""
    if status.code == Status.STATUS_CODE_UNSET and attributes.get(_LEVEL) == "ERROR":
        return "error", status.message or to_text(attributes.get(_MESSAGE))
    return (_STATUS[status.code] if 0 <= status.code < len(_STATUS) else "unset"), status.message
