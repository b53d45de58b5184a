"""Langfuse SDK 3 and later (OTLP). Source: langfuse-python `_client/attributes.py`."""

import re
from collections import defaultdict
from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import (
    SERVICE_TIERS,
    read_parameters,
    read_request,
    read_response,
    read_usage,
)
from sightline_semconv.dialects.content import is_model_call, set_numbers, take_content, take_object
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing, unquote
from sightline_semconv.dialects.messages import to_messages
from sightline_semconv.dialects.tool_definitions import is_tool_definition, tool_definitions
from sightline_semconv.kinds import SpanKind, kind_of_model

_INPUT = "langfuse.observation.input"


def _restructure(attributes: Attributes) -> None:
    kind = kind_of_model(attributes.get(gen_ai.RESPONSE_MODEL))
    if kind == SpanKind.EMBEDDING and is_model_call(attributes):
        # The client of OpenAI that its SDK for JavaScript wraps calls everything a generation.
        attributes[sightline.SPAN_KIND] = kind.value
    _read_usage(attributes)
    costs = take_object(attributes, "langfuse.observation.cost_details")
    parts = [value for value in costs.values() if isinstance(value, int | float)]
    total = costs.get("total", sum(parts) if parts else None)
    if isinstance(total, int | float):
        set_missing(attributes, sightline.EMITTER_COST_USD, total)
    for key, name in _METADATA.items():
        said = unquote(attributes.get(f"langfuse.observation.metadata.{key}"))
        if isinstance(said, str):
            set_missing(attributes, name, said)
    parameters = parse_json(attributes.get("langfuse.observation.model.parameters"))
    if isinstance(parameters, dict):
        read_parameters(attributes, parameters, _PARAMETERS)
    if is_model_call(attributes):
        _read_response_metadata(attributes)
        if gen_ai.INPUT_MESSAGES not in attributes:
            _prepare_input(attributes)
    take_content(
        attributes,
        [_INPUT, "langfuse.trace.input"],
        ["langfuse.observation.output", "langfuse.trace.output"],
    )


def _read_response_metadata(attributes: Attributes) -> None:
    """Of OpenAI's Responses API its SDK for JavaScript has in the metadata what an answer says of itself."""
    body = {key: attributes.get(f"langfuse.observation.metadata.{key}") for key in _RESPONSE}
    tools, status = parse_json(body["tools"]), body["status"]
    if isinstance(tools, list) and isinstance(status, str):
        read_request(attributes, {"tools": tools, "instructions": body["instructions"]})
        if status != "completed":
            details = parse_json(body["incomplete_details"])
            read_response(attributes, {"status": status, "incomplete_details": details, "output": []})


def _prepare_input(attributes: Attributes) -> None:
    """Leave the conversation alone in the input where other things stand with it."""
    said = attributes.get(_INPUT)
    if isinstance(said, str) and said.startswith('{"args"'):
        _open_arguments(attributes, parse_json(said))
    elif isinstance(said, str) and ('"tool"' in said or '"tool_calls"' in said):
        body = parse_json(said)
        messages = body.get("messages") if isinstance(body, dict) else body
        if isinstance(messages, list):
            if _name_tools(messages):
                attributes[_INPUT] = body
            if messages is body:
                _move_tools(attributes, messages)


def _open_arguments(attributes: Attributes, call: Any) -> None:
    """The input of an observed function is how it was called; one argument can be the conversation."""
    match call:
        case {"args": list(args), "kwargs": dict(kwargs)}:
            for value in (kwargs, *args, *kwargs.values()):
                if to_messages(value, role="user"):
                    attributes[_INPUT] = value
                    read_request(attributes, kwargs)
                    return


def _move_tools(attributes: Attributes, messages: list[Any]) -> None:
    """The handler for LangChain appends the tools that are offered to the messages."""
    said = [message for message in messages if not _offers_tool(message)]
    if 0 < len(said) < len(messages):
        attributes[_INPUT] = said
        tools = [message["content"] for message in messages if _offers_tool(message)]
        set_missing(attributes, gen_ai.TOOL_DEFINITIONS, tool_definitions(tools))


def _name_tools(messages: list[Any]) -> bool:
    """Say in place who speaks, and return whether that was needed.

    The handler for LangChain.js gives what a tool answered the tool's name for a role, and no id.
    """
    asked: dict[str, Any] = {}
    is_changed = False
    for message in messages:
        if not isinstance(message, dict):
            continue
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            function = call.get("function", call) if isinstance(call, dict) else None
            if isinstance(function, dict) and isinstance(function.get("name"), str):
                asked[function["name"]] = call.get("id")
        role = message.get("role")
        if isinstance(role, str) and role in asked and "tool_call_id" not in message:
            message["role"], message["tool_call_id"] = "tool", asked[role]
            is_changed = True
    return is_changed


def _offers_tool(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.get("role") == "tool"
        and "tool_call_id" not in message
        and is_tool_definition(message.get("content"))
    )


def _read_usage(attributes: Attributes) -> None:
    """Usage classes are disjoint in Langfuse: `input` leaves out what was cached, `output` the reasoning.

    OpenAI's own names, which it takes as they are, include them. What its handler for LangChain took off the
    totals is under names of its own, with the service tier in them where that is not the usual one; what
    Anthropic's cache keeps, and for how long, can stand beside its sum.
    """
    usage = take_object(attributes, "langfuse.observation.usage_details")
    if "input" not in usage and "output" not in usage:
        read_usage(attributes, usage)
        return
    counts: dict[str, int] = defaultdict(int)
    for key, count in usage.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            continue
        total = next((total for start, total in _TOTALS if key.startswith(start)), None)
        if total is None:
            continue
        names = [total, *(name for part, name in _PARTS if part.search(key))]
        if key.startswith("cache_creation_ephemeral") and "cache_creation_input_tokens" in usage:
            names = [name for name in names if name == sightline.USAGE_CACHE_WRITE_1H]
        for name in names:
            counts[name] += count
        tier = key.partition("_")[2]
        if tier in SERVICE_TIERS:
            set_missing(attributes, gen_ai.OPENAI_RESPONSE_SERVICE_TIER, tier)
    set_numbers(attributes, counts, {name: name for name in counts})


_TOTALS = (
    ("input", gen_ai.USAGE_INPUT_TOKENS),
    ("cache_", gen_ai.USAGE_INPUT_TOKENS),
    ("cached_modality_", gen_ai.USAGE_INPUT_TOKENS),
    ("cached_tokens", gen_ai.USAGE_INPUT_TOKENS),
    ("output", gen_ai.USAGE_OUTPUT_TOKENS),
    ("reasoning_tokens", gen_ai.USAGE_OUTPUT_TOKENS),
    ("thoughts_token_count", gen_ai.USAGE_OUTPUT_TOKENS),
)
"""How the name of a class begins, and the total that it is a part of."""

_PARTS = (
    (re.compile("cache_read|cached"), gen_ai.USAGE_CACHE_READ_INPUT_TOKENS),
    (re.compile("cache_creation|cache_write|ephemeral"), gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS),
    (re.compile("ephemeral_1h"), sightline.USAGE_CACHE_WRITE_1H),
    (re.compile("^(input|cached_modality).*audio", re.IGNORECASE), gen_ai.USAGE_AUDIO_INPUT_TOKENS),
    (re.compile("^(input|cached_modality).*image", re.IGNORECASE), gen_ai.USAGE_IMAGE_INPUT_TOKENS),
    (re.compile("^cached_modality_text", re.IGNORECASE), gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS),
    (re.compile("^cached_modality_audio", re.IGNORECASE), gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS),
    (re.compile("^cached_modality_image", re.IGNORECASE), gen_ai.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS),
    (re.compile("reasoning|thoughts"), gen_ai.USAGE_REASONING_OUTPUT_TOKENS),
    (re.compile("^output.*audio", re.IGNORECASE), gen_ai.USAGE_AUDIO_OUTPUT_TOKENS),
    (re.compile("^output.*image", re.IGNORECASE), gen_ai.USAGE_IMAGE_OUTPUT_TOKENS),
)
"""What the name of a class says that it is of its total."""

_METADATA = {
    "ls_provider": gen_ai.PROVIDER_NAME,
    "ls_model_name": gen_ai.REQUEST_MODEL,
    "finish_reason": gen_ai.RESPONSE_FINISH_REASONS,
}
"""What LangChain says of its model, and OpenAI of the end of a stream; each value is JSON."""

_RESPONSE = ("instructions", "tools", "status", "incomplete_details")

_PARAMETERS = {
    "temperature": gen_ai.REQUEST_TEMPERATURE,
    "top_p": gen_ai.REQUEST_TOP_P,
    "max_tokens": gen_ai.REQUEST_MAX_TOKENS,
    "max_completion_tokens": gen_ai.REQUEST_MAX_TOKENS,
    "seed": gen_ai.REQUEST_SEED,
    "service_tier": gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
}

LANGFUSE = Dialect(
    name="langfuse",
    prefixes=("langfuse.",),
    renames={
        "langfuse.observation.model.name": gen_ai.RESPONSE_MODEL,
        "langfuse.observation.prompt.name": gen_ai.PROMPT_NAME,
        "langfuse.observation.prompt.version": gen_ai.PROMPT_VERSION,
        "langfuse.environment": gen_ai.DEPLOYMENT_ENVIRONMENT,
        "langfuse.session.id": sightline.SESSION_ID,
        "langfuse.user.id": sightline.USER_ID,
        "langfuse.trace.tags": sightline.TAGS,
    },
    kind_attribute="langfuse.observation.type",
    kinds={
        "generation": SpanKind.LLM,
        "embedding": SpanKind.EMBEDDING,
        "agent": SpanKind.AGENT,
        "tool": SpanKind.TOOL,
        "chain": SpanKind.WORKFLOW,
        "retriever": SpanKind.RETRIEVAL,
        "evaluator": SpanKind.EVALUATION,
        "guardrail": SpanKind.GUARDRAIL,
        "span": SpanKind.INTERNAL,
        "event": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
