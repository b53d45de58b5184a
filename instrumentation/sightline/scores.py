"""Scores and user feedback on spans, traces and sessions: sent in the background, never in the app's way."""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import sys
import threading
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Literal

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY

from sightline.app_context import current_app_context
from sightline.config import Settings
from sightline.delivery import EXIT_TIMEOUT_S
from sightline.runtime import current_settings
from sightline_semconv import sightline

logger = logging.getLogger(__name__)

SCORES_PATH = "/api/v1/scores"
_MAX_WAITING = 1000


class _Outbox:
    """Scores on their way: one thread sends them, and the end of the process waits for it in the time that it
    waits for spans. Survives `fork` (the parent sends what it queued)."""

    def __init__(self) -> None:
        self._warned = False
        self._reset()
        atexit.register(self._finish)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._lock = threading.RLock()  # a signal's handler may score while its own thread does
        # None asks the thread to end.
        self._queue: queue.SimpleQueue[tuple[dict[str, Any], Settings] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._deadline: float | None = None  # of the process

    def put(self, body: dict[str, Any], settings: Settings) -> None:
        """Queue a score; it is dropped when too many wait."""
        if self._queue.qsize() >= _MAX_WAITING:
            logger.debug("Too many scores are waiting; one is dropped")
            return
        with self._lock:
            if self._thread is None:
                self._queue = queue.SimpleQueue()  # of the thread's kind; see `delivery`
                thread = threading.Thread(target=self._run, name="sightline-scores", daemon=True)
                thread.start()
                self._thread = thread
                self._expect_end()
        self._queue.put((body, settings))

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
        queued = self._queue
        while (waiting := queued.get()) is not None:
            self._send(*waiting)

    def _send(self, body: dict[str, Any], settings: Settings) -> None:
        from sightline.otlp import post

        try:
            url, headers = settings.api_url + SCORES_PATH, {"content-type": "application/json"}
            post(url, json.dumps(body).encode(), headers, settings, settings.timeout_s)
        except Exception as error:
            if not self._warned:
                self._warned = True
                logger.warning("A score was not accepted: %s. Further ones are not logged", error)


_outbox = _Outbox()


def score(
    name: str,
    value: bool | float | str,
    *,
    trace_id: str | None = None,
    span_id: str | None = None,
    session: str | None = None,
    comment: str | None = None,
    source: Literal["human", "code", "model"] = "code",
    author: str | None = None,
    value_type: Literal["boolean", "number", "category", "text"] | None = None,
) -> None:
    """Send a yes or no, a number, a category or (`value_type="text"`) a text about a span.

    Without ids the current span is meant, outside of any the session of the context. Scoring again under the
    same name, source and author replaces. Never raises, never waits.
    """
    try:
        settings = current_settings()
        if settings is None:
            return
        target = _target(trace_id, span_id, session)
        if not target:
            logger.debug("A score has no trace or session to be about and is dropped")
            return
        optional = {"comment": comment, "author": author, "value_type": value_type}
        body = {
            "name": name,
            "value": value if isinstance(value, bool | str) else float(value),
            "source": source,
            "scored_at": datetime.now(UTC).isoformat(),
            **target,
            **{key: text for key, text in optional.items() if text},
        }
        _outbox.put(body, settings)
    except Exception:
        logger.debug("A score was not sent", exc_info=True)


def feedback(
    good: bool,
    *,
    trace_id: str | None = None,
    span_id: str | None = None,
    session: str | None = None,
    comment: str | None = None,
    user: str | None = None,
) -> None:
    """Send a user's thumb up or down as the score `user-feedback`; the author is `user`, else the context's
    user. Never raises, never waits."""
    held = current_app_context().attributes.get(sightline.USER_ID)
    score(
        "user-feedback",
        bool(good),
        trace_id=trace_id,
        span_id=span_id,
        session=session,
        comment=comment,
        source="human",
        author=user or (str(held) if held else None),
    )


def _target(trace_id: str | None, span_id: str | None, session: str | None) -> dict[str, str]:
    if trace_id:
        return {"trace_id": trace_id, **({"span_id": span_id} if span_id else {})}
    if session:
        return {"session": session}
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        return {
            "trace_id": trace.format_trace_id(current.trace_id),
            "span_id": span_id or trace.format_span_id(current.span_id),
        }
    held = current_app_context().attributes.get(sightline.SESSION_ID)
    return {"session": str(held)} if held else {}
