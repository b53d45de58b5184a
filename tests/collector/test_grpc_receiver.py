"""OTLP/gRPC over a real channel: the same way in as OTLP/HTTP, with gRPC's own answers."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.collector.conftest import NOW_NS, KeptInMemory, authenticate
from tests.e2e.polling import until
from tests.free_port import free_port

from sightline_collector import Collector, CollectorConfig, grpc_receiver, message_room
from sightline_collector.message_room import MessageRoom
from sightline_core.errors import ConfigurationError
from sightline_core.limits import IngestLimits
from sightline_core.pricing import CataloguePricer

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
HEALTH = "/grpc.health.v1.Health/Check"
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


@dataclass
class Door:
    """A collector behind a gRPC channel."""

    collector: Collector
    writer: KeptInMemory
    channel: grpc.Channel
    port: int

    def send(self, request: Any, **options: Any) -> Any:
        """Export traces and return the answer; raises `grpc.RpcError`."""
        body = request.SerializeToString()
        return ExportTraceServiceResponse.FromString(self.call(TRACES, body, **options))

    def call(self, method: str, body: bytes, **options: Any) -> bytes:
        """Call a method with bytes and return the bytes of its answer."""
        export = self.channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
        answer: bytes = export(body, timeout=30, **options)
        return answer

    def refusal(self, request: Any, **options: Any) -> Any:
        """Return the error of an export that must not pass."""
        with pytest.raises(grpc.RpcError) as refused:
            self.send(request, **options)
        return refused.value


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A collector that takes five spans a second, and a megabyte in a request."""
    writer = KeptInMemory()
    config = CollectorConfig(tmp_path, limits=IngestLimits(max_spans_per_s=5, max_body_size=1_000_000))
    collector = Collector(
        writer, config, CataloguePricer(), authenticate, events=writer.events, clock_ns=lambda: NOW_NS
    )
    collector.start()
    port = free_port()
    collector.listen_grpc("127.0.0.1", port)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Door(collector, writer, channel, port)
    collector.stop()


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_spans_sent_over_grpc_are_acknowledged_and_stored(
    door: Door, span: Any, request_of: Any, compression: grpc.Compression
) -> None:
    answer = door.send(request_of(span(1), span(2)), compression=compression)
    assert not answer.HasField("partial_success")
    assert door.collector.snapshot().spans_journaled == 2
    door.collector.stop()
    assert [record["span_id"] for record in door.writer.records] == [f"{1:016x}", f"{2:016x}"]


def test_a_span_without_identity_is_refused_by_name_over_grpc_and_its_neighbour_is_kept(
    door: Door, span: Any, request_of: Any
) -> None:
    partial = door.send(request_of(Span(name="nameless"), span(2))).partial_success
    assert partial.rejected_spans == 1
    assert "nameless" in partial.error_message
    door.collector.stop()
    assert len(door.writer.records) == 1


def test_a_request_of_too_many_spans_is_refused_with_the_limit_over_grpc(door: Door, request_of: Any) -> None:
    with pytest.raises(grpc.RpcError, match="65536 spans") as refused:
        door.send(request_of(*[Span()] * 65_537))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("key", "code"),
    [("wrong", grpc.StatusCode.UNAUTHENTICATED), ("reader", grpc.StatusCode.PERMISSION_DENIED)],
)
def test_keys_are_checked_over_grpc(
    door: Door, span: Any, request_of: Any, key: str, code: grpc.StatusCode
) -> None:
    refused = door.refusal(request_of(span(1)), metadata=(("authorization", f"Bearer {key}"),))
    assert refused.code() is code
    assert door.collector.backlog().spans == 0


def test_a_project_over_its_rate_gets_resource_exhausted_with_retry_info(
    door: Door, span: Any, request_of: Any
) -> None:
    door.send(request_of(*(span(number) for number in range(1, 6))))
    refused = door.refusal(request_of(span(6)))
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "5 spans per second" in refused.details()
    status = Status.FromString(dict(refused.trailing_metadata())["grpc-status-details-bin"])
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 1


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_request_over_the_limit_is_refused_however_small_it_was_packed(
    door: Door, span: Any, request_of: Any, compression: grpc.Compression
) -> None:
    refused = door.refusal(request_of(span(1, name="x" * 2_000_000)), compression=compression)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_bytes_that_are_not_otlp_are_an_invalid_argument(door: Door) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        door.call(TRACES, b"\xff\xff")
    error: Any = refused.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_journal_that_is_full_is_unavailable(tmp_path: Path, span: Any, request_of: Any) -> None:
    config = replace(CollectorConfig(tmp_path), max_journal=10)
    collector = Collector(
        KeptInMemory(), config, CataloguePricer(), authenticate, events=KeptInMemory().events
    )
    collector.start()
    port = free_port()
    collector.listen_grpc("127.0.0.1", port)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        refused = Door(collector, KeptInMemory(), channel, port).refusal(request_of(span(1)))
    collector.stop()
    assert refused.code() is grpc.StatusCode.UNAVAILABLE


def test_logs_over_grpc_are_refused_by_count(door: Door) -> None:
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add()
    answer = ExportLogsServiceResponse.FromString(door.call(LOGS, request.SerializeToString()))
    assert answer.partial_success.rejected_log_records == 1


@contextmanager
def _unsent(door: Door, calls: int) -> Iterator[list[Any]]:
    """Calls whose message does not come."""
    end = threading.Event()

    def messages() -> Iterator[bytes]:
        end.wait()
        yield b""

    call = door.channel.stream_unary(TRACES, request_serializer=bytes, response_deserializer=bytes)
    try:
        yield [call.future(messages()) for _ in range(calls)]
    finally:
        end.set()


def test_calls_without_a_message_do_not_keep_others_out(door: Door, span: Any, request_of: Any) -> None:
    with _unsent(door, 40):
        door.send(request_of(span(1)))


@pytest.mark.parametrize(("limit", "room"), [("_PATIENCE_S", 2_000_000), ("_LEAST_PATIENCE_S", 1_999_999)])
def test_a_message_is_not_waited_for_for_ever(
    door: Door, monkeypatch: pytest.MonkeyPatch, limit: str, room: int
) -> None:
    monkeypatch.setattr(message_room, limit, 0.1)
    monkeypatch.setattr(message_room, "MAX_HELD_SIZE", room)
    with _unsent(door, 2) as calls:
        ended = until(lambda: [call.code() for call in calls if call.done()])
        assert set(ended) == {grpc.StatusCode.DEADLINE_EXCEEDED}
        assert door.collector.snapshot().requests_refused["incomplete"] >= len(ended)


def test_messages_that_are_not_answered_hold_so_many_bytes_and_no_more(
    door: Door, span: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is there, each counts as a megabyte, which is the limit of this collector."""
    monkeypatch.setattr(message_room, "MAX_HELD_SIZE", 2_000_000)
    monkeypatch.setattr(message_room, "_PATIENCE_S", 0.5)
    intake, answered = door.collector.intake, threading.Event()
    journal = intake.journal

    def answer_later(*request: Any) -> Any:
        assert answered.wait(30)
        return journal(*request)

    monkeypatch.setattr(intake, "journal", answer_later)
    call = door.channel.unary_unary(TRACES, request_serializer=bytes, response_deserializer=bytes)
    large = request_of(span(1, name="x" * 600_000)).SerializeToString()
    calls = [call.future(large) for _ in range(3)]
    refused = until(lambda: [one for one in calls if one.done()])
    assert [one.code() for one in refused] == [grpc.StatusCode.UNAVAILABLE]
    answered.set()
    assert sorted(one.code().name for one in calls) == ["OK", "OK", "UNAVAILABLE"]
    door.send(request_of(span(2)))


def test_a_message_that_does_not_come_holds_up_no_stop(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(message_room, "_LAST_PATIENCE_S", 0.1)
    monkeypatch.setattr(grpc_receiver, "_GRACE_S", 600)
    with _unsent(door, 1) as calls:
        door.call(TRACES, b"")  # over the same connection, and so behind the other call
        door.collector.stop()
        assert calls[0].code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert not caplog.records


def test_a_port_that_another_collector_has_is_not_shared(door: Door, tmp_path: Path) -> None:
    other = Collector(
        KeptInMemory(),
        CollectorConfig(tmp_path / "b"),
        CataloguePricer(),
        authenticate,
        events=KeptInMemory().events,
    )
    other.start()
    with pytest.raises(ConfigurationError, match=str(door.port)):
        other.listen_grpc("127.0.0.1", door.port)
    other.stop()


def test_thousands_of_messages_at_once_take_their_turns() -> None:
    async def read() -> bytes:
        await asyncio.sleep(0)
        return b"x" * 1_000

    async def send_all() -> None:
        room = MessageRoom(largest=16 * 1024 * 1024)

        async def send() -> None:
            async with room.message(read):
                await asyncio.sleep(0)

        async with asyncio.timeout(20):
            await asyncio.gather(*(send() for _ in range(3_000)))

    asyncio.run(send_all())


def test_health_is_told_without_a_key_of_the_server_and_of_each_service(door: Door) -> None:
    for service in ("", TRACES.split("/")[1], LOGS.split("/")[1]):
        assert door.call(HEALTH, _health_of(service)) == SERVING
    with pytest.raises(grpc.RpcError) as unknown:
        door.call(HEALTH, _health_of("nobody.Service"))
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
    watch = door.channel.unary_stream(HEALTH.replace("Check", "Watch"))
    with pytest.raises(grpc.RpcError) as unwatched:  # for which clients take the server for well
        next(watch(b"", timeout=30))
    assert unwatched.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_health_over_grpc_says_when_requests_are_refused(
    door: Door, span: Any, request_of: Any, tmp_path: Path
) -> None:
    (tmp_path / "journal").rename(tmp_path / "gone")
    assert door.refusal(request_of(span(1))).code() is grpc.StatusCode.UNAVAILABLE
    assert door.call(HEALTH, b"") == NOT_SERVING
    (tmp_path / "gone").rename(tmp_path / "journal")
    assert door.call(HEALTH, b"") == SERVING


def _health_of(service: str) -> bytes:
    """A `HealthCheckRequest`."""
    return b"\n" + bytes([len(service)]) + service.encode()
