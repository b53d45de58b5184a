"""An outage in the log: a line when it begins and one when it ends, instead of one for each try."""

import logging
import time

from sightline_core.errors import BackendError


class Outage:
    """What one thread waits for, again and again. `facts` are said with each line."""

    def __init__(self, log: logging.Logger, begun: str, ended: str, **facts: str) -> None:
        self._log = log
        self._begun = begun
        self._ended = ended
        self._facts = facts
        self._since_s: float | None = None
        self._kind: type[Exception] | None = None
        self.reason = ""
        """Why the last try failed; "" when it did not. Other threads may read it."""

    def met(self, error: Exception) -> None:
        """A try failed; told again when it fails in another way, with the traceback of a defect of ours."""
        self.reason = str(error) or type(error).__name__
        if self._since_s is None:
            self._since_s = time.monotonic()
        if type(error) is not self._kind:
            self._kind = type(error)
            defect = None if isinstance(error, BackendError | OSError) else error
            self._log.log(
                logging.ERROR if defect else logging.WARNING,
                self._begun,
                extra={**self._facts, "reason": self.reason},
                exc_info=defect,
            )

    def over(self) -> None:
        """A try succeeded."""
        self.reason, self._kind = "", None
        if self._since_s is not None:
            lasted_s, self._since_s = round(time.monotonic() - self._since_s, 1), None
            self._log.warning(self._ended, extra={**self._facts, "after_s": lasted_s})
