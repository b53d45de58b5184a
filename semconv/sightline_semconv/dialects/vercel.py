"""Vercel AI SDK, versions 4 to 7; the last of them speaks GenAI.

Source: vercel/ai, `packages/ai/src/telemetry` and `packages/otel`.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_google_usage, read_grounding, read_usage
from sightline_semconv.dialects.content import is_model_call, take_content, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing, unquote
from sightline_semconv.dialects.messages import to_messages
from sightline_semconv.dialects.tool_definitions import tool_definitions
from sightline_semconv.kinds import SpanKind

_OUTER = ("ai.generatetext", "ai.streamtext", "ai.generateobject", "ai.streamobject")

_KINDS = {
    # The outer span repeats what its `doGenerate` children did: it groups calls, it is none.
    **dict.fromkeys(_OUTER, SpanKind.WORKFLOW),
    "ai.embed": SpanKind.WORKFLOW,
    "ai.embedmany": SpanKind.WORKFLOW,
    "ai.generatetext.dogenerate": SpanKind.LLM,
    "ai.streamtext.dostream": SpanKind.LLM,
    "ai.generateobject.dogenerate": SpanKind.LLM,
    "ai.streamobject.dostream": SpanKind.LLM,
    "ai.embed.doembed": SpanKind.EMBEDDING,
    "ai.embedmany.doembed": SpanKind.EMBEDDING,
    "ai.rerank.dorerank": SpanKind.RETRIEVAL,
    "ai.toolcall": SpanKind.TOOL,
}


def _restructure(attributes: Attributes) -> None:
    first_chunk_ms = attributes.get("ai.response.msToFirstChunk")
    if isinstance(first_chunk_ms, int | float) and gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK not in attributes:
        attributes[gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK] = first_chunk_ms / 1000
        del attributes["ai.response.msToFirstChunk"]
    tools = attributes.get("ai.prompt.tools")
    if isinstance(tools, list) and gen_ai.TOOL_DEFINITIONS not in attributes:
        del attributes["ai.prompt.tools"]
        attributes[gen_ai.TOOL_DEFINITIONS] = tool_definitions(tools)
    _read_provider(attributes)
    if is_model_call(attributes):
        named = str(attributes.get("operation.name"))
        if named.startswith("ai.stream") or gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK in attributes:
            set_missing(attributes, gen_ai.REQUEST_STREAM, True)
        _drop_copies(attributes)
        _read_answer(attributes)
    _read_prompt(attributes)
    for name in ("ai.value", "ai.toolCall.result"):
        if name in attributes:
            attributes[name] = unquote(attributes[name])
    values = attributes.get("ai.values")
    if isinstance(values, list):
        attributes["ai.values"] = [unquote(value) for value in values]
    take_content(
        attributes,
        ["ai.prompt.messages", "ai.prompt", "ai.toolCall.args", "ai.value", "ai.values"],
        ["ai.response.text", "ai.response.object", "ai.toolCall.result"],
    )


def _drop_copies(attributes: Attributes) -> None:
    """OpenInference's processor copies messages without their images, and an answer without its thoughts."""
    asked = attributes.get("ai.prompt.messages")
    if gen_ai.INPUT_MESSAGES in attributes and to_messages(asked, role="user"):
        attributes[gen_ai.INPUT_MESSAGES] = attributes.pop("ai.prompt.messages")
    if isinstance(attributes.get("ai.response.reasoning"), str):
        attributes.pop(gen_ai.OUTPUT_MESSAGES, None)


def _read_prompt(attributes: Attributes) -> None:
    """Steps around calls say what they were asked as the app did: a text or messages, the system's beside."""
    asked = parse_json(attributes.get("ai.prompt"))
    if not isinstance(asked, dict):
        return
    system, said = asked.get("system"), asked.get("messages") or asked.get("prompt")
    messages: list[Any] = [{"role": "system", "content": system}] if isinstance(system, str) else []
    if isinstance(said, str):
        messages.append({"role": "user", "content": said})
    elif isinstance(said, list):
        messages += said
    if to_messages(messages, role="user"):
        del attributes["ai.prompt"]
        # OpenInference's processor takes the system's part of it alone, or no images.
        attributes[gen_ai.INPUT_MESSAGES] = to_conversation(messages, "user")


def _read_provider(attributes: Attributes) -> None:
    """What each provider says of its own. Cached and reasoning tokens are there alone in version 4, and in 5
    of calls that do not stream; totals of version 5 leave out what the API counts beside them."""
    said = parse_json(attributes.get("ai.response.providerMetadata"))
    counted: Attributes = {}
    for own in said.values() if isinstance(said, dict) else ():
        if not isinstance(own, dict):
            continue
        for key, name in _PROVIDER_COUNTS.items():
            if isinstance(own.get(key), int):
                set_missing(attributes, name, own[key])
        if isinstance(own.get("serviceTier"), str):
            set_missing(attributes, gen_ai.OPENAI_RESPONSE_SERVICE_TIER, own["serviceTier"])
        if isinstance(own.get("usage"), dict):
            read_usage(counted, own["usage"])
        if isinstance(own.get("usageMetadata"), dict):
            read_google_usage(counted, own["usageMetadata"])
        if is_model_call(attributes):
            read_grounding(attributes, own)
    if is_model_call(attributes):
        attributes |= counted


_PROVIDER_COUNTS = {
    "cachedPromptTokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cacheReadInputTokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cacheCreationInputTokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "reasoningTokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
}


def _read_answer(attributes: Attributes) -> None:
    """Reasoning, text and tool calls are attributes of their own, but one message."""
    reasoning = attributes.get("ai.response.reasoning")
    calls = parse_json(attributes.get("ai.response.toolCalls"))
    if gen_ai.OUTPUT_MESSAGES in attributes or not (isinstance(calls, list) or isinstance(reasoning, str)):
        return
    content: list[Any] = []
    for name, kind in _TEXTS.items():
        text = attributes.get(name)
        if isinstance(text, str):
            del attributes[name]
            content += [{"type": kind, "text": text}] if text else []
    if isinstance(calls, list):
        del attributes["ai.response.toolCalls"]
        content += [{"type": "tool-call", **call} for call in calls if isinstance(call, dict)]
    said = to_conversation([{"role": "assistant", "content": content}], "assistant")
    set_missing(attributes, gen_ai.OUTPUT_MESSAGES, said)
    set_missing(attributes, sightline.SPAN_KIND, SpanKind.LLM.value)


_TEXTS = {
    "ai.response.reasoning": "reasoning",
    "ai.response.text": "text",
    "ai.response.object": "text",
}

VERCEL = Dialect(
    name="vercel",
    prefixes=("ai.",),
    renames={
        "ai.model.id": gen_ai.REQUEST_MODEL,
        "ai.model.provider": gen_ai.PROVIDER_NAME,
        "ai.response.model": gen_ai.RESPONSE_MODEL,
        "ai.response.id": gen_ai.RESPONSE_ID,
        gen_ai.TIME_TO_FIRST_CHUNK_METRIC: gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK,
        "ai.response.finishReason": gen_ai.RESPONSE_FINISH_REASONS,
        "ai.usage.promptTokens": gen_ai.USAGE_INPUT_TOKENS,
        "ai.usage.inputTokens": gen_ai.USAGE_INPUT_TOKENS,
        "ai.usage.tokens": gen_ai.USAGE_INPUT_TOKENS,
        "ai.usage.completionTokens": gen_ai.USAGE_OUTPUT_TOKENS,
        "ai.usage.outputTokens": gen_ai.USAGE_OUTPUT_TOKENS,
        "ai.usage.cachedInputTokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
        "ai.usage.inputTokenDetails.cacheReadTokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
        "ai.usage.inputTokenDetails.cacheWriteTokens": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
        "ai.usage.reasoningTokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
        "ai.usage.outputTokenDetails.reasoningTokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
        "ai.settings.maxTokens": gen_ai.REQUEST_MAX_TOKENS,
        "ai.settings.maxOutputTokens": gen_ai.REQUEST_MAX_TOKENS,
        "ai.settings.temperature": gen_ai.REQUEST_TEMPERATURE,
        "ai.settings.topP": gen_ai.REQUEST_TOP_P,
        "ai.settings.seed": gen_ai.REQUEST_SEED,
        "ai.toolCall.name": gen_ai.TOOL_NAME,
        "ai.toolCall.id": gen_ai.TOOL_CALL_ID,
        "ai.telemetry.metadata.sessionId": sightline.SESSION_ID,
        "ai.telemetry.metadata.userId": sightline.USER_ID,
        "ai.telemetry.metadata.session_id": sightline.SESSION_ID,
        "ai.telemetry.metadata.user_id": sightline.USER_ID,
        "ai.telemetry.metadata.tags": sightline.TAGS,
        "ai.settings.context.sessionId": sightline.SESSION_ID,  # the runtime context of version 7
        "ai.settings.context.userId": sightline.USER_ID,
        "ai.telemetry.functionId": gen_ai.PROMPT_NAME,
    },
    kind_attribute="ai.operationId",
    kinds=_KINDS,
    restructure=_restructure,
)
