"""A request's body → what is journaled: protobuf that parses, of spans that can be stored."""

from dataclasses import dataclass

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_collector.lenient_otlp import salvage
from sightline_collector.otlp_json import parse_trace_json
from sightline_core.errors import CallerError

_ZERO_TRACE = bytes(16)
_ZERO_SPAN = bytes(8)


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """`payload` holds `span_count` storable spans; `rejected` has one reason for each span left out."""

    payload: bytes
    span_count: int
    rejected: list[str]


def read_trace_request(body: bytes, *, is_json: bool) -> TraceRequest:
    """Return the request; raises `CallerError` when the body is not OTLP at all."""
    rejected: list[str] = []
    changed = is_json
    if is_json:
        message, rejected = parse_trace_json(body)
    else:
        try:
            message = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            try:
                message, rejected = salvage(body)
            except DecodeError as error:
                raise CallerError("the body is not an OTLP ExportTraceServiceRequest in protobuf") from error
            changed = True
    unstorable, count = _refuse_bad_ids(message)
    rejected += unstorable
    payload = message.SerializeToString() if changed or unstorable else body
    return TraceRequest(payload, count, rejected)


def _refuse_bad_ids(message: ExportTraceServiceRequest) -> tuple[list[str], int]:
    """Remove spans without an identity; return why, and how many spans are left."""
    reasons: list[str] = []
    count = 0
    for resource_spans in message.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            spans = scope_spans.spans
            bad = [
                position
                for position, span in enumerate(spans)
                if len(trace_id := span.trace_id) != 16
                or len(span_id := span.span_id) != 8
                or trace_id == _ZERO_TRACE
                or span_id == _ZERO_SPAN
            ]
            for position in bad:
                reasons.append(_why(spans[position].name, spans[position].trace_id, spans[position].span_id))
            for position in reversed(bad):
                del spans[position]
            count += len(spans)
    return reasons, count


def _why(name: str, trace_id: bytes, span_id: bytes) -> str:
    label, value, size = ("span id", span_id, 8)
    if len(trace_id) != 16 or not any(trace_id):
        label, value, size = ("trace id", trace_id, 16)
    problem = "is all zero" if len(value) == size else f"has {len(value)} bytes, not {size}"
    return f"span {name[:80]!r}: its {label} {problem}"
