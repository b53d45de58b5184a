"""Asking before a command changes what cannot be had back."""

import sys

from sightline_core.errors import CallerError


def confirmed(question: str) -> bool:
    """Ask on the terminal and return the answer; raises `CallerError` where there is none."""
    if not sys.stdin.isatty():
        raise CallerError("there is no terminal to ask on; give --yes")
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
