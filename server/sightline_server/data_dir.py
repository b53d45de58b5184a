"""The data directory belongs to one process at a time: its store and its journal allow a single writer."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sightline_core.errors import ConfigurationError, StoreLocked

LOCK_NAME = "server.lock"


@contextmanager
def hold_data_dir(data_dir: Path) -> Iterator[None]:
    """Create the directory if needed and hold it until the context ends, or the process dies.

    Raises `StoreLocked` when another process holds it and `ConfigurationError` when it cannot be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write to the data directory {data_dir} ({error.strerror}); "
            "choose another with --data-dir"
        ) from error
    try:
        _lock(lock, data_dir)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, data_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(lock, 20).decode(errors="replace").strip() or "unknown"
        raise StoreLocked(
            f"the data directory {data_dir} is held by another process (pid {holder}); stop it, or choose "
            "another directory with --data-dir"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
