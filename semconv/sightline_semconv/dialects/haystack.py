"""Haystack: a span for each component, whose class says what it does; content when its tracing is on.

Source: deepset-ai/haystack, `haystack/core/pipeline` and `haystack/dataclasses/chat_message.py`.
"""

import re
from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_usage
from sightline_semconv.dialects.content import take_content, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing
from sightline_semconv.kinds import COUNTED_KINDS, SpanKind

_INPUTS = ("haystack.component.input", "haystack.agent.step.llm.input")
_OUTPUTS = ("haystack.component.output", "haystack.agent.step.llm.output")
_CLASS = re.compile("(.*?)(?:Chat|Text|Document)?(Generator|Embedder|Retriever|Ranker|Agent)")
_KINDS = {
    "Generator": SpanKind.LLM,
    "Embedder": SpanKind.EMBEDDING,
    "Retriever": SpanKind.RETRIEVAL,
    "Ranker": SpanKind.RETRIEVAL,
    "Agent": SpanKind.AGENT,
}
_PROVIDERS = {
    "OpenAI": "openai",
    "OpenAIResponses": "openai",
    "AzureOpenAI": "azure.ai.openai",
    "AzureOpenAIResponses": "azure.ai.openai",
    "Anthropic": "anthropic",
    "AmazonBedrock": "aws.bedrock",
    "GoogleGenAI": "gcp.gemini",
    "Mistral": "mistral_ai",
    "Cohere": "cohere",
}


def _restructure(attributes: Attributes) -> None:
    found = _CLASS.fullmatch(str(attributes.get("haystack.component.type")))
    kind = _KINDS[found[2]] if found else _kind(attributes)
    if kind is not None:
        set_missing(attributes, sightline.SPAN_KIND, kind.value)
    if kind in COUNTED_KINDS:
        set_missing(attributes, gen_ai.PROVIDER_NAME, _PROVIDERS.get(found[1]) if found else None)
        said, answer = _content(attributes, _INPUTS), _content(attributes, _OUTPUTS)
        if kind == SpanKind.LLM and isinstance(said.get("messages"), list):
            _say(attributes, gen_ai.INPUT_MESSAGES, said["messages"], "user")
        _read_answer(attributes, answer)
    take_content(
        attributes,
        [*_INPUTS, "haystack.pipeline.input_data", "haystack.agent.step.tool.input", "haystack.agent.input"],
        [
            *_OUTPUTS,
            "haystack.pipeline.output_data",
            "haystack.agent.step.tool.output",
            "haystack.agent.output",
        ],
    )


def _kind(attributes: Attributes) -> SpanKind | None:
    """What a span is that is not of a component, by the names on it."""
    return next((kind for name, kind in _KIND_OF_NAME.items() if name in attributes), None)


_KIND_OF_NAME = {
    "haystack.agent.step.llm.input": SpanKind.LLM,
    gen_ai.TOOL_NAME: SpanKind.TOOL,
    "haystack.agent.max_steps": SpanKind.AGENT,
    "haystack.pipeline.max_runs_per_component": SpanKind.WORKFLOW,
    "haystack.pipeline.input_data": SpanKind.WORKFLOW,
}


def _content(attributes: Attributes, names: tuple[str, ...]) -> dict[str, Any]:
    found = (parse_json(attributes.get(name)) for name in names)
    return next((content for content in found if isinstance(content, dict)), {})


def _read_answer(attributes: Attributes, answer: dict[str, Any]) -> None:
    """Each reply has what the API said of it beside its parts, or all have it beside them."""
    replies, beside = answer.get("replies"), answer.get("meta")
    replies = replies if isinstance(replies, list) else []
    said = beside if isinstance(beside, list) else [beside]
    said = [*said, *(reply.get("meta") for reply in replies if isinstance(reply, dict))]
    for meta in said:
        if isinstance(meta, dict):
            model = meta.get("model")
            set_missing(attributes, gen_ai.RESPONSE_MODEL, model if isinstance(model, str) else None)
            read_usage(attributes, meta["usage"] if isinstance(meta.get("usage"), dict) else {})
    reasons = [meta.get("finish_reason") for meta in said if isinstance(meta, dict)]
    ends = [reason for reason in reasons if isinstance(reason, str)]
    set_missing(attributes, gen_ai.RESPONSE_FINISH_REASONS, list(ends))
    if replies and attributes.get(sightline.SPAN_KIND) == SpanKind.LLM:
        _say(attributes, gen_ai.OUTPUT_MESSAGES, replies, "assistant")


def _say(attributes: Attributes, name: str, messages: list[Any], role: str) -> None:
    set_missing(attributes, name, to_conversation([_message(message, role) for message in messages], role))
    for taken in _INPUTS if role == "user" else _OUTPUTS:
        attributes.pop(taken, None)


def _message(message: Any, role: str) -> dict[str, Any]:
    if not isinstance(message, dict):
        return {"role": role, "content": message}
    content = message.get("content")
    parts = [_part(part) for part in content] if isinstance(content, list) else content
    return {"role": message.get("role") or role, "content": parts}


def _part(part: Any) -> Any:
    """A part's field says what it is."""
    match part:
        case {"tool_call": {"tool_name": name, **rest}}:
            return {
                "type": "tool_call",
                "id": rest.get("id"),
                "name": name,
                "arguments": rest.get("arguments"),
            }
        case {"tool_call_result": {"result": result, **rest}}:
            origin = rest.get("origin")
            identity = origin.get("id") if isinstance(origin, dict) else None
            return {"type": "tool_result", "call_id": identity, "output": result}
        case {"reasoning": {"reasoning_text": str(text)}}:
            return {"type": "reasoning", "content": text}
    return part


HAYSTACK = Dialect(
    name="haystack",
    prefixes=("haystack.",),
    renames={
        "haystack.tool.name": gen_ai.TOOL_NAME,
        "haystack.tool.description": gen_ai.TOOL_DESCRIPTION,
    },
    restructure=_restructure,
)
