"""Metrics are not stored. The answer says so in OTLP's own words, so that no exporter retries."""

from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from sightline_core.errors import CallerError

_POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def answer_metrics(body: bytes, *, is_json: bool) -> ExportMetricsServiceResponse:
    """Return a partial success that rejects every point; raises `CallerError` when the body is not OTLP."""
    request = ExportMetricsServiceRequest()
    _parse(body, request, is_json=is_json)
    answer = ExportMetricsServiceResponse()
    count = sum(
        len(getattr(metric, kind).data_points)
        for resource_metrics in request.resource_metrics
        for scope_metrics in resource_metrics.scope_metrics
        for metric in scope_metrics.metrics
        for kind in _POINTS
    )
    if count:
        answer.partial_success.rejected_data_points = count
        answer.partial_success.error_message = "metrics are not stored; tokens and cost are taken from spans"
    return answer


def _parse(body: bytes, message: Message, *, is_json: bool) -> None:
    try:
        if is_json:
            Parse(body, message, ignore_unknown_fields=True)
        else:
            message.ParseFromString(body)
    except (DecodeError, ParseError, ValueError, RecursionError) as error:
        raise CallerError(f"the body is not an OTLP {message.DESCRIPTOR.name}"[:300]) from error
