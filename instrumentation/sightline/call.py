"""One call's life: begun once, told what happened, finished exactly once."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from time import time_ns
from typing import Any, NamedTuple

from opentelemetry.trace import NonRecordingSpan, Span

from sightline.endpoints import Endpoint
from sightline_semconv.kinds import StreamOutcome

logger = logging.getLogger(__name__)

MAX_HELD_BYTES = 8 * 1024 * 1024  # of one answer; the end is kept as well, because usage comes last
_TAIL_BYTES = 64 * 1024


class Body:
    """Bytes of an answer as the app reads them: the beginning up to a limit, and always the end."""

    __slots__ = ("_head", "_held", "_tail", "_tail_held", "cut")

    def __init__(self) -> None:
        self._head: list[bytes] = []
        self._held = 0
        self._tail: deque[bytes] = deque()
        self._tail_held = 0
        self.cut = False

    def add(self, chunk: bytes) -> None:
        """Keep one chunk (shared, not copied)."""
        if self._held + len(chunk) <= MAX_HELD_BYTES:
            self._head.append(chunk)
            self._held += len(chunk)
            return
        self.cut = True
        self._tail.append(chunk[-_TAIL_BYTES:])
        self._tail_held += len(self._tail[-1])
        while self._tail_held - len(self._tail[0]) >= _TAIL_BYTES:
            self._tail_held -= len(self._tail.popleft())

    def bytes(self) -> bytes:
        """All that is held. The gap is a blank line, so that an event stream stays readable after it."""
        head = b"".join(self._head)
        return head + b"\n\n" + b"".join(self._tail) if self.cut else head

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._held + self._tail_held


class Failure(NamedTuple):
    """What an exception says. It is not kept itself: its traceback keeps the frames of the app alive."""

    type: str
    code: str
    message: str


def _failure_of(error: BaseException) -> Failure:
    try:
        return Failure(type(error).__qualname__, str(getattr(error, "code", None) or ""), str(error))
    except Exception:
        return Failure(type(error).__qualname__, "", "")


class Call:
    """What one request and its answer left behind; `describe` reads it when the span is finished.

    `finish` may come from any thread and more than once: exhaustion, close, exit, error, cancellation and
    garbage collection all race, and the first one counts.
    """

    __slots__ = (
        "_finisher",
        "_once",
        "body",
        "consumed",
        "content",
        "end_ns",
        "endpoint",
        "failure",
        "first_chunk_ns",
        "headers",
        "hides_usage",
        "key",
        "options",
        "outcome",
        "reading",
        "request_bytes",
        "response_class",
        "retries",
        "span",
        "start_ns",
        "status",
        "streams",
        "variables",
    )

    def __init__(
        self, endpoint: Endpoint, options: Any, span: Span, finisher: Callable[[Call], None]
    ) -> None:
        self.endpoint = endpoint
        self.options: Any = options  # as the app meant the request; None once it is known as it was sent
        self.span: Span = span
        self._finisher = finisher
        self._once = threading.Lock()
        self.start_ns = time_ns()
        self.end_ns = 0
        self.first_chunk_ns = 0
        self.request_bytes: bytes | None = None
        self.status = 0  # of the HTTP response
        self.headers: Any = None  # of the HTTP response
        self.response_class: Any = None  # it knows how to decode a body
        self.content: bytes | None = None  # the answer when it was read at once
        self.body: Body | None = None  # the answer when the app reads it
        self.retries = 0
        self.streams = False
        self.key = ""  # the name of the provider's key that was used
        self.variables: tuple[str, ...] = ()  # of the prompt template, given by the app
        self.hides_usage = False
        self.reading = False  # the app is inside `next()`; closing the response there is no abandonment
        self.consumed = 0  # streamed items that reached the app
        self.outcome: StreamOutcome | None = None
        self.failure: Failure | None = None

    @property
    def open(self) -> bool:
        """Not finished yet."""
        return not self._once.locked()

    def note_head(self, response: Any) -> None:
        """Take status and headers; a response that is kept would keep connection and parsed objects alive."""
        self.status = response.status_code
        self.headers = response.headers
        self.response_class = type(response)

    def let_go(self) -> None:
        """Drop what is not needed any more, because many calls may wait to be described."""
        self.span = NonRecordingSpan(self.span.get_span_context())
        if self.request_bytes is not None:
            self.options = None

    def finish(self, outcome: StreamOutcome | None = None, error: BaseException | None = None) -> None:
        """End the call now, unless it has ended. Never raises."""
        if not self._once.acquire(blocking=False):
            return
        _open_streams.discard(self)
        self.end_ns = time_ns()
        self.outcome = outcome
        if error is not None:
            self.failure = _failure_of(error)
        if _collector.running_here():
            # A destructor may run while this very thread holds a lock of the exporter: others do the rest.
            _orphans.append(self)
            return
        self._complete()

    def _complete(self) -> None:
        try:
            self._finisher(self)
        except Exception:
            logger.debug("A span could not be finished", exc_info=True)


_orphans: deque[Call] = deque()
_open_streams: set[Call] = set()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_open_streams.clear)  # they are the parent's to finish


def note_open_stream(call: Call) -> None:
    """Remember a call whose answer is still to be read, for the case that the process ends first."""
    _open_streams.add(call)


def finish_open_streams() -> None:
    """End as abandoned what is still open. Called when Sightline is switched off and at exit."""
    for call in list(_open_streams):
        call.finish(StreamOutcome.ABANDONED)
    finish_orphans()


def finish_orphans() -> None:
    """Finish calls of garbage-collected streams. Called by the next call, the exporter and `flush()`."""
    while _orphans:
        try:
            call = _orphans.popleft()
        except IndexError:
            return
        call._complete()


class _GarbageCollector:
    """Knows whether the current thread is inside a collection, where taking a lock can deadlock."""

    def __init__(self) -> None:
        self._thread = 0

    def watch(self) -> None:
        if self._notice not in gc.callbacks:
            gc.callbacks.append(self._notice)

    def unwatch(self) -> None:
        if self._notice in gc.callbacks:
            gc.callbacks.remove(self._notice)

    def running_here(self) -> bool:
        return self._thread == threading.get_ident()

    def _notice(self, phase: str, info: dict[str, int]) -> None:
        self._thread = threading.get_ident() if phase == "start" else 0


_collector = _GarbageCollector()
watch_garbage_collector = _collector.watch
unwatch_garbage_collector = _collector.unwatch
