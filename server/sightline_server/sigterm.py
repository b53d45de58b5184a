"""SIGTERM, taken for Ctrl-C."""

import signal
from types import FrameType


def stop_on_sigterm() -> None:
    """Let SIGTERM end start-up, clean-up and commands as Ctrl-C does, by `KeyboardInterrupt`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
