"""Room on the journal's disk that requests cannot take.

What fills a disk while the store is away is the journal itself, which only gets smaller when it is stored:
noting how far that is needs a block or two, and none would be left.
"""

import os
import threading
from pathlib import Path
from tempfile import TemporaryFile

_SIZE = 64 * 1024


class DiskReserve:
    """A file of that size. Thread-safe."""

    def __init__(self, directory: Path) -> None:
        """Take over what an earlier process held; one that was killed may have left an empty file."""
        self._directory = directory
        self._path = directory / "reserve"
        self._lock = threading.Lock()
        self._held = self._path.exists() and self._path.stat().st_size == _SIZE

    def hold(self) -> None:
        """Take the room, if it is not held; raises `OSError` when there is none."""
        with self._lock:
            if self._held:
                return
            try:
                with self._path.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, _SIZE)
            except OSError:
                self._path.unlink(missing_ok=True)
                raise
            self._held = True

    def require(self, size: int) -> None:
        """Raise `OSError` unless the disk has room for so many bytes beside the reserve, and takes them."""
        self.hold()
        with TemporaryFile(dir=self._directory) as probe:
            os.posix_fallocate(probe.fileno(), 0, size)
            os.fdatasync(probe.fileno())

    def give_up(self) -> bool:
        """Leave the room to what needs it now, and return whether there was any."""
        with self._lock:
            held, self._held = self._held, False
            self._path.unlink(missing_ok=True)
            return held
