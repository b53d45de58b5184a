"""HTTP connections of clients that are slow, gone or hostile: they end, and leave files for the others.

uvicorn ends idle connections after an answer only. One that sends no request, or a byte of it a second, or
does not read its answer, would stay; and out of file descriptors neither the store nor `accept` works.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sightline_core.limits import MAX_CONNECTIONS, MAX_HELD_SIZE
from sightline_core.seldom import Seldom

PATIENCE_S = 60.0
"""For a whole request with its body, and for progress of an answer. Exporters give up after ten seconds."""

LAST_PATIENCE_S = 1.0
"""For the rest of a request when the server stops."""

_OTHER_PROTOCOLS = {
    b"PRI * HTTP/2": "HTTP/2, as gRPC does, to the port of HTTP/1.1; OTLP/gRPC has its own: --grpc-port",
    b"\x16\x03": "TLS to a port that has none; put a proxy with TLS in front, or use http://",
}
"""What a client speaks whose first bytes are these."""

_TOLD_EVERY_S = 60.0

_MAX_PIECES = 8_192
_LEAST_PIECE = 16

logger = logging.getLogger(__name__)


class _Requests(h11.Connection):
    """Read as h11 does, but no body of a great many tiny chunks.

    Each takes 25 µs, in which no other client is served: a body of single bytes held all up for seconds.
    """

    _pieces = 0
    _size = 0

    def next_event(self) -> Any:
        """Return what came; raises `RemoteProtocolError` when it came in too small pieces."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._pieces = self._size = 0
        elif isinstance(event, h11.Data):
            self._pieces += 1
            self._size += len(event.data)
            if self._pieces > _MAX_PIECES and self._size < self._pieces * _LEAST_PIECE:
                raise h11.RemoteProtocolError("the chunks of the body are too small")
        return event


class Connection(H11Protocol):
    """Closed when its client is waited for too long; where there is no room for all, the longest one is."""

    max_connections = MAX_CONNECTIONS
    all_held = 0
    """Of all connections together."""
    _telling = Seldom(_TOLD_EVERY_S)
    _held = 0
    _timer: asyncio.TimerHandle | None = None
    """Runs while it is the client's turn."""
    _unsent = 0
    _is_new = True
    """Nothing has come yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _Requests(h11.SERVER)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, and make room for it."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self.max_connections:
            min(self._waiting(), key=Connection._due)._end(503, "there are too many connections")

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of the request, if there is one, and no longer for its coming piece by piece."""
        is_new, self._is_new = self._is_new, False
        if is_new and (spoken := next((p for p in _OTHER_PROTOCOLS if data.startswith(p)), None)):
            self._refuse(_OTHER_PROTOCOLS[spoken])
            return
        super().data_received(data)
        if self._timer is None or not self._is_clients_turn():
            self._watch()
        if self.conn.our_state is h11.SEND_RESPONSE:
            self._hold(len(data))

    def _refuse(self, spoken: str) -> None:
        """Answer a client of another protocol. Most show nothing of it, so the log says it once a minute."""
        if self._telling.is_due():
            logger.warning(
                "a client speaks another protocol", extra={"client": self.client, "spoken": spoken}
            )
        self._stop_watching()
        self._answer(505, f"this client speaks {spoken}")
        self.transport.close()

    def _should_upgrade(self) -> bool:
        """No: clients that offer HTTP/2 or a WebSocket are answered as if they had not, without a warning."""
        return False

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._hold(-self._held)
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._hold(-self._held)
        super().connection_lost(exc)
        self._stop_watching()

    def shutdown(self) -> None:
        """Let the app finish; who is still sending has a moment left."""
        super().shutdown()
        if self.conn.their_state is h11.SEND_BODY:
            self._stop_watching()
            self._timer = self.loop.call_later(LAST_PATIENCE_S, self._end, 503, "the server stops")

    def _hold(self, size: int) -> None:
        """Count bytes of the request, and make room for them."""
        self._held += size
        Connection.all_held += size
        # One that is larger than the room for all is taken when nobody else sends.
        if size > 0 and self._held < Connection.all_held > MAX_HELD_SIZE:
            arriving = [one for one in self._waiting() if one._held]
            if arriving:
                min(arriving, key=Connection._due)._end(503, "too much is being sent at once")

    def _waiting(self) -> "list[Connection]":
        """Those whose client's turn it is."""
        return [one for one in self.connections if isinstance(one, Connection) and one._timer]

    def _is_clients_turn(self) -> bool:
        """Whether it has to send the rest of a request, to read, or to let go."""
        is_sending = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        return is_sending or self.flow.write_paused or self.transport.is_closing()

    def _watch(self) -> None:
        self._stop_watching()
        if self._is_clients_turn():
            self._unsent = self.transport.get_write_buffer_size()
            self._timer = self.loop.call_later(PATIENCE_S, self._lose_patience)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> float:
        return self._timer.when() if self._timer else 0.0

    def _lose_patience(self) -> None:
        if self.transport.get_write_buffer_size() < self._unsent:
            self._watch()  # a long answer over a slow line
        else:
            self._end(408, f"the request did not arrive within {PATIENCE_S:.0f} seconds")

    def _end(self, status: int, reason: str) -> None:
        """Close; where a request has begun and its answer has not, with an answer of our own."""
        self._stop_watching()
        self._hold(-self._held)
        begun = self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]
        if begun and self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self.transport.is_closing():
            self._answer(status, reason, ("Retry-After", "1"))
        if self.cycle is not None:
            # Whatever the app says from here on would come behind that answer.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # who does not read would hold up a close for ever
        else:
            self.transport.close()

    def _answer(self, status: int, reason: str, *more: tuple[str, str]) -> None:
        """Say so as the last answer of this connection, with `more` headers."""
        text = f"{reason}\n".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        headers += [*more, ("Connection", "close")]
        answer = h11.Response(status_code=status, headers=headers, reason=HTTPStatus(status).phrase)
        for event in (answer, h11.Data(data=text), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
