"""Waiting for what another process does, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

WITHIN_S = 60.0


def until(question: Callable[[], T | None], within_s: float = WITHIN_S) -> T:
    """Return the first answer that is neither None nor false; fail when none comes in time.

    The longer it has waited, the longer it waits to ask again: questions take time from who is to answer.
    """
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < within_s:
        answer = question()
        if answer:
            return answer
        time.sleep(min(0.02 + waited / 8, 0.5))
    raise AssertionError(f"no answer within {within_s} s")
