"""OpenTelemetry GenAI names up to 1.36, and attributes that libraries put under `gen_ai.` themselves.

Traceloop's and OpenLIT's `gen_ai.*` leaves are here too, because many libraries copied them. Source:
open-telemetry/semantic-conventions `model/gen-ai/deprecated` (v1.41) and the emitters' own constants.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import name_assistant
from sightline_semconv.dialects.dialect import Attributes, Dialect, Value
from sightline_semconv.dialects.flattened import as_text, dump_json, parse_json, set_missing, take_tree
from sightline_semconv.dialects.messages import message_list, text_message, to_messages
from sightline_semconv.dialects.tool_definitions import tool_definitions

RENAMES = {
    "gen_ai.system": gen_ai.PROVIDER_NAME,
    "gen_ai.usage.prompt_tokens": gen_ai.USAGE_INPUT_TOKENS,
    "gen_ai.usage.completion_tokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "gen_ai.usage.cache_creation.input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "gen_ai.usage.cache_creation_input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "gen_ai.usage.cache_write_input_tokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "gen_ai.usage.cache_read_input_tokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "gen_ai.usage.input_tokens.cached": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "gen_ai.usage.reasoning_tokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "gen_ai.usage.output_tokens.reasoning": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "gen_ai.openai.request.seed": gen_ai.REQUEST_SEED,
    "gen_ai.openai.request.service_tier": gen_ai.OPENAI_REQUEST_SERVICE_TIER,
    "gen_ai.openai.response.service_tier": gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
    "gen_ai.openai.response.system_fingerprint": gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    "gen_ai.openai.system_fingerprint": gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    "gen_ai.request.service_tier": gen_ai.OPENAI_REQUEST_SERVICE_TIER,
    "gen_ai.response.service_tier": gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
    "gen_ai.response.system_fingerprint": gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    "gen_ai.response.finish_reason": gen_ai.RESPONSE_FINISH_REASONS,
    "anthropic.message.stop_reason": gen_ai.RESPONSE_FINISH_REASONS,  # Anthropic's own SDK
    "anthropic.response.service_tier": gen_ai.OPENAI_RESPONSE_SERVICE_TIER,
    "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": sightline.USAGE_CACHE_WRITE_1H,
    "anthropic.request.id": sightline.REQUEST_ID,
    "gen_ai.request.is_stream": gen_ai.REQUEST_STREAM,
    "gen_ai.request.streaming": gen_ai.REQUEST_STREAM,
    "gen_ai.is_streaming": gen_ai.REQUEST_STREAM,
    "gen_ai.usage.cost": sightline.EMITTER_COST_USD,
    "operation.cost": sightline.EMITTER_COST_USD,
    "enduser.id": sightline.USER_ID,  # on requests to servers in Java and .NET
}


def _restructure(attributes: Attributes) -> None:
    for stem, name, role in (
        ("gen_ai.prompt", gen_ai.INPUT_MESSAGES, "user"),
        ("gen_ai.completion", gen_ai.OUTPUT_MESSAGES, "assistant"),
    ):
        names = [name for name in attributes if name.startswith(stem + ".")]
        flattened = {name: attributes.pop(name) for name in names if _is_indexed(name, stem)}
        tree = take_tree(flattened, stem)
        if tree is not None:
            is_list = isinstance(tree, list)
            said = message_list(_opened(tree), role=role) if is_list else to_messages(tree, role=role)
            set_missing(attributes, name, dump_json(said or []))
            if is_list:
                set_missing(attributes, gen_ai.RESPONSE_FINISH_REASONS, _finish_reasons(tree))
        whole = attributes.get(stem)
        if whole not in (None, "") and name not in attributes:
            del attributes[stem]
            found = to_messages(whole, role=role) or text_message(role, as_text(whole))
            attributes[name] = dump_json(found)
    definitions = take_tree(attributes, "llm.request.functions")
    if definitions is not None:
        tools = definitions if isinstance(definitions, list) else [definitions]
        shaped = [tool for tool in tools if isinstance(tool, dict)]
        set_missing(attributes, gen_ai.TOOL_DEFINITIONS, tool_definitions(shaped))
    name_assistant(attributes)


def _opened(messages: list[Any]) -> list[Any]:
    """Return OpenLLMetry's messages with their parts inside.

    It writes content of several parts as JSON, and what Anthropic's models thought as a message before it.
    """
    found: list[Any] = []
    thoughts: list[Any] = []
    for message in messages:
        if not isinstance(message, dict):
            found.append(message)
            continue
        if "role" not in message and isinstance(message.get("user"), str):
            message = {"role": "user", "content": message["user"]}  # the prompt of a completion
        content = parse_json(message.get("content"))
        if message.get("role") == "thinking":
            thoughts.append({"type": "thinking", "thinking": content})
            continue
        is_parts = isinstance(content, list) and content != [] and all(map(_is_part, content))
        parts = content if is_parts else None
        if thoughts:
            said = [message["content"]] if message.get("content") else []
            parts, thoughts = [*thoughts, *(said if parts is None else parts)], []
        found.append(message if parts is None else {**message, "content": parts})
    return [*found, {"role": "assistant", "content": thoughts}] if thoughts else found


def _is_part(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in _PARTS


_PARTS = (
    "text",
    "thinking",
    "tool_use",
    "tool_result",
    "image",
    "image_url",
    "document",
    "file",
    "input_text",
    "input_image",
    "input_audio",
    "output_text",
)


def _finish_reasons(choices: list[Any]) -> list[Value]:
    reasons = [choice.get("finish_reason") for choice in choices if isinstance(choice, dict)]
    return [reason for reason in reasons if isinstance(reason, str)]


def _is_indexed(name: str, stem: str) -> bool:
    """`gen_ai.prompt.0.role`, not `gen_ai.prompt.name`."""
    return name[len(stem) + 1 : len(stem) + 2].isdigit()


OTEL_LEGACY = Dialect(
    name="otel_legacy",
    prefixes=("gen_ai.prompt.0", "gen_ai.completion.0", "gen_ai.openai."),
    renames={**RENAMES, "gen_ai.prompt": "gen_ai.prompt", "gen_ai.completion": "gen_ai.completion"},
    restructure=_restructure,
)
