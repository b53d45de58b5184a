"""Scores on their way to the server, never in the app's way."""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import sys
import threading
from time import monotonic
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY

from sightline.config import Settings
from sightline.delivery import EXIT_TIMEOUT_S, RETRY_FOR_S

logger = logging.getLogger(__name__)

SCORES_PATH = "/api/v1/scores"
_MAX_WAITING = 1000
_Waiting = tuple[dict[str, Any], Settings, float]
"""A score, the settings that held when it was given, and when it is given up (monotonic)."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 15.0


class ScoreOutbox:
    """One thread sends them, and asks a server that is away again; the end of the process waits for it in the
    time that it waits for spans. Survives `fork` (the parent sends what it queued)."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._reset()
        atexit.register(self._finish)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._lock = threading.RLock()  # a signal's handler may score while its own thread does
        self._thread: threading.Thread | None = None
        self._deadline: float | None = None  # of the process
        self._waiting = 0  # the one that is being sent included
        self._failures = 0
        self._make_signals()

    def _make_signals(self) -> None:
        # None asks the thread to end.
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._hurry = threading.Event()
        self._changed = threading.Condition(threading.RLock())

    def put(self, body: dict[str, Any], settings: Settings) -> None:
        """Queue a score; it is lost when too many wait."""
        with self._lock:
            if self._thread is None:
                self._make_signals()  # of the thread's kind; see `delivery`
                thread = threading.Thread(target=self._run, name="sightline-scores", daemon=True)
                thread.start()
                self._thread = thread
                self._expect_end()
        with self._changed:
            is_full = self._waiting >= _MAX_WAITING
            self._waiting += not is_full
        if is_full:
            self.lose("too many are waiting")
        else:
            self._queue.put((body, settings, monotonic() + RETRY_FOR_S))

    def lose(self, reason: str, detail: str = "") -> None:
        """Say that a score comes to nothing, the first time for this reason: no loop fills the log."""
        if reason in self._told:
            logger.debug("A score was lost", extra={"reason": reason, "detail": detail})
            return
        self._told.add(reason)
        told = f"{reason}: {detail}" if detail else reason
        logger.warning("A score was lost: %s. Further ones are not logged", told)

    def flush(self, timeout_s: float) -> None:
        """Wait until all are sent, or one could not be."""
        deadline = monotonic() + timeout_s
        with self._changed:
            failures = self._failures
            self._hurry.set()
            while self._waiting and self._failures == failures:
                left = deadline - monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return

    def _expect_end(self) -> None:
        """Let the clock start before spans are waited for, and `_finish` come after: of two handlers, the one
        registered last is asked first. A child of `multiprocessing` ends with finalizers instead."""
        atexit.register(self._start_clock)
        processes = sys.modules.get("multiprocessing")
        if processes is not None and processes.parent_process() is not None:
            processes.util.Finalize(None, self._start_clock, exitpriority=1)
            processes.util.Finalize(None, self._finish, exitpriority=-1)

    def _start_clock(self) -> None:
        if self._deadline is None:
            self._deadline = monotonic() + EXIT_TIMEOUT_S
            self._hurry.set()

    def _finish(self) -> None:
        if (thread := self._thread) is None:
            return
        self._start_clock()
        self._queue.put(None)
        thread.join(max((self._deadline or 0.0) - monotonic(), 0.0))
        if thread.is_alive():
            logger.warning("Scores were lost: they were not accepted before the process ended")

    def _run(self) -> None:
        # For good: whoever scored first started this thread in a context of theirs.
        otel_context.attach(otel_context.Context({_SUPPRESS_INSTRUMENTATION_KEY: True}))
        queued, changed = self._queue, self._changed
        while (waiting := queued.get()) is not None:
            try:
                self._send(*waiting)
            except Exception as error:
                self.lose("it could not be sent", str(error))
            with changed:
                self._waiting -= 1
                changed.notify_all()

    def _send(self, body: dict[str, Any], settings: Settings, give_up: float) -> None:
        from sightline.otlp import deliver

        url, headers = settings.api_url + SCORES_PATH, {"content-type": "application/json"}
        payload = json.dumps(body).encode()
        pause_s = _FIRST_PAUSE_S
        while True:
            outcome, _ = deliver(url, payload, headers, settings, settings.timeout_s)
            if outcome.accepted:
                return
            if not outcome.retryable or self._deadline is not None or monotonic() >= give_up:
                self.lose("the server did not accept it", f"{body['name']!r}, {outcome.reason}")
                return
            with self._changed:
                self._failures += 1
                self._changed.notify_all()
            self._hurry.wait(max(pause_s, outcome.retry_after_s))
            self._hurry.clear()
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
