"""OTLP/gRPC: the same way in as OTLP/HTTP, with gRPC's own status codes."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from sightline_collector.config import CollectorConfig
from sightline_collector.grpc_health import health_handler
from sightline_collector.intake import Intake
from sightline_collector.logs_request import logs_acceptance
from sightline_collector.message_room import MessageRoom
from sightline_collector.metrics_answer import answer_metrics
from sightline_collector.otlp_response import acceptance, rpc_code
from sightline_core.auth import Principal
from sightline_core.errors import ConfigurationError, PayloadTooLarge, SightlineError, retry_after_s

logger = logging.getLogger(__name__)

# Handlers mostly wait for the disk; those that wait together share one fsync.
_WORKERS = 16
_GRACE_S = 5.0
_IDLE_S = 300
_STATUS = {code.value[0]: code for code in grpc.StatusCode}
_COLLECTOR = "opentelemetry.proto.collector"
# Not those of requests: all of them may be waiting for the disk.
_HEALTH_THREADS = 2

Answer = Callable[[bytes, Principal], Message]


class GrpcReceiver:
    """The gRPC door. Requests arrive as bytes, so that a bad span is refused and its neighbours are kept.

    Its event loop waits for messages: a client that opens calls and sends none would hold as many threads.
    """

    def __init__(self, config: CollectorConfig, intake: Intake) -> None:
        self._config = config
        self._intake = intake
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="otlp-grpc")
        self._room = MessageRoom(config.limits.max_body_size)
        self._stop: Callable[[], object] = lambda: None

    def start(self, host: str, port: int, max_connections: int) -> None:
        """Listen, without TLS; raises `ConfigurationError` when the address cannot be had."""
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        bound: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(address, max_connections, bound)),
            name="otlp-grpc",
            daemon=True,
        )
        self._thread.start()
        try:
            as_asked = bound.result() == port
        except RuntimeError as error:
            raise ConfigurationError(f"cannot listen on {address} for OTLP/gRPC") from error
        if not as_asked:
            raise ConfigurationError(f"cannot listen on {address} for OTLP/gRPC")

    def stop(self) -> None:
        """Take nothing more, and answer what is under way."""
        if self._thread.is_alive():
            self._stop()
            self._thread.join()

    async def _serve(self, address: str, max_connections: int, bound: "Future[int]") -> None:
        server = grpc.aio.server(
            options=[
                # Without this two servers may share a port, and each gets half of the spans.
                ("grpc.so_reuseport", 0),
                # Holds for the plain message too, so that a small one cannot unpack to gigabytes.
                ("grpc.max_receive_message_length", self._config.limits.max_body_size),
                ("grpc.max_allowed_incoming_connections", max_connections),
                ("grpc.max_connection_idle_ms", _IDLE_S * 1_000),
            ],
        )
        answers: dict[str, Answer] = {
            f"{_COLLECTOR}.trace.v1.TraceService": self._traces,
            f"{_COLLECTOR}.logs.v1.LogsService": self._logs,
            f"{_COLLECTOR}.metrics.v1.MetricsService": lambda body, _: answer_metrics(body, is_json=False),
        }
        for service, answer in answers.items():
            # As a stream of one message: its handler is called before the message is there.
            export = grpc.stream_unary_rpc_method_handler(self._guarded(answer))
            server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(service, {"Export": export}),)
            )
        threads = ThreadPoolExecutor(_HEALTH_THREADS, thread_name_prefix="grpc-health")
        server.add_generic_rpc_handlers((health_handler(list(answers), self._intake.check, threads),))
        try:
            port = server.add_insecure_port(address)
        except RuntimeError as error:
            bound.set_exception(error)
            return
        await server.start()
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(stopping.set)
        bound.set_result(port)
        await stopping.wait()
        self._room.stop()
        await server.stop(_GRACE_S)

    def _guarded(
        self, answer: Answer
    ) -> Callable[[object, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]:
        """Turn every error into a status; a defect of ours is logged and told as INTERNAL."""

        async def export(_: object, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
            headers = {
                key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)
            }
            try:
                principal = self._intake.admit(headers)
                async with self._room.message(lambda: _read(context)) as body:
                    self._check_size(body, principal)
                    loop = asyncio.get_running_loop()
                    said = await loop.run_in_executor(self._threads, answer, body, principal)
                    return said.SerializeToString()
            except SightlineError as error:
                self._intake.refused(error)
                _refuse(context, error)
            except TimeoutError:
                self._intake.incomplete()
                context.set_code(grpc.StatusCode.DEADLINE_EXCEEDED)
                context.set_details("the message did not arrive in time")
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


async def _read(context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    body = await context.read()
    return body if isinstance(body, bytes) else b""


def _refuse(context: "grpc.aio.ServicerContext[bytes, bytes]", error: SightlineError) -> None:
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
