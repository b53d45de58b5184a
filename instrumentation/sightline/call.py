"""One call's life: begun once, told what happened, finished exactly once."""

from __future__ import annotations

import contextvars
import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
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
    body: Mapping[str, Any] | None = None  # of the provider's error, as JSON


def _failure_of(error: BaseException) -> Failure:
    try:
        code, body = str(getattr(error, "code", None) or ""), getattr(error, "body", None)
        return Failure(type(error).__qualname__, code, str(error), body if isinstance(body, dict) else None)
    except Exception:
        return Failure(type(error).__qualname__, "", "")


class Call:
    """What one request and its answer left behind; `describe` reads it when the span is finished.

    `finish` may come from any thread and more than once: exhaustion, close, exit, error, cancellation and
    garbage collection all race, and the first one counts.
    """

    __slots__ = (
        "_finisher",
        "_open",
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
        # Emptied once, by whoever ends it. No lock: that of gevent, tried while it is held, lets other
        # greenlets run, and in a child between fork and exec those would be the app's.
        self._open = [True]
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
        return bool(self._open)

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
        if self._ends(outcome, error):
            self.complete()

    def leave(self) -> None:
        """End the call as abandoned, unless it has ended. For destructors, which may run while their thread
        holds a lock of the exporter: another thread does the rest."""
        with suppress(Exception):  # gevent's locks raise while the interpreter ends
            if self._ends(StreamOutcome.ABANDONED):
                _orphans.take(self)

    def _ends(self, outcome: StreamOutcome | None, error: BaseException | None = None) -> bool:
        """Note the end; False when it was noted before."""
        try:
            self._open.pop()
        except IndexError:
            return False
        _open_streams.discard(self)
        self.end_ns = time_ns()
        self.outcome = outcome
        if error is not None:
            self.failure = _failure_of(error)
        return True

    def complete(self) -> None:
        """End the span of a call that has ended. Never raises."""
        try:
            self._finisher(self)
        except Exception:
            logger.debug("A span could not be finished", exc_info=True)


class _Orphans:
    """Calls of garbage-collected streams, and the thread that completes them at once.

    To ask whether a collection is running takes a callback in `gc.callbacks`, and with one CPython (3.11 at
    least) runs handlers of signals in the middle of its own C code.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start with nothing, also in a forked process."""
        self._calls: deque[Call] = deque()
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()  # its `put` is for destructors
        self._completing = threading.RLock()
        self._attended = False

    def take(self, call: Call) -> None:
        self._calls.append(call)
        self._wake.put(True)

    def attend(self) -> None:
        """Have a thread wait for them, in no context of the app."""
        if self._attended:
            return
        self._attended = True
        self._wake = queue.SimpleQueue()  # of the thread's kind; see `delivery`
        try:
            run = partial(self._run, self._wake)
            thread = threading.Thread(target=run, name="sightline-streams", daemon=True)
            contextvars.Context().run(thread.start)
        except RuntimeError:
            self._attended = False
            logger.debug("Collected streams wait for the next call", exc_info=True)

    def dismiss(self) -> None:
        """Let the thread end."""
        if self._attended:
            self._attended = False
            self._wake.put(False)

    def complete(self, wait_s: float) -> None:
        """Complete them, or wait so long for another thread that does."""
        if self._completing.acquire(timeout=wait_s):
            try:
                while self._calls:
                    with suppress(IndexError):  # a handler of a signal was here
                        self._calls.popleft().complete()
            finally:
                self._completing.release()

    def _run(self, wake: queue.SimpleQueue[bool]) -> None:
        while wake.get():
            self.complete(-1)


_orphans = _Orphans()
_open_streams: set[Call] = set()


def _leave_all_to_parent() -> None:
    """A forked process ends no call of its parent's: that tells of it, and the child lets go of a copy."""
    while _open_streams:
        _open_streams.pop()._open.clear()
    _orphans.begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all_to_parent)


def note_open_stream(call: Call) -> None:
    """Remember a call whose answer is still to be read, for the case that nobody does."""
    _open_streams.add(call)
    _orphans.attend()


def finish_open_streams() -> None:
    """End as abandoned what is still open. Called when Sightline is switched off and at exit."""
    for call in list(_open_streams):
        call.finish(StreamOutcome.ABANDONED)
    finish_orphans()


def finish_orphans(wait_s: float = 1.0) -> None:
    """Finish calls of garbage-collected streams. Called before somebody looks at spans or counts them."""
    _orphans.complete(wait_s)


dismiss_orphans = _orphans.dismiss
