"""Runs an ASGI app as a process that starts in order, drains when a signal asks for its end, and exits 0."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline_core.errors import BackendError
from sightline_server.connection import Connection
from sightline_server.listener import BACKLOG
from sightline_server.sigterm import Terminated, ending_signals, was_told_to_end

SHUTDOWN_S = 10
KEEP_ALIVE_S = 30
"""Exporters send every five seconds. Closed after as long, a connection would be used while it ends."""
ACCEPTED_AT_ONCE = 64
"""In one turn of the event loop, in which `Connection` cannot count them yet."""
TURN_S = 0.002
"""Turns of threads in Python, in seconds; with 0.005 slow answers take a fifth longer (docs/adr/0009)."""


class _Server(uvicorn.Server):
    """uvicorn raises the signal again after its shutdown, which would end us before the collector drains."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_stop()
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop, ending = asyncio.get_running_loop(), ending_signals()
        for number in (signal.SIGINT, *ending):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        if was_told_to_end():
            raise Terminated
        yield
        for number in ending:
            # What waits is being stored: one that is sent again would end that, as nobody had handled it.
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(BACKLOG)  # starting to accept has made it as short as what is accepted at once
        self._on_ready()


def told_at_last(app: ASGIApp) -> ASGIApp:
    """Return the app, which says 503 where it is still at work when the time to end it is over."""
    # Not before there is an app: a port in use is told at once.
    from sightline_api.problem import problem_of

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, note)
        except asyncio.CancelledError:
            if begun:
                raise
            await problem_of(BackendError("the server stops before it has an answer"))(scope, receive, send)

    return answer


def serve_http(
    app: ASGIApp, listener: socket.socket, *, on_ready: Callable[[], None], on_stop: Callable[[], None]
) -> None:
    """Serve until a signal arrives and open requests are answered; a second Ctrl-C does not wait for them.

    `on_stop` is called when the signal arrives, so that streams without an end can end.
    """
    config = uvicorn.Config(
        told_at_last(app),
        http=Connection,
        ws="none",
        backlog=ACCEPTED_AT_ONCE,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    # What start-up made stays to the end; the garbage collector need not look at it again and again.
    gc.freeze()
    # An answer takes turns with the thread that decodes spans, and waits so long for each of its own.
    sys.setswitchinterval(TURN_S)
    asyncio.run(_Server(config, on_ready, on_stop).serve(sockets=[listener]))
