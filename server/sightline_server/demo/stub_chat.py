"""The wire format of Chat Completions: one object, or server-sent chunks."""

import json
from collections.abc import Mapping
from typing import Any

from sightline_server.demo.stub_replies import Reply, Usage, pieces_of

_CALL_ID = "call_{}"


def chat_completion(facts: Mapping[str, Any], reply: Reply, usage: Usage) -> dict[str, Any]:
    """Return the body of a plain answer. `facts` are id, created, model and system fingerprint."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.text or None,
        "refusal": reply.refusal or None,
    }
    if reply.tool_call is not None:
        message["tool_calls"] = [_tool_call(facts, reply)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    return {
        **facts,
        "object": "chat.completion",
        "service_tier": "default",
        "choices": [choice],
        "usage": chat_usage(usage),
    }


def chat_chunks(facts: Mapping[str, Any], reply: Reply, usage: Usage | None) -> list[str]:
    """Return the events of a stream; with `usage` a chunk without choices reports it before the end."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if reply.tool_call is not None:
        deltas.append({"tool_calls": [{"index": 0, **_tool_call(facts, reply)}]})
    deltas += [{"refusal": piece} for piece in pieces_of(reply.refusal)]
    deltas += [{"content": piece} for piece in pieces_of(reply.text)]
    chunks = [_chunk(facts, [{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    chunks.append(_chunk(facts, [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}]))
    if usage is not None:
        chunks.append(_chunk(facts, []) | {"usage": chat_usage(usage)})
    return [*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "data: [DONE]\n\n"]


def chat_usage(usage: Usage) -> dict[str, Any]:
    """Return usage as Chat Completions reports it."""
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


def _chunk(facts: Mapping[str, Any], choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {**facts, "object": "chat.completion.chunk", "service_tier": "default", "choices": choices}


def _tool_call(facts: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    assert reply.tool_call is not None
    function = {"name": reply.tool_call.name, "arguments": reply.tool_call.arguments}
    return {"id": _CALL_ID.format(str(facts["id"])[-12:]), "type": "function", "function": function}
