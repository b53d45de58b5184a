"""What may be told again and again is told once in a while."""

import time


class Seldom:
    """Whether it is time again; threads that ask at once may both be told yes."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._due_s = 0.0

    def is_due(self) -> bool:
        """Return true the first time, and then once every so many seconds."""
        if (now_s := time.monotonic()) < self._due_s:
            return False
        self._due_s = now_s + self._every_s
        return True
