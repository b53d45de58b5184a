"""A recorded model call as the request that makes it again, in OpenAI's API.

Requests are recorded in one shape, whoever the emitter was; what that shape does not hold (bytes of images,
the text of JSON schemas) is named in `missing`.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from sightline_api.otlp_attributes import objects
from sightline_api.replay_messages import chat_messages, prompts, response_items
from sightline_core.errors import Conflict
from sightline_semconv import gen_ai, marks, sightline
from sightline_storage.spans.span_record import SpanRecord

Json = dict[str, Any]

_CALLS: Final = frozenset({"", "chat", "text_completion", "embeddings"})
_NEEDS_NEW_NAME: Final = frozenset({"openai", "azure.ai.openai"})
"""Providers that refuse `max_tokens` for newer models; compatible servers may know nothing else."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """`POST` of `body` to `path` below the API's base URL. `missing` says what the recording left out."""

    path: str
    body: Json
    missing: list[str] = field(default_factory=list)


def replay_request(record: SpanRecord) -> ReplayRequest:
    """Return the request of a span; raises `Conflict` when the span is no call that can be made again."""
    if record["kind"] not in ("llm", "embedding") or record["operation"] not in _CALLS:
        raise Conflict("only chat, responses, completion and embedding calls can be made again")
    model = record["request_model"] or record["model"]
    messages = objects(record["input"])
    if not model or not messages or not all("parts" in message for message in messages):
        raise Conflict("the span has no model or no recorded messages")
    missing = _cut(record)
    if record["operation"] == "embeddings" or record["kind"] == "embedding":
        path, body = "/embeddings", {"input": prompts(messages, missing), **_embedding_options(record)}
    elif record["operation"] == "text_completion":
        path, body = "/completions", {"prompt": prompts(messages, missing), **_sampling(record)}
    elif record["attributes"].get(gen_ai.OPENAI_API_TYPE) == "responses":
        path, body = "/responses", _response_body(record, messages, missing)
    else:
        path, body = "/chat/completions", _chat_body(record, messages, missing)
    return ReplayRequest(path, {"model": model, **body}, missing)


def _cut(record: SpanRecord) -> list[str]:
    cut = marks.INPUT_TRUNCATED in record["marks"]
    if cut or record["attributes"].get(sightline.CONTENT_TRUNCATED) == "true":
        return ["texts that were too long to record were cut"]
    return []


def _chat_body(record: SpanRecord, messages: list[Json], missing: list[str]) -> Json:
    instructions = _instructions(record)
    body: Json = {"messages": chat_messages(messages, missing), **_sampling(record)}
    if instructions:
        body["messages"].insert(0, {"role": "system", "content": instructions})
    tools = [
        {"type": kind, kind: {key: value for key, value in tool.items() if key != "type"}}
        for tool, kind in _tools(record)
    ]
    level = record["attributes"].get(gen_ai.REQUEST_REASONING_LEVEL)
    form = _format(record, missing)
    return body | _given(tools=tools, reasoning_effort=level, response_format=form, **_seed(record))


def _response_body(record: SpanRecord, messages: list[Json], missing: list[str]) -> Json:
    sampling = _sampling(record)
    attributes = record["attributes"]
    level = attributes.get(gen_ai.REQUEST_REASONING_LEVEL)
    form = _format(record, missing)
    options = _given(
        instructions=_instructions(record),
        tools=[{"type": kind, **tool} for tool, kind in _tools(record)],
        max_output_tokens=_number(record, gen_ai.REQUEST_MAX_TOKENS),
        previous_response_id=attributes.get(gen_ai.REQUEST_PREVIOUS_RESPONSE_ID),
        reasoning={"effort": level} if level else None,
        text={"format": form} if form else None,
    )
    shared: Json = {key: sampling[key] for key in ("temperature", "top_p", "service_tier") if key in sampling}
    return {"input": response_items(messages, missing), **shared, **options}


def _sampling(record: SpanRecord) -> Json:
    limit = "max_completion_tokens" if record["provider"] in _NEEDS_NEW_NAME else "max_tokens"
    if record["operation"] == "text_completion":
        limit = "max_tokens"
    options = {
        "temperature": _number(record, gen_ai.REQUEST_TEMPERATURE),
        "top_p": _number(record, gen_ai.REQUEST_TOP_P),
        "frequency_penalty": _number(record, gen_ai.REQUEST_FREQUENCY_PENALTY),
        "presence_penalty": _number(record, gen_ai.REQUEST_PRESENCE_PENALTY),
        "n": _number(record, gen_ai.REQUEST_CHOICE_COUNT),
        "stop": _texts(record, gen_ai.REQUEST_STOP_SEQUENCES),
        "service_tier": record["attributes"].get(gen_ai.OPENAI_REQUEST_SERVICE_TIER),
        limit: _number(record, gen_ai.REQUEST_MAX_TOKENS),
    }
    return _given(**options)


def _embedding_options(record: SpanRecord) -> Json:
    formats = _texts(record, gen_ai.REQUEST_ENCODING_FORMATS)
    return _given(encoding_format=formats[0] if formats else None)


def _seed(record: SpanRecord) -> Json:
    digits = record["seed"].removeprefix("-")
    return {"seed": int(record["seed"])} if digits.isascii() and digits.isdigit() and len(digits) < 20 else {}


def _format(record: SpanRecord, missing: list[str]) -> Json | None:
    if record["attributes"].get(gen_ai.OUTPUT_TYPE) != "json":
        return None
    schema = record["attributes"].get(sightline.OUTPUT_SCHEMA)
    if schema:
        missing.append(f"the JSON schema {schema!r} of the answer")
        return None
    return {"type": "json_object"}


def _instructions(record: SpanRecord) -> str:
    parts = objects(record["system_instructions"])
    return "\n".join(str(part.get("content", "")) for part in parts)


def _tools(record: SpanRecord) -> list[tuple[Json, str]]:
    """Return each tool without its type, and the type."""
    found = []
    for tool in objects(record["tool_definitions"]):
        kind = str(tool.get("type") or "function")
        named = kind in ("function", "custom")
        found.append(({k: v for k, v in tool.items() if k != "type" and (named or k != "name")}, kind))
    return found


def _number(record: SpanRecord, name: str) -> int | float | None:
    value = record["attributes_num"].get(name)
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value


def _texts(record: SpanRecord, name: str) -> list[str] | None:
    try:
        value = orjson.loads(record["attributes"].get(name, "null"))
    except orjson.JSONDecodeError:
        return None
    return [str(item) for item in value] if isinstance(value, list) and value else None


def _given(**options: Any) -> Json:
    return {name: value for name, value in options.items() if value is not None and value not in ("", [])}
