"""OTLP/gRPC: the same way in as OTLP/HTTP, with gRPC's own status codes."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from sightline_collector.config import CollectorConfig
from sightline_collector.intake import Intake
from sightline_collector.logs_request import logs_acceptance
from sightline_collector.metrics_answer import answer_metrics
from sightline_collector.otlp_response import acceptance, retry_after_s, rpc_code
from sightline_core.auth import Principal
from sightline_core.errors import ConfigurationError, PayloadTooLarge, SightlineError

logger = logging.getLogger(__name__)

# Handlers mostly wait for the disk; those that wait together share one fsync.
_WORKERS = 16
_GRACE_S = 5.0
_STATUS = {code.value[0]: code for code in grpc.StatusCode}
_COLLECTOR = "opentelemetry.proto.collector"

Answer = Callable[[bytes, Principal], Message]


class GrpcReceiver:
    """The gRPC door. Requests arrive as bytes, so that a bad span is refused and its neighbours are kept."""

    def __init__(self, config: CollectorConfig, intake: Intake) -> None:
        self._config = config
        self._intake = intake
        self._server = grpc.server(
            ThreadPoolExecutor(_WORKERS, thread_name_prefix="otlp-grpc"),
            options=[
                # Without this two servers may share a port, and each gets half of the spans.
                ("grpc.so_reuseport", 0),
                # Holds for the plain message too, so that a small one cannot unpack to gigabytes.
                ("grpc.max_receive_message_length", config.limits.max_body_size),
            ],
        )
        self._add("trace.v1.TraceService", self._traces)
        self._add("logs.v1.LogsService", self._logs)
        self._add("metrics.v1.MetricsService", lambda body, _: answer_metrics(body, is_json=False))

    def start(self, host: str, port: int) -> None:
        """Listen, without TLS; raises `ConfigurationError` when the address cannot be had."""
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            bound = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise ConfigurationError(f"cannot listen on {address} for OTLP/gRPC") from error
        if bound != port:
            raise ConfigurationError(f"cannot listen on {address} for OTLP/gRPC")
        self._server.start()

    def stop(self) -> None:
        """Take nothing more, and answer what is under way."""
        self._server.stop(_GRACE_S).wait()

    def _add(self, service: str, answer: Answer) -> None:
        handler = grpc.unary_unary_rpc_method_handler(self._guarded(answer))
        name = f"{_COLLECTOR}.{service}"
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(name, {"Export": handler}),)
        )

    def _guarded(self, answer: Answer) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        """Turn every error into a status; a defect of ours is logged and told as INTERNAL."""

        def export(body: bytes, context: grpc.ServicerContext) -> bytes:
            headers = {
                key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)
            }
            try:
                principal = self._intake.admit(headers)
                self._check_size(body, principal)
                return answer(body, principal).SerializeToString()
            except SightlineError as error:
                self._intake.refused(error)
                _refuse(context, error)
            except Exception:
                self._intake.refused(None)
                logger.exception("a request could not be handled")
                context.set_code(grpc.StatusCode.INTERNAL)
                context.set_details("internal error")
            return b""

        return export

    def _check_size(self, body: bytes, principal: Principal) -> None:
        limit = self._config.limits_of(principal.project).max_body_size
        if len(body) > limit:
            raise PayloadTooLarge(f"the message is over the limit of {limit} bytes")

    def _traces(self, body: bytes, principal: Principal) -> Message:
        self._intake.check_rate(principal)
        request = self._intake.read_spans(body, is_json=False)
        self._intake.journal(principal, request).result()
        return acceptance(request.rejected)

    def _logs(self, body: bytes, principal: Principal) -> Message:
        self._intake.check_rate(principal)
        events = self._intake.read_events(body, is_json=False)
        self._intake.journal_events(principal, events).result()
        return logs_acceptance(events.rejected)


def _refuse(context: grpc.ServicerContext, error: SightlineError) -> None:
    """Say the status; where trying again makes sense, with the `RetryInfo` that exporters look for."""
    code = rpc_code(error.status)
    wait_s = retry_after_s(error)
    if wait_s is not None:
        status = Status(code=code, message=str(error))
        retry = RetryInfo()
        retry.retry_delay.FromSeconds(wait_s)
        status.details.add().Pack(retry)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.set_code(_STATUS[code])
    context.set_details(str(error))
