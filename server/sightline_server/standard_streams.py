"""Standard streams that the parent has closed."""

import os
import sys


def open_standard_streams() -> None:
    """Let what is written to closed ones go nowhere.

    Files that are opened next would get their numbers, and what the embedded engine says on standard error
    would go into one of them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
