"""A request's body → what is journaled: protobuf that parses, of spans that can be stored."""

from dataclasses import dataclass

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_collector.item_count import check_count, check_parts
from sightline_collector.lenient_otlp import salvage
from sightline_collector.otlp_json import parse_trace_json
from sightline_collector.rejections import Rejections
from sightline_core.errors import CallerError
from sightline_core.limits import MAX_REQUEST_SPANS

_ZERO_TRACE = bytes(16)
_ZERO_SPAN = bytes(8)


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """`payload` holds `span_count` storable spans; `rejected` are those left out."""

    payload: bytes
    span_count: int
    rejected: Rejections


def read_trace_request(body: bytes, *, is_json: bool, max_spans: int = MAX_REQUEST_SPANS) -> TraceRequest:
    """Return the request; raises `CallerError` when the body is not OTLP at all or has too many spans."""
    unreadable: list[str] = []
    changed = is_json
    if is_json:
        message, unreadable = parse_trace_json(body, max_spans)
    else:
        check_count(body, max_spans, "spans")
        check_parts(body, ExportTraceServiceRequest.DESCRIPTOR)
        try:
            message = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            try:
                message, unreadable = salvage(body)
            except DecodeError as error:
                raise CallerError("the body is not an OTLP ExportTraceServiceRequest in protobuf") from error
            changed = True
    rejected = Rejections()
    rejected.add(len(unreadable), unreadable)
    count = _refuse_bad_ids(message, rejected)
    changed = changed or rejected.count > len(unreadable)
    return TraceRequest(message.SerializeToString() if changed else body, count, rejected)


def _refuse_bad_ids(message: ExportTraceServiceRequest, rejected: Rejections) -> int:
    """Remove spans without an identity and say why; return how many spans are left."""
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
            rejected.add(len(bad), (_why(spans[position]) for position in bad))
            for position in reversed(bad):
                del spans[position]
            count += len(spans)
    return count


def _why(span: Span) -> str:
    label, value, size = ("span id", span.span_id, 8)
    if len(span.trace_id) != 16 or not any(span.trace_id):
        label, value, size = ("trace id", span.trace_id, 16)
    problem = "is all zero" if len(value) == size else f"has {len(value)} bytes, not {size}"
    return f"span {span.name[:80]!r}: its {label} {problem}"
