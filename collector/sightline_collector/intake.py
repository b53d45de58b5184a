"""What every door does with a request: who may send, how much, and journal before the answer."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future

from sightline_collector.config import CollectorConfig
from sightline_collector.counters import Counters
from sightline_collector.journal import Journal
from sightline_collector.rate_limit import SpanRateLimit
from sightline_collector.segment import Entry, Signal
from sightline_collector.trace_request import TraceRequest
from sightline_core.auth import Authenticate, Principal
from sightline_core.errors import Forbidden, SightlineError


class Intake:
    """Shared by OTLP/HTTP and OTLP/gRPC; callable from any thread."""

    def __init__(
        self,
        config: CollectorConfig,
        journal: Journal,
        authenticate: Authenticate,
        clock_ns: Callable[[], int],
        counters: Counters,
    ) -> None:
        self._journal = journal
        self._authenticate = authenticate
        self._clock_ns = clock_ns
        self._counters = counters
        self._rate_limit = SpanRateLimit(config.max_spans_per_s, clock_ns)

    def admit(self, headers: Mapping[str, str]) -> Principal:
        """Return who sends; raises `Unauthenticated` or `Forbidden`."""
        principal = self._authenticate(headers)
        if not principal.can_write:
            raise Forbidden("this key may read but not send spans")
        return principal

    def check_rate(self, principal: Principal) -> None:
        """Raise `TooManyRequests` when the project has sent too much; the body need not be read for that."""
        self._rate_limit.check(principal.project)

    def journal(self, principal: Principal, request: TraceRequest) -> "Future[None]":
        """Return a future that is done once the spans are durable, after which they may be acknowledged.

        Raises `BackendError` at once when the journal is full, and through the future when the disk fails.
        """
        count = request.span_count
        self._counters.received(count, len(request.rejected))
        if not count:
            nothing: Future[None] = Future()
            nothing.set_result(None)
            return nothing
        self._rate_limit.charge(principal.project, count)
        entry = Entry(principal.project, Signal.TRACES, self._clock_ns(), count, request.payload)
        durable = self._journal.append(entry)

        def count_durable(done: "Future[None]") -> None:
            if done.exception() is None:
                self._counters.journaled(count)

        durable.add_done_callback(count_durable)
        return durable

    def refused(self, error: SightlineError | None) -> None:
        """Count a request that gets an error for an answer; `None` stands for a defect of ours."""
        self._counters.refused(error.title.lower().replace(" ", "_") if error else "internal_error")
