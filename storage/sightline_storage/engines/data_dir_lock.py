"""One process for each data directory, and a clear answer for the second one."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from sightline_core.errors import ConfigurationError, StoreLocked


class DataDirLock:
    """An advisory lock on `<data_dir>/lock`, held until `release` or the end of the process.

    Raises `StoreLocked` with the holder's pid, and `ConfigurationError` when the directory cannot be written.
    """

    def __init__(self, data_dir: Path) -> None:
        try:
            # Prompts, answers and the secrets of channels lie in it, mostly in files that all may read.
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigurationError(
                f"cannot write to the data directory {data_dir}: {error.strerror}"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._file, 32, 0).decode(errors="replace").strip()
            os.close(self._file)
            who = f"process {holder}" if holder else "another process"
            raise StoreLocked(f"the data directory {data_dir} is in use by {who}") from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the directory free. Doing it twice changes nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> "DataDirLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
