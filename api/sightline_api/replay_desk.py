"""What the API needs for making a recorded call again: the server does the I/O."""

from dataclasses import dataclass
from typing import Protocol

from sightline_api.replay_request import ReplayRequest
from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_storage.spans.span_record import SpanRecord


@dataclass(frozen=True, slots=True)
class Replayed:
    """The call that was made, recorded as a trace. `error` is "" when it was answered well."""

    trace_id: TraceId
    span_id: SpanId
    http_status: int
    error: str


class ReplayDesk(Protocol):
    """Makes calls at the operator's endpoint."""

    def replay(self, project: ProjectId, request: ReplayRequest, original: SpanRecord) -> Replayed:
        """Make the call, store it as a trace that links to the original, and return it.

        A call that fails is stored as well; its `http_status` is 0 when there was no answer. Raises
        `Conflict` when no endpoint is configured, and `TooManyRequests` when others are under way.
        """
