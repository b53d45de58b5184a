"""Scores and user feedback on spans, traces and sessions: sent in the background, never in the app's way."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Literal

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
