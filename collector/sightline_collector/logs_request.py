"""A body sent to `/v1/logs` → what is journaled: events among its log records, and spans that some tell."""

from collections.abc import Iterable, MutableSequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

from sightline_collector.agent_spans import told_by
from sightline_collector.item_count import check_count, check_parts
from sightline_collector.lenient_otlp import salvage_logs
from sightline_collector.log_events import check_events
from sightline_collector.otlp_json import parse_logs_json
from sightline_collector.rejections import Rejections
from sightline_collector.trace_request import TraceRequest
from sightline_core.errors import CallerError
from sightline_core.limits import MAX_REQUEST_SPANS


@dataclass(frozen=True, slots=True)
class LogsRequest:
    """`payload` holds `event_count` events; `rejected` are the log records left out.

    `spans` are those that events of coding agents stand for.
    """

    payload: bytes
    event_count: int
    rejected: Rejections
    spans: TraceRequest


def read_logs_request(
    body: bytes, received_ns: int, *, is_json: bool, max_records: int = MAX_REQUEST_SPANS
) -> LogsRequest:
    """Return the request; raises `CallerError` when the body is not OTLP at all or has too many records."""
    unreadable: list[str] = []
    if is_json:
        message, unreadable = parse_logs_json(body, max_records)
    else:
        check_count(body, max_records, "log records")
        check_parts(body, ExportLogsServiceRequest.DESCRIPTOR)
        try:
            message = ExportLogsServiceRequest.FromString(body)
        except DecodeError:
            try:
                message, unreadable = salvage_logs(body)
            except DecodeError as error:
                raise CallerError("the body is not an OTLP ExportLogsServiceRequest in protobuf") from error
    rejected = Rejections()
    rejected.add(len(unreadable), unreadable)
    kept = ExportLogsServiceRequest()
    # One resource and scope hold all: only what an event says itself is used.
    events = kept.resource_logs.add().scope_logs.add().log_records
    made, span_count = ExportTraceServiceRequest(), 0
    for resource_logs in message.resource_logs:
        of_resource: list[ScopeSpans] = []
        for scope_logs in resource_logs.scope_logs:
            spans, others = _told(scope_logs.log_records, events)
            if spans:
                of_resource.append(ScopeSpans(scope=scope_logs.scope, spans=spans))
                span_count += len(spans)
            for record, reason in zip(others, check_events(others, received_ns), strict=True):
                if reason is None:
                    events.append(record)
                else:
                    rejected.add(1, [reason])
        if of_resource:
            made.resource_spans.add(resource=resource_logs.resource, scope_spans=of_resource)
    told_spans = TraceRequest(made.SerializeToString(), span_count, Rejections())
    return LogsRequest(kept.SerializeToString(), len(events), rejected, told_spans)


def _told(
    records: Iterable[LogRecord], events: MutableSequence[LogRecord]
) -> tuple[list[Span], list[LogRecord]]:
    """Return the spans that records tell of, and the records that tell of none; answers go to `events`."""
    spans: list[Span] = []
    others: list[LogRecord] = []
    for record in records:
        told = told_by(record)
        if told is None:
            others.append(record)
            continue
        events.extend(told.answers)
        if told.span is not None:
            spans.append(told.span)
    return spans, others


def logs_acceptance(rejected: Rejections) -> ExportLogsServiceResponse:
    """Return the body of the answer to a request that was taken, whole or in part."""
    answer = ExportLogsServiceResponse()
    if rejected:
        answer.partial_success.rejected_log_records = rejected.count
        answer.partial_success.error_message = str(rejected)
    return answer
