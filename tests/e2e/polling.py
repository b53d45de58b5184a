"""Waiting for what another process does, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

WITHIN_S = 60.0


def until(question: Callable[[], T | None], within_s: float = WITHIN_S) -> T:
    """Return the first answer that is neither None nor false; fail when none comes in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"no answer within {within_s} s")
