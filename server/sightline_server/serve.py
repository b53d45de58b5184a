"""`sightline serve`: everything in one process on one port; the other roles: a share of it."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress

from sightline_core.settings import Settings
from sightline_server.configuration import misspelt, open_to_all
from sightline_server.connection import Connection
from sightline_server.listener import bind, url_of
from sightline_server.logs import configure_logging
from sightline_server.open_files import max_http_connections, raise_limit
from sightline_server.process import serve_http
from sightline_server.sigterm import end_at_last, stop_on_sigterm
from sightline_server.supervisor import tell_supervisor

logger = logging.getLogger(__name__)

_LONGEST_STOP_S = 25.0
"""Ten seconds for open requests, ten for what waits in the journal, and less than supervisors wait."""

Beside = Callable[[str], AbstractContextManager[None]]
"""Something that runs as long as the server does; it is given the server's address."""


def serve(settings: Settings, *, role: str = "ALL", beside: Beside | None = None) -> int:
    """Run until a signal asks for the end, drain, and return 0.

    `role` names a `composition.Role`. Raises `ConfigurationError` when it cannot start.
    """
    configure_logging(settings.log_level, settings.log_format)
    for line in (*misspelt(os.environ), *open_to_all(settings)):
        logger.warning(line)
    takes_spans = role in ("ALL", "COLLECTOR")
    raise_limit()
    Connection.max_connections = max_http_connections()
    with bind(settings.host, settings.port) as listener:
        if settings.grpc_port and takes_spans:
            # gRPC binds by itself, and writes its own lines when it cannot; this way there is one of ours.
            bind(settings.host, settings.grpc_port, option="--grpc-port").close()
        # The parts are imported once the port is ours: a wrong setting is told at once.
        from sightline_server.composition import Role, composed

        stop_on_sigterm(_LONGEST_STOP_S)
        url = url_of(listener)
        stopping = threading.Event()
        with composed(settings, url, Role[role], stopping=stopping) as app, ExitStack() as company:

            def ready() -> None:
                _greet(url, (settings.public_url or url) if takes_spans else None)
                tell_supervisor("READY=1")
                if beside is not None:
                    company.enter_context(beside(url))

            def stop() -> None:
                tell_supervisor("STOPPING=1")
                stopping.set()
                end_at_last(_LONGEST_STOP_S)

            serve_http(app, listener, on_ready=ready, on_stop=stop)
    return 0


def _greet(url: str, endpoint: str | None) -> None:
    """Say where the server is, and where apps send spans to, if it takes any."""
    with suppress(OSError):  # nobody reads it, or it goes to a disk that is full
        sys.stdout.write(f"Sightline is ready: {url}\n")
        if endpoint is not None:
            sys.stdout.write(f'In the app: sightline.instrument(endpoint="{endpoint}")\n')
        sys.stdout.flush()
