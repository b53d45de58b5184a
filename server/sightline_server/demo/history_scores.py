"""What users and a judging model thought of the history: scores that are a function of the trace."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from sightline_semconv import sightline as names
from sightline_server.demo.trace_draft import TraceDraft

_COMMENTS = ("That was quick.", "Not what I asked.", "Thanks!", "I still do not know when it arrives.")


def scores_of(draft: TraceDraft) -> Iterator[dict[str, Any]]:
    """Yield bodies for `POST /api/v1/scores`; most traces get none."""
    root = draft.spans[0]
    chance = random.Random(root.trace_id)
    failed = root.status.code == Status.STATUS_CODE_ERROR
    ended = datetime.fromtimestamp(root.end_time_unix_nano / 1e9, UTC)
    common = {"trace_id": root.trace_id.hex()}
    if chance.random() < (0.4 if failed else 0.2):
        yield {
            **common,
            "name": "user-feedback",
            "value": not failed and chance.random() < 0.85,
            "source": "human",
            "author": _text_of(root, names.USER_ID),
            "comment": chance.choice(_COMMENTS) if chance.random() < 0.15 else "",
            "scored_at": (ended + timedelta(seconds=chance.uniform(5, 300))).isoformat(),
        }
    if not failed and chance.random() < 0.3:
        yield {
            **common,
            "name": "groundedness",
            "value": round(min(1.0, chance.gauss(0.86, 0.1)), 2),
            "source": "model",
            "author": "judge-1",
            "scored_at": (ended + timedelta(seconds=30)).isoformat(),
        }


def _text_of(span: Span, name: str) -> str:
    return next((item.value.string_value for item in span.attributes if item.key == name), "")
