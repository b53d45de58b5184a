"""What the body of a model call's request or response says beside its messages.

Several emitters put a whole body into one attribute, as OpenAI's, Anthropic's or LangChain's API has it.
"""

from collections.abc import Mapping
from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.dialect import Attributes
from sightline_semconv.dialects.flattened import dump_json, set_missing
from sightline_semconv.dialects.tool_definitions import tool_definitions
from sightline_semconv.searches import count_queries, count_searches, counted_searches

PARAMETERS = {
    "model": gen_ai.REQUEST_MODEL,
    "model_name": gen_ai.REQUEST_MODEL,
    "temperature": gen_ai.REQUEST_TEMPERATURE,
    "top_p": gen_ai.REQUEST_TOP_P,
    "max_tokens": gen_ai.REQUEST_MAX_TOKENS,
    "max_completion_tokens": gen_ai.REQUEST_MAX_TOKENS,
    "seed": gen_ai.REQUEST_SEED,
    "stream": gen_ai.REQUEST_STREAM,
    "service_tier": gen_ai.OPENAI_REQUEST_SERVICE_TIER,
    "user": sightline.USER_ID,
}
"""Parameter of a request → attribute."""

_ANSWERED = {
    "id": gen_ai.RESPONSE_ID,
    "model": gen_ai.RESPONSE_MODEL,
    "model_name": gen_ai.RESPONSE_MODEL,
    "system_fingerprint": gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    "service_tier": gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
}

_COUNTS = {
    "prompt_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "input_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "completion_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "output_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "cache_read_input_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cache_creation_input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,  # Moonshot's
}
_SPELLINGS = {
    "promptTokens": "prompt_tokens",
    "completionTokens": "completion_tokens",
    "inputTokens": "input_tokens",
    "outputTokens": "output_tokens",
    "cacheReadInputTokens": "cache_read_input_tokens",
    "cacheWriteInputTokens": "cache_creation_input_tokens",
}
"""How Bedrock's Converse API and clients in JavaScript spell counts."""

_BESIDE_INPUT = ("cache_read_input_tokens", "cache_creation_input_tokens")
"""What the APIs of Anthropic and Bedrock count beside `input_tokens`; everybody else's total includes it."""

_INPUT_DETAILS = {
    "cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cache_read": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cache_creation": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "ephemeral_1h_input_tokens": sightline.USAGE_CACHE_WRITE_1H,
    "cache_write_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "audio_tokens": gen_ai.USAGE_AUDIO_INPUT_TOKENS,
    "audio": gen_ai.USAGE_AUDIO_INPUT_TOKENS,
    "image_tokens": gen_ai.USAGE_IMAGE_INPUT_TOKENS,
}
_CACHED_DETAILS = {
    "text_tokens": gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
    "audio_tokens": gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
    "image_tokens": gen_ai.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
}
"""Of OpenAI's calls with sound and images: of what was cached."""
_OUTPUT_DETAILS = {
    "reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "reasoning": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "thinking_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "audio_tokens": gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    "audio": gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    "image_tokens": gen_ai.USAGE_IMAGE_OUTPUT_TOKENS,
}
_DETAILS = {
    "prompt_tokens_details": _INPUT_DETAILS,
    "input_tokens_details": _INPUT_DETAILS,
    "input_token_details": _INPUT_DETAILS,
    "cache_creation": _INPUT_DETAILS,
    "completion_tokens_details": _OUTPUT_DETAILS,
    "output_tokens_details": _OUTPUT_DETAILS,
    "output_token_details": _OUTPUT_DETAILS,
}
"""Objects of parts of a total, and what the parts are."""

_FAST = "fast"

SERVICE_TIERS = ("priority", "flex")
"""Service tiers by which LangChain names the parts of a total."""

_GOOGLE_SUMS = {
    gen_ai.USAGE_INPUT_TOKENS: ("promptTokenCount", "toolUsePromptTokenCount"),
    gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: ("cachedContentTokenCount",),
    gen_ai.USAGE_OUTPUT_TOKENS: ("candidatesTokenCount", "thoughtsTokenCount"),
    gen_ai.USAGE_REASONING_OUTPUT_TOKENS: ("thoughtsTokenCount",),
}
"""Gemini counts thoughts beside the answer, and what its own tools added beside the prompt."""

_GOOGLE_MODALITIES = {
    ("promptTokensDetails", "AUDIO"): gen_ai.USAGE_AUDIO_INPUT_TOKENS,
    ("promptTokensDetails", "IMAGE"): gen_ai.USAGE_IMAGE_INPUT_TOKENS,
    ("cacheTokensDetails", "TEXT"): gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
    ("cacheTokensDetails", "AUDIO"): gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
    ("cacheTokensDetails", "IMAGE"): gen_ai.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
    ("candidatesTokensDetails", "AUDIO"): gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    ("candidatesTokensDetails", "IMAGE"): gen_ai.USAGE_IMAGE_OUTPUT_TOKENS,
}
_GOOGLE_TIERS = {
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_PRIORITY": "priority",
    "PROVISIONED_THROUGHPUT": "provisioned",
}
"""Traffic type of Vertex AI's usage → the tier; other traffic has the usual price."""

_CACHE_WRITES = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
"""LangChain lists what Anthropic wrote to its cache by how long it lives, beside a sum that can be 0."""


def read_request(attributes: Attributes, body: dict[str, Any]) -> None:
    """Set what is missing: parameters, tools, and instructions that stand beside the messages."""
    read_parameters(attributes, body)
    if isinstance(body.get("tools"), list):
        set_missing(attributes, gen_ai.TOOL_DEFINITIONS, tool_definitions(body["tools"]))
    instructions = body.get("instructions") or body.get("system")
    if isinstance(instructions, str):
        said = dump_json([{"type": "text", "content": instructions}])
        set_missing(attributes, gen_ai.SYSTEM_INSTRUCTIONS, said)


def read_parameters(
    attributes: Attributes, parameters: Mapping[str, Any], names: Mapping[str, str] = PARAMETERS
) -> None:
    """Set what is missing of a request's parameters; `names` maps a parameter to its attribute."""
    for key, name in names.items():
        if isinstance(parameters.get(key), str | int | float):
            set_missing(attributes, name, parameters[key])
    _read_speed(attributes, parameters, gen_ai.OPENAI_REQUEST_SERVICE_TIER)


def read_response(attributes: Attributes, body: dict[str, Any]) -> None:
    """Set what is missing: model, ids, usage and why it finished."""
    if "generations" in body:
        body = _langchain_answer(body)
    # Langfuse keeps of an answer of the Responses API its one message, whose id is not that of the answer.
    is_item = body.get("type") == "message" and "model" not in body
    for key, name in () if is_item else _ANSWERED.items():
        if isinstance(body.get(key), str):
            set_missing(attributes, name, body[key])
    # LangChain's own count comes first: beside it, Anthropic's leaves out what was cached.
    for key in ("usage_metadata", "usage", "token_usage"):
        if isinstance(body.get(key), dict):
            read_usage(attributes, body[key])
    for key in ("usageMetadata", "usage_metadata"):
        if isinstance(body.get(key), dict):
            read_google_usage(attributes, body[key])
    if isinstance(body.get("output"), list):
        for name, count in count_searches(body["output"]).items():
            set_missing(attributes, name, count)
    candidates = body.get("candidates")  # Gemini's; LangChain has what is said of the only one beside it
    for answer in (*(candidates if isinstance(candidates, list) else ()), body):
        read_grounding(attributes, answer)
    set_missing(attributes, gen_ai.RESPONSE_FINISH_REASONS, _finish_reasons(body))


def read_grounding(attributes: Attributes, answer: Any) -> None:
    """Set how many searches Gemini made for an answer, as any client spells what it says of them."""
    if isinstance(answer, dict):
        said = answer.get("groundingMetadata") or answer.get("grounding_metadata")
        model = attributes.get(gen_ai.RESPONSE_MODEL) or attributes.get(gen_ai.REQUEST_MODEL)
        if queries := count_queries(said, str(model)):
            set_missing(attributes, sightline.USAGE_WEB_SEARCHES, queries)


def _langchain_answer(body: dict[str, Any]) -> dict[str, Any]:
    """Return what LangChain's result says of the answer under the names of an API.

    It stands under `llm_output`; of streams and of the Responses API that is null, and each message says it.
    """
    generations = body["generations"]
    first = generations[0] if isinstance(generations, list) and generations else None
    said = [_said_by_generation(generation) for generation in first] if isinstance(first, list) else []
    return {**body, **(said[0] if said else {}), "choices": said, **_inside(body, "llm_output")}


def _said_by_generation(generation: Any) -> dict[str, Any]:
    """LangChain.js gives a message the id of its answer; its own, as LangChain, only where that has none."""
    identity = _inside(generation, "message", "kwargs").get("id")
    is_own = not isinstance(identity, str) or identity.startswith(("run-", "lc_"))
    return {
        **({} if is_own else {"id": identity}),
        **_inside(generation, "generation_info"),
        **_inside(generation, "message", "kwargs", "response_metadata"),
        "usage_metadata": _inside(generation, "message", "kwargs", "usage_metadata"),
    }


def _inside(value: Any, *path: str) -> dict[str, Any]:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def read_usage(attributes: Attributes, usage: dict[str, Any]) -> None:
    """Set token counts that are missing, from what an API calls usage; Cohere's has an object of them."""
    usage = {_SPELLINGS.get(key, key): value for key, value in usage.items()} | _inside(usage, "tokens")
    if _is_count(usage.get("input_tokens")):
        beside = sum(usage[key] for key in _BESIDE_INPUT if _is_count(usage.get(key)))
        usage = {**usage, "input_tokens": usage["input_tokens"] + beside}
    usage = _with_thoughts(usage)
    for key, name in _COUNTS.items():
        _set_count(attributes, name, usage.get(key))
    for kind, parts in _DETAILS.items():
        details = usage.get(kind)
        if isinstance(details, dict):
            details = _without_tier(attributes, details)
            written = sum(details[key] for key in _CACHE_WRITES if _is_count(details.get(key)))
            if written and not details.get("cache_creation"):
                details = {**details, "cache_creation": written}
            for key, name in parts.items():
                _set_count(attributes, name, details.get(key))
            if isinstance(cached := details.get("cached_tokens_details"), dict):
                for key, name in _CACHED_DETAILS.items():
                    _set_count(attributes, name, cached.get(key))
    kept = usage.get("cacheDetails")  # of Bedrock, which has it in place of `cache_creation`
    for part in kept if isinstance(kept, list) else ():
        if isinstance(part, dict) and part.get("ttl") == "1h":
            _set_count(attributes, sightline.USAGE_CACHE_WRITE_1H, part.get("inputTokens"))
    for name, count in counted_searches(usage).items():
        _set_count(attributes, name, count)
    # Anthropic's, as the next three.
    if searches := _inside(usage, "server_tool_use").get("web_search_requests"):
        _set_count(attributes, sightline.USAGE_WEB_SEARCHES, searches)
    if isinstance(usage.get("inference_geo"), str):
        set_missing(attributes, sightline.USAGE_GEOGRAPHY, usage["inference_geo"])
    _read_speed(attributes, usage, gen_ai.OPENAI_RESPONSE_SERVICE_TIER)
    if isinstance(usage.get("service_tier"), str):
        set_missing(attributes, gen_ai.OPENAI_RESPONSE_SERVICE_TIER, usage["service_tier"])


def _with_thoughts(usage: dict[str, Any]) -> dict[str, Any]:
    """Return usage whose totals include all: xAI counts reasoning beside the answer, as its total tells, and
    Perplexity's deep research what it read and thought."""
    details = _inside(usage, "completion_tokens_details")
    kinds = ("prompt", "completion", "citation", "reasoning")
    counts: list[Any] = [usage.get(f"{kind}_tokens") for kind in kinds]
    put, got, read, thoughts = counts
    if all(map(_is_count, counts)):
        details = {**details, "reasoning_tokens": thoughts}
        totals = {"prompt_tokens": put + read, "completion_tokens": got + thoughts}
        return {**usage, **totals, "completion_tokens_details": details}
    thoughts = details.get("reasoning_tokens")
    if all(map(_is_count, (put, got, thoughts))) and put + got + thoughts == usage.get("total_tokens"):
        return {**usage, "completion_tokens": got + thoughts}
    return usage


def _read_speed(attributes: Attributes, said: Mapping[str, Any], name: str) -> None:
    """Take Anthropic's fast mode for a tier: it has prices of its own, whatever tier stands beside it."""
    if said.get("speed") == _FAST:
        attributes[name] = _FAST


def _without_tier(attributes: Attributes, details: dict[str, Any]) -> dict[str, Any]:
    """Return parts under their plain names; LangChain calls them `flex_cache_read` and the rest `flex`."""
    tier = next((tier for tier in SERVICE_TIERS if _is_count(details.get(tier))), None)
    if tier is None:
        return details
    set_missing(attributes, gen_ai.OPENAI_RESPONSE_SERVICE_TIER, tier)
    return {key.removeprefix(f"{tier}_"): value for key, value in details.items()}


def read_google_usage(attributes: Attributes, usage: dict[str, Any]) -> None:
    """Set token counts that are missing, from what Gemini's API calls usage, as any client spells it."""
    usage = {_camel(key): value for key, value in usage.items()}
    for name, keys in _GOOGLE_SUMS.items():
        if counts := [usage[key] for key in keys if _is_count(usage.get(key))]:
            set_missing(attributes, name, sum(counts))
    set_missing(
        attributes, gen_ai.OPENAI_RESPONSE_SERVICE_TIER, _GOOGLE_TIERS.get(str(usage.get("trafficType")))
    )
    for (kind, modality), name in _GOOGLE_MODALITIES.items():
        details = usage.get(kind)
        for part in details if isinstance(details, list) else ():
            if isinstance(part, dict) and part.get("modality") == modality:
                _set_count(attributes, name, part.get("tokenCount", part.get("token_count")))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _set_count(attributes: Attributes, name: str, count: Any) -> None:
    if _is_count(count):
        set_missing(attributes, name, count)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _finish_reasons(body: dict[str, Any]) -> list[Any]:
    reason = body.get("stop_reason")
    if isinstance(reason, str):
        return [reason]
    choices = body.get("choices")
    if not isinstance(choices, list):
        return _end_of_response(body)
    reasons = [choice.get("finish_reason") for choice in choices if isinstance(choice, dict)]
    return [reason for reason in reasons if isinstance(reason, str)]


def _end_of_response(body: dict[str, Any]) -> list[Any]:
    """How an answer of OpenAI's Responses API ended, in the words of its chat API."""
    status, output = body.get("status"), body.get("output")
    if not isinstance(status, str) or not isinstance(output, list):
        return []
    if status == "completed":
        calls = any(isinstance(item, dict) and item.get("type") in _CALLS for item in output)
        return ["tool_calls" if calls else "stop"]
    reason = _inside(body, "incomplete_details").get("reason")
    said = reason if isinstance(reason, str) else status
    return [_ENDS[said]] if said in _ENDS else []


_CALLS = ("function_call", "custom_tool_call")
_ENDS = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
    "incomplete": "incomplete",
    "failed": "error",
    "cancelled": "cancelled",
}
