"""Metrics are not stored. The answer says so in OTLP's own words, so that no exporter retries."""

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from sightline_collector.item_count import POINTS, check_count, check_parts
from sightline_collector.otlp_json import count_points_json
from sightline_core.errors import CallerError
from sightline_core.limits import MAX_REQUEST_SPANS

_POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def answer_metrics(body: bytes, *, is_json: bool) -> ExportMetricsServiceResponse:
    """Return a partial success that rejects every point.

    Raises `CallerError` when the body is not OTLP, and `PayloadTooLarge` when it has too many of them.
    """
    answer = ExportMetricsServiceResponse()
    count = count_points_json(body) if is_json else _count_points(body)
    if count:
        answer.partial_success.rejected_data_points = count
        answer.partial_success.error_message = "metrics are not stored; tokens and cost are taken from spans"
    return answer


def _count_points(body: bytes) -> int:
    check_count(body, MAX_REQUEST_SPANS, "data points", POINTS)
    check_parts(body, ExportMetricsServiceRequest.DESCRIPTOR)
    try:
        request = ExportMetricsServiceRequest.FromString(body)
    except DecodeError as error:
        raise CallerError("the body is not an OTLP ExportMetricsServiceRequest in protobuf") from error
    return sum(
        len(getattr(metric, kind).data_points)
        for resource_metrics in request.resource_metrics
        for scope_metrics in resource_metrics.scope_metrics
        for metric in scope_metrics.metrics
        for kind in _POINTS
    )
