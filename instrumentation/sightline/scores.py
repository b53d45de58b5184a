"""Scores and user feedback on spans, traces and sessions."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, Literal

from opentelemetry import trace

from sightline.app_context import current_app_context
from sightline.runtime import also_flush, current_settings
from sightline.score_outbox import ScoreOutbox
from sightline_semconv import sightline

_outbox = ScoreOutbox()
also_flush(_outbox.flush)


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
            _outbox.lose("there is no span or session here that it could be about, and no id was given", name)
            return
        optional = {"comment": comment, "author": author, "value_type": value_type}
        body = {
            "name": name,
            "value": _plain(value),
            "source": source,
            "scored_at": datetime.now(UTC).isoformat(),
            **target,
            **{key: str(text) for key, text in optional.items() if text},
        }
        _outbox.put(body, settings)
    except Exception as error:
        _outbox.lose("it could not be sent", str(error))


def _plain(value: Any) -> bool | float | str:
    if isinstance(value, bool | str):
        return value
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is no value")
    return number


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
        return {"session": str(session)}
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        return {
            "trace_id": trace.format_trace_id(current.trace_id),
            "span_id": span_id or trace.format_span_id(current.span_id),
        }
    held = current_app_context().attributes.get(sightline.SESSION_ID)
    return {"session": str(held)} if held else {}
