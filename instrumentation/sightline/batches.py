"""What a batch of OpenAI's used, once it has ended.

Its requests are no calls of this process. The batch tells what they used together whenever it is fetched
("Only populated on batches created after September 7, 2025"): that is one span, whose ids and time follow
from the batch, so that however many processes fetch it how often, it is one span in the store.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from sightline.facts import AttributeValue
from sightline.readers.json_values import JsonObject, as_int, as_object, as_text
from sightline.readers.usage import read_usage
from sightline_semconv import gen_ai, sightline

_PATH = re.compile(r".*/batches/[^/]+/?")
_ENDS = {"completed": "completed_at", "expired": "expired_at", "cancelled": "cancelled_at"}
"""Status in which nothing is added any more → when that was."""
_OPERATIONS = {"/v1/embeddings": "embeddings", "/v1/completions": "text_completion"}
_TIER = "batch"


class BatchSpan(NamedTuple):
    """A span that took no time: how long a batch waited says nothing of a model's latency."""

    name: str
    trace_id: int
    span_id: int
    at_ns: int
    attributes: dict[str, AttributeValue]


def is_batch_fetch(method: str, path: str) -> bool:
    """Whether a request asks for one batch."""
    return method == "GET" and _PATH.fullmatch(path) is not None


def read_batch(body: JsonObject) -> BatchSpan | None:
    """Return the span of a batch; None while it is not at its end, or where it does not say what it used."""
    identity, usage = as_text(body.get("id")), read_usage(body.get("usage"))
    ended_s = as_int(body.get(_ENDS.get(as_text(body.get("status")), "")))
    if not identity or not ended_s or not (usage.input or usage.output):
        return None
    operation, model = _OPERATIONS.get(as_text(body.get("endpoint")), "chat"), as_text(body.get("model"))
    requests = as_int(as_object(body.get("request_counts")).get("completed"))
    attributes: dict[str, AttributeValue] = {
        gen_ai.OPERATION_NAME: operation,
        gen_ai.RESPONSE_ID: identity,
        gen_ai.OPENAI_RESPONSE_SERVICE_TIER: _TIER,
        **({gen_ai.REQUEST_MODEL: model, gen_ai.RESPONSE_MODEL: model} if model else {}),
        **({sightline.BATCH_REQUESTS: requests} if requests else {}),
        **usage.attributes(),
    }
    digest = hashlib.sha256(f"openai batch {identity}".encode()).digest()
    ids = int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:24], "big")
    return BatchSpan(f"{operation} {model}".rstrip() + " batch", *ids, ended_s * 10**9, attributes)
