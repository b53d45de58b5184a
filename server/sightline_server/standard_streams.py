"""Standard streams that the parent has closed, or that nobody reads any more."""

import io
import os
import select
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
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack letters that are stored


def is_unread() -> bool:
    """Whether the reader of standard output has gone, as `head` does once it has enough; then the rest of it
    goes nowhere."""
    output = select.poll()
    output.register(sys.stdout, 0)
    if not output.poll(0):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True
