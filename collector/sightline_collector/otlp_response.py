"""Answers of the receiver: OTLP responses and `google.rpc.Status`, in the request's encoding."""

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.responses import Response

from sightline_collector.rejections import Rejections
from sightline_core.errors import SightlineError, retry_after_s

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

_RPC_CODE = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14}
_INTERNAL = 13


def accepted(rejected: Rejections, *, is_json: bool) -> Response:
    """Return 200; with reasons for the rejected spans when there are any (partial success)."""
    return encode(acceptance(rejected), 200, is_json=is_json)


def acceptance(rejected: Rejections) -> ExportTraceServiceResponse:
    """Return the body of the answer to a request that was taken, whole or in part."""
    answer = ExportTraceServiceResponse()
    if rejected:
        answer.partial_success.rejected_spans = rejected.count
        answer.partial_success.error_message = str(rejected)
    return answer


def refused(error: SightlineError, *, is_json: bool) -> Response:
    """Return the error's status with a `Status` body, and `Retry-After` where trying again makes sense."""
    wait_s = retry_after_s(error)
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    return failed(error.status, str(error), is_json=is_json, headers=headers)


def rpc_code(status: int) -> int:
    """Return the `google.rpc.Code` that says the same as an HTTP status."""
    return _RPC_CODE.get(status, _INTERNAL)


def failed(status: int, message: str, *, is_json: bool, headers: dict[str, str] | None = None) -> Response:
    """Return any HTTP status with a `Status` body."""
    body = Status(code=rpc_code(status), message=message)
    return encode(body, status, is_json=is_json, headers=headers)


def encode(
    message: Message, status: int, *, is_json: bool, headers: dict[str, str] | None = None
) -> Response:
    """Return a message as protobuf or JSON."""
    content = MessageToJson(message, indent=None).encode() if is_json else message.SerializeToString()
    return Response(content, status, headers, media_type=JSON if is_json else PROTOBUF)
