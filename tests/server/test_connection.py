"""Clients that send or read too slowly, or nothing, are let go, and others are served meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.e2e.polling import until

from sightline_core.seldom import Seldom
from sightline_server import connection
from sightline_server.connection import Connection

_HEAD = b"POST /length HTTP/1.1\r\nHost: here\r\n"
_ABOUT_TO_SEND = _HEAD + b"Content-Length: 200000\r\n\r\n"


@dataclass(frozen=True)
class Served:
    """A small app behind our connections."""

    server: uvicorn.Server
    address: tuple[str, int]

    def connect(self, sent: bytes) -> socket.socket:
        """Return a connection over which this was sent."""
        client = socket.create_connection(self.address, timeout=30)
        client.sendall(sent)
        return client

    def post(self, body: bytes) -> httpx.Response:
        """Send a whole request."""
        host, port = self.address
        return httpx.post(f"http://{host}:{port}/length", content=body, timeout=30)


@pytest.fixture
def served() -> Iterator[Served]:
    """A server that answers with the length of what it gets, or with much more than fits a socket."""

    async def length(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def much(_request: Request) -> Response:
        return StreamingResponse(_endless())

    app = Starlette(routes=[Route("/length", length, methods=["POST"]), Route("/much", much)])
    config = uvicorn.Config(app, http=Connection, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Served(server, listener.getsockname())
    finally:
        server.force_exit = server.should_exit = True
        thread.join()


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(65_536)


def _answer(client: socket.socket) -> bytes:
    """Return everything that still comes, up to the end of the connection."""
    with client:
        parts = []
        while part := client.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(_HEAD + b"X-Long: ", id="headers without an end"),
        pytest.param(_ABOUT_TO_SEND + b"a", id="a body that stops"),
        pytest.param(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\na", id="a chunk that stops"),
    ],
)
def test_a_request_that_does_not_come_is_answered_408(
    served: Served, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    answer = _answer(served.connect(sent))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"connection: close" in answer.lower()


def test_a_byte_now_and_then_buys_no_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    client = served.connect(_ABOUT_TO_SEND)

    def drip() -> bool:
        client.settimeout(0.01)
        try:
            client.sendall(b"a")
            return client.recv(65_536).startswith(b"HTTP/1.1 408")
        except TimeoutError:
            return False

    until(drip)
    client.close()


def test_a_connection_that_asks_for_nothing_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    assert _answer(served.connect(b"")) == b""


def test_an_offer_of_another_protocol_is_passed_over_in_silence(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    offer = _HEAD + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc"
    assert _answer(served.connect(offer)).endswith(b"\r\n\r\n3")
    assert "upgrade" not in caplog.text


def test_a_client_that_does_not_read_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    with served.connect(b"GET /much HTTP/1.1\r\nHost: here\r\n\r\n"):
        until(lambda: served.server.server_state.tasks)
        until(lambda: not served.server.server_state.connections)


def test_of_too_many_connections_the_one_that_waits_longest_makes_room(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "max_connections", 2)
    first, second = (served.connect(_ABOUT_TO_SEND) for _ in range(2))
    until(lambda: len(served.server.server_state.tasks) == 2)
    with second:
        assert served.post(b"abc").text == "3"
        assert _answer(first).startswith(b"HTTP/1.1 503 ")
        second.sendall(bytes(200_000))
        assert second.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_of_too_many_bytes_those_that_come_slowest_make_room(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_HELD_SIZE", 250_000)
    slow = served.connect(_ABOUT_TO_SEND + bytes(199_999))
    until(lambda: Connection.all_held > 199_999)
    assert served.post(bytes(150_000)).text == "150000"
    assert _answer(slow).startswith(b"HTTP/1.1 503 ")
    until(lambda: not Connection.all_held)
    assert served.post(bytes(300_000)).text == "300000"


def test_a_request_that_does_not_come_holds_up_no_stop(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LAST_PATIENCE_S", 0.1)
    slow = served.connect(_ABOUT_TO_SEND + b"a")
    until(lambda: served.server.server_state.tasks)
    served.server.should_exit = True
    assert _answer(slow).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(
    ("sent", "named"),
    [(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), "--grpc-port"), (b"\x16\x03\x01\x02\x00\x01", "TLS")],
    ids=["gRPC", "TLS"],
)
def test_a_client_of_another_protocol_is_told_so_and_the_log_says_it_once(
    served: Served, sent: bytes, named: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Connection, "_telling", Seldom(60.0))
    for _ in range(2):
        answer = _answer(served.connect(sent))
        assert answer.startswith(b"HTTP/1.1 505 HTTP Version Not Supported\r\n")
        assert named.encode() in answer
    (record,) = caplog.records
    assert named in vars(record)["spoken"]


def _chunked(piece: bytes, count: int) -> bytes:
    chunks = b"%x\r\n%s\r\n" % (len(piece), piece) * count
    return _HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks + b"0\r\n\r\n"


def test_a_body_of_very_many_tiny_chunks_is_refused(served: Served) -> None:
    with socket.create_connection(served.address, timeout=30) as client:
        with suppress(OSError):  # it may be answered and closed before all is sent
            client.sendall(_chunked(b"a", 20_000))
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")
    assert served.post(b"abc").text == "3"


@pytest.mark.parametrize(("piece", "count"), [(b"a", 8_000), (b"a" * 24, 20_000)], ids=["few", "not so tiny"])
def test_bodies_of_other_chunks_are_read_whole(served: Served, piece: bytes, count: int) -> None:
    answer = _answer(served.connect(_chunked(piece, count)))
    assert answer.endswith(str(len(piece) * count).encode())
