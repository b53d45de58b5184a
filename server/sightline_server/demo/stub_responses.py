"""The wire format of the Responses API: one object, or typed server-sent events."""

import json
from collections.abc import Mapping
from typing import Any

from sightline_server.demo.stub_replies import Reply, Usage, pieces_of


def response_object(
    facts: Mapping[str, Any], body: Mapping[str, Any], reply: Reply, usage: Usage
) -> dict[str, Any]:
    """Return the body of a plain answer to `body`. `facts` are id, created and model."""
    part: dict[str, Any] = (
        {"type": "refusal", "refusal": reply.refusal}
        if reply.refusal
        else {"type": "output_text", "text": reply.text, "annotations": []}
    )
    cut = reply.finish_reason == "length"
    message = {
        "id": f"msg_{str(facts['id'])[-24:]}",
        "type": "message",
        "role": "assistant",
        "status": "incomplete" if cut else "completed",
        "content": [part],
    }
    return {
        "id": facts["id"],
        "object": "response",
        "created_at": facts["created"],
        "model": facts["model"],
        "status": message["status"],
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "error": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "output": [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "text": body.get("text") or {"format": {"type": "text"}},
        "service_tier": "default",
        "usage": _usage(usage),
    }


def response_events(response: Mapping[str, Any]) -> list[str]:
    """Return the events of a stream that ends with `response`."""
    message = response["output"][0]
    part = message["content"][0]
    text = part.get("text", part.get("refusal", ""))
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": message["id"], "output_index": 0, "content_index": 0}
    kind = part["type"]
    empty_part = {**part, ("refusal" if kind == "refusal" else "text"): ""}
    deltas = [{"type": f"response.{kind}.delta", **place, "delta": piece} for piece in pieces_of(text)]
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**message, "content": []}},
        {"type": "response.content_part.added", **place, "part": empty_part},
        *deltas,
        {**part, "type": f"response.{kind}.done", **place},
        {"type": "response.content_part.done", **place, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": message},
        {"type": f"response.{response['status']}", "response": response},
    ]
    return [_event(number, event) for number, event in enumerate(events)]


def _event(number: int, event: dict[str, Any]) -> str:
    return f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    }
