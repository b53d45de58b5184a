"""The batch processor: a bounded queue, one thread, and counts that add up.

A span of a model call arrives ended but not yet described (`late_span`); the thread is the first to look at
it, so that reading and writing JSON does not hold up the app. Memory is bounded in spans and in bytes; what
does not fit is dropped, counted, and the first time logged with the reason.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep

from opentelemetry.sdk.trace import ReadableSpan

from sightline import otlp
from sightline.call import finish_open_streams, finish_orphans
from sightline.config import Settings
from sightline.late_span import LateSpan
from sightline.otlp_spans import encode_spans

logger = logging.getLogger(__name__)

MAX_SPANS = 16_384
MAX_BYTES = 64 * 1024 * 1024
BATCH_SPANS = 512
BATCH_BYTES = 4 * 1024 * 1024
PERIOD_S = 0.5
RETRY_FOR_S = 60.0  # a batch that cannot be delivered for that long is dropped
MIN_TRIES = 3  # but not after a minute in which the process was frozen, as functions of clouds are
CROWDED = 0.75  # of either limit: from here on the app waits for the delivery thread
YIELD_S = 0.002  # for how long with each span, at least
YIELD_BYTES_PER_S = 64 * 1024 * 1024  # about half of what the thread gets done
EXIT_TIMEOUT_S = 5.0  # how long the end of the app may wait for the collector
_PLAIN_SPAN_BYTES = 2048


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Spans since `instrument()`: accepted by the collector, lost, and not yet sent."""

    sent: int = 0
    dropped: int = 0
    waiting: int = 0


class Delivery:
    """Sends ended spans to the collector. Thread-safe; survives `fork` (the parent sends what it queued)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._warned = False
        self._reset()
        self._expect_end_of_process()
        if hasattr(os, "register_at_fork"):
            method = weakref.WeakMethod(self._begin_in_child)

            def after_fork() -> None:
                if begin := method():
                    begin()

            os.register_at_fork(after_in_child=after_fork)

    def _begin_in_child(self) -> None:
        self._reset()
        self._expect_end_of_process()

    def _expect_end_of_process(self) -> None:
        """One of `multiprocessing` may end without handlers of `atexit`. It has finalizers of its own, and
        forgets those from before its target runs."""
        processes = sys.modules.get("multiprocessing")
        if processes is None or (util := sys.modules.get("multiprocessing.util")) is None:
            return

        def expect(delivery: Delivery) -> None:
            util.Finalize(None, delivery._end, exitpriority=0)

        util.register_after_fork(self, expect)
        if processes.parent_process() is not None:
            expect(self)

    def _end(self) -> None:
        finish_open_streams()
        self.shutdown()

    def _reset(self) -> None:
        # Reentrant, for a signal's handler may come while the thread that it interrupts holds or awaits them.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._gate = threading.RLock()
        self._queue: deque[ReadableSpan] = deque()
        self._held_bytes = 0
        self._accepted = self._sent = self._dropped = self._failures = 0
        self._failing = False  # the newest request was not accepted
        # True asks for everything that waits, False says that a whole batch does.
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def put(self, span: ReadableSpan) -> None:
        """Queue an ended span."""
        size = _size_of(span)
        failure = self._start()
        with self._lock:
            waiting, held = len(self._queue), self._held_bytes
            reason = failure or self._refusal(size)
            # From here to the end of the block no handler comes between and finds counts that do not add up.
            self._accepted += 1
            if reason:
                self._dropped += 1
            else:
                self._held_bytes += size
                self._queue.append(span)
        if reason:
            self._warn(reason)
            return
        if (waiting + 1) % BATCH_SPANS == 0 or (held + size) // BATCH_BYTES > held // BATCH_BYTES:
            self._wake.put(False)
        if self._is_crowded():
            self._let_through(size)

    def _refusal(self, size: int) -> str:
        """Why a span of this size cannot be queued; "" when it can."""
        if self._closing.is_set():
            return "the SDK was shut down"
        waiting = len(self._queue)
        # One that is over the limit by itself is sent too, when nothing else waits.
        if waiting >= MAX_SPANS or (waiting and self._held_bytes + size > MAX_BYTES):
            return "the queue is full"
        return ""

    def _start(self) -> str:
        """Why there is no delivery thread; "" when there is one. Holds no lock while it starts."""
        if self._thread is not None or self._closing.is_set():
            return ""
        thread = threading.Thread(target=self._run, name="sightline-delivery", daemon=True)
        with self._lock:
            if self._thread is not None:
                return ""
            self._thread = thread
            # Of the thread's kind: gevent may have replaced both, and greenlets must not wait in the old one.
            self._wake = queue.SimpleQueue()
        try:
            thread.start()
        except RuntimeError as error:  # a limit of the system, or the interpreter ends
            self._thread = None
            return str(error)
        return ""

    def _is_crowded(self) -> bool:
        return len(self._queue) > MAX_SPANS * CROWDED or self._held_bytes > MAX_BYTES * CROWDED

    def _let_through(self, size: int) -> None:
        """Leave the interpreter to the delivery thread: a busy app can keep it away until spans are lost.

        One thread after the other, so that no number of them gets ahead of it. An app whose collector is down
        is not held up.
        """
        if threading.current_thread() is self._thread:
            return
        with self._gate:
            if self._is_crowded() and not self._failing:
                sleep(max(YIELD_S, size / YIELD_BYTES_PER_S))

    def report(self) -> DeliveryReport:
        """Counts at this moment."""
        with self._lock:
            return DeliveryReport(self._sent, self._dropped, self._accepted - self._sent - self._dropped)

    def flush(self, timeout_s: float = 10.0) -> DeliveryReport:
        """Send what is queued. Returns early when the collector cannot be reached: the rest stays waiting."""
        finish_orphans()
        deadline = monotonic() + timeout_s
        with self._changed:
            failures = self._failures
            self._wake.put(True)
            while self._accepted > self._sent + self._dropped and self._failures == failures:
                remaining = deadline - monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    break
        return self.report()

    @property
    def closed(self) -> bool:
        """Whether it was shut down."""
        return self._closing.is_set()

    def shutdown(self, timeout_s: float = EXIT_TIMEOUT_S) -> DeliveryReport:
        """Flush, then stop. What the collector did not take by then is dropped and counted. A second
        shutdown waits for nothing."""
        if self.closed:
            return self.report()
        deadline = monotonic() + timeout_s
        self.flush(timeout_s)
        self._closing.set()
        self._wake.put(True)
        thread = self._thread
        # One that another thread of the app is about to start cannot be waited for, and ends by itself.
        if thread is not None and thread.is_alive() and thread is not threading.current_thread():
            thread.join(max(deadline - monotonic(), 0.0))
        with self._lock:
            lost = len(self._queue)
            self._queue.clear()
            self._held_bytes = 0
            self._dropped += lost
            lost += self._accepted - self._sent - self._dropped  # in a request that has no answer yet
        if lost:
            self._warn("the collector could not be reached before shutdown")
        return self.report()

    def _run(self) -> None:
        wake, closing = self._wake, self._closing
        while not closing.is_set():
            try:
                everything = wake.get(timeout=PERIOD_S)
            except queue.Empty:
                everything = True
            # Only what waits now: chasing a busy app would send a request for every few spans.
            waiting = len(self._queue)
            while waiting > 0 and not closing.is_set() and (everything or self._has_whole_batch()):
                batch = self._take_batch()
                waiting -= len(batch)
                self._deliver(batch)

    def _has_whole_batch(self) -> bool:
        return len(self._queue) >= BATCH_SPANS or self._held_bytes >= BATCH_BYTES

    def _take_batch(self) -> deque[ReadableSpan]:
        batch: deque[ReadableSpan] = deque()
        size = 0
        with self._lock:
            while self._queue and len(batch) < BATCH_SPANS and size < BATCH_BYTES:
                next_size = _size_of(self._queue[0])
                if batch and next_size >= BATCH_BYTES:
                    break  # a collector may refuse it for its size: it goes alone
                batch.append(self._queue.popleft())
                size += next_size
            self._held_bytes -= size
        return batch

    def _deliver(self, batch: deque[ReadableSpan]) -> None:
        count = len(batch)
        unwritten: list[str] = []
        try:
            payload = encode_spans(_emptying(batch), unwritten)
        except Exception as error:
            self._settle(0, count, f"encoding failed: {error}")
            return
        if unwritten:
            self._settle(0, len(unwritten), f"encoding failed: {unwritten[0]}")
        if count > len(unwritten):
            self._send(payload, count - len(unwritten), monotonic() + RETRY_FOR_S)

    def _send(self, payload: bytes, count: int, give_up: float) -> None:
        """Send until it is accepted or refused; what is too large at once goes by halves."""
        pause_s = 1.0
        for tries in itertools.count(1):
            outcome = otlp.send(payload, self._settings, self._settings.timeout_s)
            if outcome.retryable and not self._failing:
                logger.info("The collector does not take spans: %s", outcome.reason)
            self._failing = not outcome.accepted
            if outcome.accepted:
                rejected = min(outcome.rejected, count)
                self._settle(count - rejected, rejected, outcome.reason)
                return
            if outcome.too_large and count > 1:
                for part, half in zip(otlp.halves(payload), (count // 2, count - count // 2), strict=True):
                    self._send(part, half, give_up)
                return
            is_late = monotonic() >= give_up and tries >= MIN_TRIES
            if not outcome.retryable or is_late or self._closing.is_set():
                self._settle(0, count, outcome.reason)
                return
            with self._changed:
                self._failures += 1
                self._changed.notify_all()
            self._pause(max(pause_s, outcome.retry_after_s))
            pause_s = min(pause_s * 2, 15.0)

    def _pause(self, seconds: float) -> None:
        """Wait that long, or until a flush or the end of the app asks for everything."""
        deadline = monotonic() + seconds
        with suppress(queue.Empty):
            while (left := deadline - monotonic()) > 0 and not self._wake.get(timeout=left):
                pass

    def _settle(self, sent: int, dropped: int, reason: str) -> None:
        with self._changed:
            self._sent += sent
            self._dropped += dropped
            self._changed.notify_all()
        if dropped:
            self._warn(reason)

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            logger.warning("Sightline lost spans: %s. Further losses are only counted, see flush()", reason)


def _emptying(batch: deque[ReadableSpan]) -> Iterator[ReadableSpan]:
    """Each span once, letting go of it, so that its memory serves the app's next calls."""
    while batch:
        yield batch.popleft()


def _size_of(span: ReadableSpan) -> int:
    """Bytes that a span holds while it waits."""
    return span.held_bytes if isinstance(span, LateSpan) else _PLAIN_SPAN_BYTES
