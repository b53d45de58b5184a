"""Processes as `python -m MODULE` starts them, less the second of CPU that importing the server takes.

One process imports the server once and forks whenever it is told to. What it forks has its own pid, memory,
arguments, environment and end, as if it had been started; only its modules are there already. It must stay
without threads, so the engine is left to those that need it. How a process starts from nothing is the
subject of `tests/server/test_process.py`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_CHUNK = 1 << 16
_IMPORTED = (
    # What `serve` imports once its port is its own is most of a server.
    "sightline_server.cli", "sightline_server.serve", "sightline_server.composition",
    "sightline_server.catalogue_download", "genai_prices.data", "sqlalchemy.dialects.sqlite",
    *(f"sightline_server.commands.{name}" for name in (
        "alerts", "delete", "doctor", "failures", "operator", "projects", "reconcile", "report",
    )),
)  # fmt: skip


class ForkedProcess:
    """What `subprocess.Popen` is for `python -m MODULE ARGUMENT…`, as far as tests need it.

    Without descriptors of the caller's, standard output and error go where `communicate` reads them.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        env: Mapping[str, str] = os.environ,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `wait`
        written = self._output.fileno()
        self._keeper, told = socket.socketpair()
        with told, open(os.devnull, "rb") as nothing:
            descriptors = (
                nothing.fileno() if stdin is None else stdin,
                written if stdout is None else stdout,
                written if stderr is None else stderr,
                told.fileno(),
            )
            request = json.dumps([module, *arguments, dict(env)]).encode()
            socket.send_fds(_forker(), [request, b"\n"], descriptors)
        self.pid = self._told()
        self.returncode: int | None = None

    def _told(self) -> int:
        number = self._keeper.recv(4, socket.MSG_WAITALL)
        assert number, "whoever forks is gone"
        return int.from_bytes(number, "big", signed=True)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended; -9 when it was killed by signal 9."""
        if self.returncode is None:
            self._keeper.settimeout(timeout)
            try:
                self.returncode = self._told()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            self._keeper.close()
            with self._output as output:
                output.seek(0)
                self._written = output.read().decode()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait, and return what it wrote, all of it as standard output."""
        self.wait(timeout)
        return self._written, ""

    def send_signal(self, number: int) -> None:
        """Send a signal to a process that still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and we are about to be told
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


@cache
def _forker() -> socket.socket:
    """Where requests go; the process at the other end ends with ours."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            cwd=ROOT,
        )

    def end() -> None:
        ours.close()
        process.wait(10)

    atexit.register(end)
    return ours


def _next_to_run(requests: socket.socket) -> list[str] | None:
    """Fork for each request; return in the child what it shall run, and None when there will be no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, _CHUNK, 4)
        if not request:
            return None
        while not request.endswith(b"\n"):
            request += requests.recv(_CHUNK)
        if os.fork() == 0:
            break
        for descriptor in descriptors:
            os.close(descriptor)
    requests.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, told = descriptors
    child = os.fork()
    if child:
        os.write(told, child.to_bytes(4, "big"))
        _, status = os.waitpid(child, 0)
        os.write(told, os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
        os._exit(0)
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
    for descriptor in descriptors:
        os.close(descriptor)
    *command, environment = json.loads(request)
    os.environ.clear()
    os.environ.update(environment)
    return list(command)


def _main() -> None:
    from importlib import import_module
    from runpy import run_module

    for module in _IMPORTED:
        import_module(module)
    gc.collect()
    gc.freeze()  # so that looking for garbage does not copy what is shared
    command = _next_to_run(socket.socket(fileno=int(sys.argv[1])))
    if command is not None:
        sys.argv = command
        run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
