"""Facts of `chat.completions` and the legacy `completions` endpoint."""

from __future__ import annotations

from sightline.facts import Facts
from sightline.readers.json_values import (
    Json,
    JsonObject,
    as_float,
    as_int,
    as_list,
    as_object,
    as_objects,
    as_text,
)
from sightline.readers.messages import chat_message, chat_messages, text_part, tool_definitions
from sightline.readers.usage import read_usage
from sightline.readers.verdicts import chat_verdicts
from sightline_semconv import gen_ai, sightline

_FLOATS = (
    ("temperature", gen_ai.REQUEST_TEMPERATURE),
    ("top_p", gen_ai.REQUEST_TOP_P),
    ("frequency_penalty", gen_ai.REQUEST_FREQUENCY_PENALTY),
    ("presence_penalty", gen_ai.REQUEST_PRESENCE_PENALTY),
)


def read_sampling(body: JsonObject, facts: Facts) -> None:
    """Parameters that every text endpoint shares."""
    for key, name in _FLOATS:
        facts.put(name, as_float(body.get(key)))
    facts.put(gen_ai.REQUEST_SEED, as_int(body.get("seed")))
    count = as_int(body.get("n"))
    if count is not None and count != 1:
        facts.put(gen_ai.REQUEST_CHOICE_COUNT, count)
    limits = (as_int(body.get(key)) for key in ("max_completion_tokens", "max_output_tokens", "max_tokens"))
    facts.put(gen_ai.REQUEST_MAX_TOKENS, next((limit for limit in limits if limit is not None), None))
    stop = body.get("stop")
    stops = [stop] if isinstance(stop, str) else [item for item in as_list(stop) if isinstance(item, str)]
    if stops:
        facts.put(gen_ai.REQUEST_STOP_SEQUENCES, stops)
    tier = as_text(body.get("service_tier"))
    if tier and tier != "auto":
        facts.put(gen_ai.OPENAI_REQUEST_SERVICE_TIER, tier)


def read_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /chat/completions`."""
    read_sampling(body, facts)
    facts.put(gen_ai.OPENAI_API_TYPE, "chat_completions")
    facts.put(gen_ai.REQUEST_REASONING_LEVEL, as_text(body.get("reasoning_effort")))
    read_format(as_object(body.get("response_format")), facts)
    if "audio" in as_list(body.get("modalities")):
        facts.put(gen_ai.OUTPUT_TYPE, "speech")
    facts.input_messages = chat_messages(body.get("messages"))
    facts.tools = tool_definitions(body.get("tools")) or tool_definitions(body.get("functions"))


def read_format(response_format: JsonObject, facts: Facts) -> None:
    """The declared format of the answer. Chat nests the schema under `json_schema`, responses does not."""
    kind = as_text(response_format.get("type"))
    if kind == "text":
        facts.put(gen_ai.OUTPUT_TYPE, "text")
    if kind in {"json_object", "json_schema"}:
        facts.put(gen_ai.OUTPUT_TYPE, "json")
        facts.expects_json = True
    if kind == "json_schema":
        declared = as_object(response_format.get("json_schema")) or response_format
        facts.put(sightline.OUTPUT_SCHEMA, as_text(declared.get("name")))
        facts.output_schema = as_object(declared.get("schema")) or None


def read_response(body: JsonObject, facts: Facts) -> None:
    """Answer of `POST /chat/completions`, whole or folded from a stream."""
    read_identity(body, facts)
    choices = as_objects(body.get("choices"))
    facts.finish_reasons = _finish_reasons(choices)
    facts.output_messages = [chat_message(as_object(choice.get("message"))) for choice in choices]
    facts.usage = read_usage(body.get("usage"))
    facts.verdicts.extend(chat_verdicts(body))


def read_identity(body: JsonObject, facts: Facts) -> None:
    """Id, model, tier and fingerprint, which all text endpoints answer with."""
    facts.put(gen_ai.RESPONSE_ID, as_text(body.get("id")))
    facts.put(gen_ai.RESPONSE_MODEL, as_text(body.get("model")))
    facts.put(gen_ai.OPENAI_RESPONSE_SERVICE_TIER, as_text(body.get("service_tier")))
    facts.put(gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT, as_text(body.get("system_fingerprint")))
    cost = _stated_cost(as_object(body.get("usage")))
    if cost is not None and cost >= 0:
        facts.put(sightline.COST_USD, f"{cost:.12f}".rstrip("0").rstrip(".") or "0")


def _stated_cost(usage: JsonObject) -> float | None:
    """What the provider says that it bills, in USD: OpenRouter, Perplexity, xAI in ticks of 10^-10."""
    ticks = as_float(usage.get("cost_in_usd_ticks"))
    if ticks is not None:
        return ticks / 10**10
    cost = usage.get("cost")
    return as_float(as_object(cost).get("total_cost") if isinstance(cost, dict) else cost)


def fold_chunks(events: list[JsonObject], facts: Facts) -> JsonObject:
    """Chunks of a chat stream → the body that the same call without streaming would have answered.

    Odd chunks of compatible servers (choices null, delta null, index missing) count as what they hold.
    """
    body: JsonObject = {}
    choices: dict[int, JsonObject] = {}
    for position, chunk in enumerate(events):
        for key in (
            "id",
            "model",
            "service_tier",
            "system_fingerprint",
            "prompt_filter_results",
            "moderation",
        ):
            if chunk.get(key):
                body[key] = chunk[key]
        if usage := _usage_in(chunk):
            body["usage"] = usage
        for choice in as_objects(chunk.get("choices")):
            if not _add_text(choices, choice) and _add_choice(choices, choice):
                facts.terminal_index = position
    body["choices"] = [choices[index] for index in sorted(choices)]
    facts.incomplete = not choices or any(not choice.get("finish_reason") for choice in choices.values())
    return body


def _usage_in(chunk: JsonObject) -> Json:
    """Of the stream up to this chunk; {} when it has none. Groq and Moonshot have places of their own."""
    if usage := chunk.get("usage"):
        return usage
    if usage := as_object(chunk.get("x_groq")).get("usage"):
        return usage
    return next((usage for choice in as_objects(chunk.get("choices")) if (usage := choice.get("usage"))), {})


def _add_text(choices: dict[int, JsonObject], choice: JsonObject) -> bool:
    """Append a delta that is nothing but text, as nearly all are; false for any other, which changes
    nothing."""
    delta = choice.get("delta")
    if type(delta) is not dict or len(delta) != 1 or choice.get("finish_reason") is not None:
        return False
    content, index = delta.get("content"), choice.get("index")
    whole = choices.get(index) if type(index) is int else None
    if type(content) is not str or whole is None or "content_filter_results" in choice:
        return False
    message = whole["message"]
    message["content"] = message.get("content", "") + content
    return True


def _add_choice(choices: dict[int, JsonObject], choice: JsonObject) -> bool:
    """Merge one delta; true when it carries the finish reason."""
    index = as_int(choice.get("index")) or 0
    whole = choices.setdefault(
        index, {"index": index, "message": {"role": "assistant"}, "finish_reason": None}
    )
    if filtered := as_object(choice.get("content_filter_results")):
        whole["content_filter_results"] = {**as_object(whole.get("content_filter_results")), **filtered}
    delta = as_object(choice.get("delta")) or as_object(choice.get("message"))
    message: JsonObject = whole["message"]
    for key in ("content", "refusal", "reasoning_content", "reasoning"):
        if text := as_text(delta.get(key)):
            _append(message, key, text)
    if text := as_text(choice.get("text")):
        _append(whole, "text", text)
    if role := as_text(delta.get("role")):
        message["role"] = role
    for call in as_objects(delta.get("tool_calls")):
        _add_tool_call(message.setdefault("tool_calls", []), call)
    if legacy := as_object(delta.get("function_call")):
        _add_function(message.setdefault("function_call", {}), legacy)
    if audio := as_object(delta.get("audio")):
        held = message.setdefault("audio", {})
        for key in ("data", "transcript"):
            if text := as_text(audio.get(key)):
                _append(held, key, text)
        if audio.get("id"):
            held["id"] = audio["id"]
    if reason := as_text(choice.get("finish_reason")):
        whole["finish_reason"] = reason
        return True
    return False


def _append(target: JsonObject, key: str, text: str) -> None:
    # CPython extends a string that has one owner in place, so that folding stays linear.
    target[key] = target.get(key, "") + text


def _add_tool_call(calls: list[JsonObject], delta: JsonObject) -> None:
    index = as_int(delta.get("index"))
    if index is None:  # a server that sends each call whole
        index = len(calls) if delta.get("id") else max(len(calls) - 1, 0)
    if not 0 <= index <= 1024:
        return
    while len(calls) <= index:
        calls.append({"function": {}})
    held = calls[index]
    if delta.get("id"):
        held["id"] = delta["id"]
    _add_function(held["function"], as_object(delta.get("function")) or as_object(delta.get("custom")))


def _add_function(held: JsonObject, delta: JsonObject) -> None:
    if name := as_text(delta.get("name")):
        held["name"] = name
    if arguments := as_text(delta.get("arguments")) or as_text(delta.get("input")):
        _append(held, "arguments", arguments)


def read_completion_request(body: JsonObject, facts: Facts) -> None:
    """Request of the legacy `POST /completions`: one message for each prompt; token arrays are not text."""
    read_sampling(body, facts)
    facts.input_messages = prompt_messages(body.get("prompt"))


def _finish_reasons(choices: list[JsonObject]) -> list[str]:
    return [reason for choice in choices if (reason := as_text(choice.get("finish_reason")))]


def read_completion_response(body: JsonObject, facts: Facts) -> None:
    """Answer of the legacy `POST /completions`."""
    read_identity(body, facts)
    choices = as_objects(body.get("choices"))
    facts.finish_reasons = _finish_reasons(choices)
    facts.output_messages = [
        {"role": "assistant", "parts": [text_part(as_text(choice.get("text")))]} for choice in choices
    ]
    facts.usage = read_usage(body.get("usage"))


def prompt_messages(prompt: Json) -> list[JsonObject]:
    """A prompt, several, or tokens, as user messages."""
    if isinstance(prompt, str):
        return [{"role": "user", "parts": [text_part(prompt)]}]
    items = as_list(prompt)
    if items and all(isinstance(item, int) for item in items):
        return [
            {"role": "user", "parts": [{"type": "generic", "generic_type": "tokens", "count": len(items)}]}
        ]
    return [message for item in items for message in prompt_messages(item)]
