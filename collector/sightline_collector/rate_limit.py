"""How many spans a project may send each second."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sightline_core.errors import TooManyRequests
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import SECOND_NS


@dataclass(slots=True)
class _Balance:
    spans: float
    at_ns: int


class SpanRateLimit:
    """A token bucket for each project that holds one second's worth, and may be overdrawn by one request.

    Overdrawing lets a request pass that is larger than the whole bucket, which could never pass otherwise;
    the debt is paid by waiting. Refusing needs no look at the body. A rate of 0 limits nothing; it may change
    at any time.
    """

    def __init__(self, spans_per_s: Callable[[ProjectId], int], clock_ns: Callable[[], int]) -> None:
        self._spans_per_s = spans_per_s
        self._clock_ns = clock_ns
        self._balances: dict[ProjectId, _Balance] = {}
        self._lock = threading.Lock()

    def check(self, project: ProjectId) -> None:
        """Raise `TooManyRequests`, with the time until the debt is paid, when the project has none left."""
        rate = self._spans_per_s(project)
        if not rate:
            return
        with self._lock:
            balance = self._settled(project, rate)
            if balance.spans <= 0:
                raise TooManyRequests(
                    f"project {project} is over its limit of {rate} spans per second",
                    retry_after_s=(1 - balance.spans) / rate,
                )

    def charge(self, project: ProjectId, spans: int) -> None:
        """Take what was sent off the project's balance."""
        if rate := self._spans_per_s(project):
            with self._lock:
                self._settled(project, rate).spans -= spans

    def _settled(self, project: ProjectId, rate: int) -> _Balance:
        now_ns = self._clock_ns()
        balance = self._balances.setdefault(project, _Balance(rate, now_ns))
        # A wall clock may be set back; that must not take spans away.
        passed_ns = max(0, now_ns - balance.at_ns)
        balance.spans = min(rate, balance.spans + passed_ns * rate / SECOND_NS)
        balance.at_ns = now_ns
        return balance
