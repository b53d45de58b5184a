"""Scores and user feedback on traces: sent in the background, never in the app's way."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from opentelemetry import trace

from sightline.app_context import current_app_context
from sightline.config import Settings
from sightline.runtime import current_settings
from sightline_semconv import sightline

logger = logging.getLogger(__name__)

SCORES_PATH = "/api/v1/scores"
_MAX_WAITING = 1000
_slots = threading.BoundedSemaphore(_MAX_WAITING)
_pool: ThreadPoolExecutor | None = None
_pool_lock = threading.Lock()
_warned = False


def score(
    name: str,
    value: float | str,
    *,
    trace_id: str | None = None,
    span_id: str | None = None,
    session: str | None = None,
    comment: str | None = None,
    source: str = "app",
) -> None:
    """Send a number, or a label, about a span; without ids the current span is meant. Never raises, never
    waits."""
    try:
        settings = current_settings()
        if settings is None:
            return
        body: dict[str, Any] = {"name": name, "source": source}
        body["label" if isinstance(value, str) else "value"] = (
            value if isinstance(value, str) else float(value)
        )
        current = trace.get_current_span().get_span_context()
        if trace_id is None and current.is_valid:
            trace_id = trace.format_trace_id(current.trace_id)
            span_id = span_id or trace.format_span_id(current.span_id)
        held = current_app_context().attributes.get(sightline.SESSION_ID)
        optional = {"trace_id": trace_id, "span_id": span_id, "session": session or held, "comment": comment}
        body |= {key: text for key, text in optional.items() if text}
        _enqueue(body, settings)
    except Exception:
        logger.debug("A score was not sent", exc_info=True)


def feedback(
    good: bool,
    *,
    trace_id: str | None = None,
    span_id: str | None = None,
    session: str | None = None,
    comment: str | None = None,
) -> None:
    """A user's thumb up (1) or down (0) as the score `user-feedback`. Never raises, never waits."""
    score(
        "user-feedback",
        1.0 if good else 0.0,
        trace_id=trace_id,
        span_id=span_id,
        session=session,
        comment=comment,
        source="user",
    )


def _enqueue(body: dict[str, Any], settings: Settings) -> None:
    global _pool
    if not _slots.acquire(blocking=False):
        logger.debug("Too many scores are waiting; one is dropped")
        return
    with _pool_lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sightline-scores")
        _pool.submit(_send, body, settings)


def _send(body: dict[str, Any], settings: Settings) -> None:
    from sightline.otlp import post

    try:
        headers = {"content-type": "application/json"}
        post(settings.api_url + SCORES_PATH, json.dumps(body).encode(), headers, settings, settings.timeout_s)
    except Exception as error:
        global _warned
        if not _warned:
            _warned = True
            logger.warning("A score was not accepted: %s. Further ones are not logged", error)
    finally:
        _slots.release()
