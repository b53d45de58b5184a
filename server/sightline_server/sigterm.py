"""How a process ends: by SIGTERM or the end of its terminal, and at last whatever it waits for."""

import logging
import os
import signal
import threading
from types import FrameType

_log = logging.getLogger(__name__)


class Terminated(KeyboardInterrupt):
    """A signal other than Ctrl-C asked for the end."""


def ending_signals() -> list[signal.Signals]:
    """Return SIGTERM, and SIGHUP where it is not ignored, as under `nohup`."""
    is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGTERM] if is_ignored else [signal.SIGTERM, signal.SIGHUP]


def stop_on_sigterm(longest_s: float | None = None) -> None:
    """Let `ending_signals` end start-up, clean-up and commands as Ctrl-C does, by `Terminated`.

    With `longest_s` the process ends after so many seconds at the latest; see `end_at_last`.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if longest_s is not None:
            end_at_last(longest_s)
        raise Terminated

    for number in ending_signals():
        signal.signal(number, interrupt)


def end_at_last(after_s: float) -> None:
    """End the process after so many seconds, unless it has ended by itself: as kill -9 does, but with 0.

    Threads that ask a server which hangs cannot be told to stop, nor can a query of the embedded engine.
    """

    def end() -> None:
        _log.warning("The process ends although it waits for an answer of a store or another server")
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(after_s, end)
    timer.daemon = True
    timer.start()
