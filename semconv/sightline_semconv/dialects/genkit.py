"""Genkit: each action's input and output as JSON, with the request and answer of a model in its own form.

Source: firebase/genkit, `js/core/src/tracing/instrumentation.ts` and `js/ai/src/model-types.ts`.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import (
    read_google_usage,
    read_parameters,
    read_request,
    read_response,
)
from sightline_semconv.dialects.content import is_counted_call, set_numbers, take_quoted, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing
from sightline_semconv.kinds import SpanKind

_INPUT, _OUTPUT = "genkit:input", "genkit:output"


def _restructure(attributes: Attributes) -> None:
    kind, name = attributes.get(sightline.SPAN_KIND), attributes.get("genkit:name")
    said, answer = parse_json(attributes.get(_INPUT)), parse_json(attributes.get(_OUTPUT))
    if is_counted_call(attributes) and isinstance(name, str) and "/" in name:
        provider, _, model = name.partition("/")
        set_missing(attributes, gen_ai.PROVIDER_NAME, provider)
        set_missing(attributes, gen_ai.REQUEST_MODEL, model)
    if kind == SpanKind.LLM:
        if isinstance(said, dict) and isinstance(said.get("messages"), list):
            del attributes[_INPUT]
            _read_request(attributes, said)
        if isinstance(answer, dict):
            del attributes[_OUTPUT]
            _read_answer(attributes, answer)
    elif (
        kind == SpanKind.RETRIEVAL and isinstance(answer, dict) and isinstance(answer.get("documents"), list)
    ):
        documents = [_document(document) for document in answer["documents"]]
        set_missing(attributes, gen_ai.RETRIEVAL_DOCUMENTS, dump_json(documents))
    take_quoted(attributes, _INPUT, _OUTPUT)


def _read_request(attributes: Attributes, request: dict[str, Any]) -> None:
    messages = [_message(message) for message in request["messages"]]
    set_missing(attributes, gen_ai.INPUT_MESSAGES, to_conversation(messages, "user"))
    config = request.get("config")
    read_parameters(attributes, config if isinstance(config, dict) else {}, _PARAMETERS)
    if request.get("tools"):
        read_request(attributes, {"tools": request["tools"]})


def _read_answer(attributes: Attributes, answer: dict[str, Any]) -> None:
    """What the provider answered stands beside what Genkit made of it, and says more."""
    candidates = answer.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else answer
    first = first if isinstance(first, dict) else {}
    said = to_conversation([_message(first.get("message"))], "assistant") if first.get("message") else ""
    set_missing(attributes, gen_ai.OUTPUT_MESSAGES, said)
    for key in ("raw", "custom"):
        body = answer.get(key)
        if isinstance(body, dict):
            read_response(attributes, body)
            set_missing(attributes, gen_ai.RESPONSE_MODEL, _text(body.get("modelVersion")))
            set_missing(attributes, gen_ai.RESPONSE_ID, _text(body.get("responseId")))
            if isinstance(body.get("usageMetadata"), dict):
                read_google_usage(attributes, body["usageMetadata"])
    usage = answer.get("usage")
    if isinstance(usage, dict):
        set_numbers(attributes, _with_thoughts(usage), _USAGE)
    set_missing(attributes, gen_ai.RESPONSE_FINISH_REASONS, _text(first.get("finishReason")))


def _with_thoughts(usage: dict[str, Any]) -> dict[str, Any]:
    """Of Gemini the answer is counted without what was thought."""
    put, got, thoughts = (usage.get(key) for key in ("inputTokens", "outputTokens", "thoughtsTokens"))
    if all(isinstance(count, int) for count in (put, got, thoughts)) and thoughts:
        return {**usage, "outputTokens": got + thoughts}
    return usage


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _message(message: Any) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    return {**message, "content": [_part(part) for part in content]} if isinstance(content, list) else message


def _part(part: Any) -> Any:
    """A part's field says what it is."""
    match part:
        case {"toolRequest": {"name": name, **rest}}:
            return {"type": "tool_call", "id": rest.get("ref"), "name": name, "arguments": rest.get("input")}
        case {"toolResponse": dict(answer)}:
            return {"type": "tool_result", "call_id": answer.get("ref"), "output": answer.get("output")}
        case {"reasoning": str(text)}:
            return {"type": "reasoning", "content": text}
        case {"media": {"url": str(url), **rest}}:
            return {"type": "file", "mime_type": rest.get("contentType"), "url": url}
        case {"data": data} if data is not None:
            return {"type": "text", "content": dump_json(data)}
    return part


def _document(document: Any) -> Any:
    content = document.get("content") if isinstance(document, dict) else None
    if not isinstance(content, list):
        return document
    texts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return {**document, "content": "\n".join(texts)}


_PARAMETERS = {
    "temperature": gen_ai.REQUEST_TEMPERATURE,
    "topP": gen_ai.REQUEST_TOP_P,
    "maxOutputTokens": gen_ai.REQUEST_MAX_TOKENS,
    "seed": gen_ai.REQUEST_SEED,
}

_USAGE = {
    "inputTokens": gen_ai.USAGE_INPUT_TOKENS,
    "outputTokens": gen_ai.USAGE_OUTPUT_TOKENS,
    "thoughtsTokens": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "cachedContentTokens": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
}

GENKIT = Dialect(
    name="genkit",
    prefixes=("genkit:",),
    renames={"genkit:metadata:agent:sessionId": sightline.SESSION_ID},
    kind_attribute="genkit:metadata:subtype",
    kinds={
        "flow": SpanKind.WORKFLOW,
        "model": SpanKind.LLM,
        "embedder": SpanKind.EMBEDDING,
        "agent": SpanKind.AGENT,
        "tool": SpanKind.TOOL,
        "retriever": SpanKind.RETRIEVAL,
        "reranker": SpanKind.RETRIEVAL,
        "evaluator": SpanKind.EVALUATION,
        "prompt": SpanKind.INTERNAL,
        "executable-prompt": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
