"""How a process ends: by SIGTERM or the end of its terminal, and at last whatever it waits for."""

import logging
import os
import signal
import threading
from types import FrameType

_log = logging.getLogger(__name__)


class Terminated(KeyboardInterrupt):
    """A signal other than Ctrl-C asked for the end."""


_TOLD = threading.Event()


def was_told_to_end() -> bool:
    """Return whether one of `ending_signals` has come since `stop_on_sigterm`."""
    return _TOLD.is_set()


def ending_signals() -> list[signal.Signals]:
    """Return SIGTERM, and SIGHUP where it is not ignored, as under `nohup`."""
    is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGTERM] if is_ignored else [signal.SIGTERM, signal.SIGHUP]


def end_on_sigterm() -> None:
    """Let `ending_signals` end the process at once, with 0, as long as nothing is open that has to be closed.

    What imports modules may lose an exception, and the signal with it.
    """
    for number in ending_signals():
        signal.signal(number, lambda _number, _frame: os._exit(0))


def stop_on_sigterm(longest_s: float | None = None) -> None:
    """Let `ending_signals` end start-up, clean-up and commands as Ctrl-C does, by `Terminated`.

    With `longest_s` the process ends after so many seconds at the latest; see `end_at_last`. The exception
    may be lost in a callback, so whoever ends its start asks `was_told_to_end`.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        _TOLD.set()
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
