"""Pydantic Logfire and pydantic-ai: GenAI names, plus content in JSON attributes of their own."""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_usage
from sightline_semconv.dialects.content import is_model_call, take_content, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.event_messages import messages_of_events
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing
from sightline_semconv.kinds import SpanKind


def _restructure(attributes: Attributes) -> None:
    if gen_ai.OPERATION_NAME not in attributes and gen_ai.AGENT_NAME in attributes:
        # A tool of pydantic-ai names the agent that called it.
        kind = SpanKind.TOOL if gen_ai.TOOL_NAME in attributes else SpanKind.AGENT
        set_missing(attributes, sightline.SPAN_KIND, kind.value)
    for name in ("events", "all_messages_events"):
        events = parse_json(attributes.get(name))
        if isinstance(events, list) and events and all(isinstance(item, dict) for item in events):
            _read_events(attributes, name, events)
    _read_v1(attributes)
    usage = parse_json(attributes.get("gen_ai.usage.raw"))
    if isinstance(usage, dict):
        read_usage(attributes, usage)
    history = attributes.get("pydantic_ai.all_messages")
    if history not in (None, "") and gen_ai.INPUT_MESSAGES not in attributes:
        del attributes["pydantic_ai.all_messages"]
        set_missing(attributes, gen_ai.INPUT_MESSAGES, to_conversation(history, "user"))
    take_content(attributes, ["tool_arguments"], ["tool_response", "final_result"])


def _read_events(attributes: Attributes, name: str, events: list[dict[str, Any]]) -> None:
    inputs, outputs = messages_of_events(events)
    if not inputs and not outputs:
        return
    del attributes[name]
    if inputs:
        set_missing(attributes, gen_ai.INPUT_MESSAGES, dump_json(inputs))
    if outputs:
        set_missing(attributes, gen_ai.OUTPUT_MESSAGES, dump_json(outputs))


def _read_v1(attributes: Attributes) -> None:
    """Logfire's own OpenAI instrumentation: the request and response as the client saw them."""
    request = parse_json(attributes.get("request_data"))
    if isinstance(request, dict) and ("messages" in request or "model" in request):
        if isinstance(request.get("model"), str):
            set_missing(attributes, gen_ai.REQUEST_MODEL, request["model"])
        if "messages" in request and gen_ai.OPERATION_NAME not in attributes:
            set_missing(attributes, sightline.SPAN_KIND, SpanKind.LLM.value)
        if is_model_call(attributes) and request.get("messages"):
            set_missing(attributes, gen_ai.INPUT_MESSAGES, to_conversation(request["messages"], "user"))
    response = parse_json(attributes.get("response_data"))
    if isinstance(response, dict) and is_model_call(attributes):
        message = response.get("message") or response.get("combined_chunk_content")
        if message:
            set_missing(attributes, gen_ai.OUTPUT_MESSAGES, to_conversation(message, "assistant"))
        if isinstance(response.get("usage"), dict):
            read_usage(attributes, response["usage"])


LOGFIRE = Dialect(
    name="logfire",
    prefixes=("logfire.", "pydantic_ai."),
    renames={
        "agent_name": gen_ai.AGENT_NAME,
        "logfire.tags": sightline.TAGS,
        "gen_ai.usage.details.cached_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
        "gen_ai.usage.details.cache_read_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
        "gen_ai.usage.details.cache_read_input_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
        "gen_ai.usage.details.cache_write_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
        "gen_ai.usage.details.cache_creation_input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
        "gen_ai.usage.details.ephemeral_1h_input_tokens": sightline.USAGE_CACHE_WRITE_1H,
        "gen_ai.usage.details.reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
        "gen_ai.usage.details.thoughts_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,  # Gemini
        "gen_ai.usage.details.input_audio_tokens": gen_ai.USAGE_AUDIO_INPUT_TOKENS,
        "gen_ai.usage.details.cache_audio_read_tokens": gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
        "gen_ai.usage.details.output_audio_tokens": gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    },
    restructure=_restructure,
)
