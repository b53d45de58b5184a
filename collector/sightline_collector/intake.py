"""What every door does with a request: who may send, how much, and journal before the answer."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial

from sightline_collector.config import CollectorConfig
from sightline_collector.counters import Counters
from sightline_collector.journal import Journal
from sightline_collector.logs_request import LogsRequest, read_logs_request
from sightline_collector.rate_limit import SpanRateLimit
from sightline_collector.rejections import Rejections
from sightline_collector.segment import Entry, Signal
from sightline_collector.trace_request import TraceRequest, read_trace_request
from sightline_core.auth import Authenticate, Principal
from sightline_core.errors import Forbidden, SightlineError
from sightline_core.seldom import Seldom

logger = logging.getLogger(__name__)

_LARGE = 4 * 1024 * 1024
_TOLD_EVERY_S = 60.0


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
        self._max_request_spans = config.max_request_spans
        self._large = threading.Lock()
        self._telling = Seldom(_TOLD_EVERY_S)
        self._sampling = config.sampling is not None
        self._block_spans = config.flush_spans
        self._rate_limit = SpanRateLimit(lambda project: config.limits_of(project).max_spans_per_s, clock_ns)

    def check(self) -> None:
        """Raise `BackendError` while requests are refused, as the journal is full or its disk fails."""
        self._journal.check()

    def admit(self, headers: Mapping[str, str]) -> Principal:
        """Return who sends; raises `Unauthenticated` or `Forbidden`."""
        principal = self._authenticate(headers)
        if not principal.can_write:
            raise Forbidden("this key may read but not send spans")
        return principal

    def read_spans(self, body: bytes, *, is_json: bool) -> TraceRequest:
        """Return the spans of a body sent to `/v1/traces`; see `read_trace_request`."""
        with self._room_for(body):
            return read_trace_request(body, is_json=is_json, max_spans=self._max_request_spans)

    def read_events(self, body: bytes, *, is_json: bool) -> LogsRequest:
        """Return the events of a body sent to `/v1/logs`; see `read_logs_request`."""
        with self._room_for(body):
            return read_logs_request(
                body, self._clock_ns(), is_json=is_json, max_records=self._max_request_spans
            )

    def _room_for(self, body: bytes) -> AbstractContextManager[object]:
        """Have large requests read one after the other: as messages, each may take most of a gigabyte.

        The interpreter would not read two at the same time anyway.
        """
        return self._large if len(body) > _LARGE else nullcontext()

    def check_rate(self, principal: Principal) -> None:
        """Raise `TooManyRequests` when the project has sent too much; the body need not be read for that."""
        self._rate_limit.check(principal.project)

    def journal(self, principal: Principal, request: TraceRequest) -> "Future[None]":
        """Return a future that is done once the spans are durable, after which they may be acknowledged.

        Raises `BackendError` at once when the journal is full, and through the future when the disk fails.
        """
        count = request.span_count
        self._counters.received(count, request.rejected.count)
        if request.rejected:
            self._tell_rejected(principal, request.rejected)
        if not count:
            return _done()
        self._rate_limit.charge(principal.project, count)
        return self._append(principal, Signal.TRACES, count, request.payload, self._counters.journaled)

    def _tell_rejected(self, principal: Principal, rejected: Rejections) -> None:
        """Say so in the log, once a minute: exporters of Python do not tell of a partial success."""
        if self._telling.is_due():
            facts = {"project": principal.project, "spans": rejected.count, "reason": str(rejected)[:500]}
            logger.warning("spans of a request are refused; told once a minute", extra=facts)

    def journal_events(self, principal: Principal, request: LogsRequest) -> "Future[None]":
        """As `journal`, for events; the limit of spans per second counts each of them as a span.

        The spans that some of them stand for come first: whoever looks for the span of an event finds it.
        """
        spans = self.journal(principal, request.spans)
        count = request.event_count
        if not count:
            return spans
        self._rate_limit.charge(principal.project, count)
        note = partial(self._counters.events, "journaled")
        events = self._append(principal, Signal.LOGS, count, request.payload, note)
        return _both(spans, events)

    def is_behind(self) -> bool:
        """Return whether more waits than the block that is being stored."""
        backlog = self._journal.backlog()
        # Sampling keeps blocks for its quiet time, and that is no sign of a slow store.
        return (backlog.untaken if self._sampling else backlog.spans) > self._block_spans

    def _append(
        self, principal: Principal, signal: Signal, count: int, payload: bytes, note: Callable[[int], None]
    ) -> "Future[None]":
        durable = self._journal.append(Entry(principal.project, signal, self._clock_ns(), count, payload))

        def note_durable(done: "Future[None]") -> None:
            if done.exception() is None:
                note(count)

        durable.add_done_callback(note_durable)
        return durable

    def refused(self, error: SightlineError | None) -> None:
        """Count a request that gets an error for an answer; `None` stands for a defect of ours."""
        self._counters.refused(error.title.lower().replace(" ", "_") if error else "internal_error")

    def incomplete(self) -> None:
        """Count a request whose body did not come whole."""
        self._counters.refused("incomplete")


def _both(first: "Future[None]", second: "Future[None]") -> "Future[None]":
    """Return what is done once both are, and fails as the first of them does that fails."""
    both: Future[None] = Future()

    def look(_: "Future[None]") -> None:
        if first.done() and second.done():
            error = first.exception() or second.exception()
            with suppress(InvalidStateError):  # both may end at the same time
                both.set_exception(error) if error else both.set_result(None)

    first.add_done_callback(look)
    second.add_done_callback(look)
    return both


def _done() -> "Future[None]":
    nothing: Future[None] = Future()
    nothing.set_result(None)
    return nothing
