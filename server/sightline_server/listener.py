"""Binds the port before anything else is started, so that a port in use costs nothing but one clear line."""

import errno
import socket

from sightline_core.errors import ConfigurationError

BACKLOG = 2048


def bind(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """Return a listening socket. Connections that come before the server is up wait in its backlog.

    Raises `ConfigurationError`; `option` names the command line option that would help.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ConfigurationError(
            f"cannot listen on {host}: the name is unknown ({error.strerror})"
        ) from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} on {host} is already in use; choose another with {option}"
            ) from error
        raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return `http://address:port` as a person on this machine would open it."""
    return local_url(*listener.getsockname()[:2])


def local_url(host: str, port: int) -> str:
    """Return where a server that listens on an address is found on this machine."""
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
