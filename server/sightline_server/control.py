"""A socket in the data directory: commands of the operator that need the store which this process holds open.

Whoever can read the data directory may use it, and nobody else; it is not reachable over the network.
One JSON object on a line goes in, one comes out.
"""

import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sightline_core.errors import BackendError, CallerError, SightlineError

logger = logging.getLogger(__name__)

_SOCKET = "control.sock"
_LONGEST_PATH = 100  # of a socket's address, less than that of a file
_LONGEST_LINE = 8 * 1024 * 1024  # more than a command line may hold

Command = Callable[[str], str]
"""The argument → what is told to the operator."""


@contextmanager
def controlled(data_dir: Path, commands: Mapping[str, Command]) -> Iterator[None]:
    """Take commands until the end; where no socket can be, take none."""
    path = data_dir / _SOCKET
    path.unlink(missing_ok=True)  # left by a process that was killed; the directory is ours alone
    try:
        with _address(data_dir) as address:
            server = _Server(address, _handler(commands))
    except OSError as error:
        logger.warning("no commands are taken from operators", extra={"reason": str(error)})
        yield
        return
    with server:
        path.chmod(0o600)
        thread = threading.Thread(target=server.serve_forever, name="control", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            path.unlink(missing_ok=True)


@contextmanager
def _address(data_dir: Path) -> Iterator[str]:
    """The address of the socket while the block runs: by a descriptor where the path is too long for one."""
    path = str(data_dir / _SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    folder = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{_SOCKET}"
    finally:
        os.close(folder)


def ask_server(data_dir: Path, command: str, argument: str) -> str:
    """Have the process that holds the data directory run a command; return what it says, once it is done.

    Raises `BackendError` when no process listens there, `CallerError` with its reason when it refuses.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            with _address(data_dir) as address:
                connection.connect(address)
        except OSError as error:
            raise BackendError(
                f"the process that holds {data_dir} takes no commands; stop it first"
            ) from error
        with connection.makefile("rwb") as stream:
            stream.write(json.dumps({"command": command, "argument": argument}).encode() + b"\n")
            stream.flush()
            line = stream.readline()
    if not line:
        raise BackendError("the server went away before the command was done")
    answer = json.loads(line)
    if "error" in answer:
        raise CallerError(answer["error"])
    return str(answer["done"])


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def _handler(commands: Mapping[str, Command]) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # who asked is gone; what was asked for goes on to its end
                answer = _run(commands, self.rfile.readline(_LONGEST_LINE))
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    return Handler


def _run(commands: Mapping[str, Command], line: bytes) -> dict[str, str]:
    try:
        asked = json.loads(line)
        run, argument = commands[asked["command"]], str(asked["argument"])
    except (ValueError, KeyError, TypeError):
        return {"error": "this server does not know that command; it may be of another version"}
    try:
        return {"done": run(argument)}
    except SightlineError as error:
        return {"error": str(error)}
    except Exception as error:
        logger.exception("a command of the operator failed")
        return {"error": f"internal error: {type(error).__name__}"}
