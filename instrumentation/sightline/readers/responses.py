"""Facts of the `responses` API: create, parse, stream, compact, and retrieving a stored one."""

from __future__ import annotations

import json

from sightline.facts import AttributeValue, Facts
from sightline.readers.chat import read_format, read_identity, read_sampling
from sightline.readers.counted_once import background_responses
from sightline.readers.json_values import Json, JsonObject, as_float, as_object, as_objects, as_text
from sightline.readers.messages import content_part, content_parts, text_part, tool_call, tool_definitions
from sightline.readers.usage import read_usage
from sightline.readers.verdicts import content_filter, inline_moderation, refusal
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import SpanKind
from sightline_semconv.searches import count_searches

_TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})
_UNFINISHED = frozenset({"queued", "in_progress"})
_TEXT_DELTAS = {"response.output_text.delta": "output_text", "response.refusal.delta": "refusal"}


def read_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /responses` and `/responses/compact`."""
    read_sampling(body, facts)
    facts.put(gen_ai.OPENAI_API_TYPE, "responses")
    facts.put(gen_ai.REQUEST_REASONING_LEVEL, as_text(as_object(body.get("reasoning")).get("effort")))
    facts.put(gen_ai.REQUEST_PREVIOUS_RESPONSE_ID, as_text(body.get("previous_response_id")))
    read_format(as_object(as_object(body.get("text")).get("format")), facts)
    conversation = body.get("conversation")
    facts.put(gen_ai.CONVERSATION_ID, as_text(conversation) or as_text(as_object(conversation).get("id")))
    prompt = as_object(body.get("prompt"))
    facts.put(gen_ai.PROMPT_NAME, as_text(prompt.get("id")))
    facts.put(gen_ai.PROMPT_VERSION, as_text(prompt.get("version")))
    if instructions := as_text(body.get("instructions")):
        facts.system_instructions = [text_part(instructions)]
    facts.input_messages = input_messages(body.get("input"))
    facts.tools = tool_definitions(body.get("tools"))


def read_response(body: JsonObject, facts: Facts) -> None:
    """A response object. One that is queued or running has no answer yet, which is not an error."""
    read_identity(body, facts)
    facts.put(gen_ai.OPENAI_API_TYPE, "responses")
    output = as_objects(body.get("output"))
    facts.output_messages = output_messages(output)
    facts.finish_reasons = _finish_reasons(body, output)
    if facts.counts_tokens:
        facts.usage = read_usage(body.get("usage"))
        searches = count_searches(output)
        if facts.usage.web_searches is None:
            facts.usage.web_searches = searches.get(sightline.USAGE_WEB_SEARCHES)
        if facts.usage.file_searches is None:
            facts.usage.file_searches = searches.get(sightline.USAGE_FILE_SEARCHES)
        if body.get("background") is True and body.get("status") in _UNFINISHED:
            background_responses.add(as_text(body.get("id")))
    if diagnostics := body.get("prompt_cache_diagnostics"):
        facts.put(sightline.PROMPT_CACHE_DIAGNOSTICS, json.dumps(diagnostics, ensure_ascii=False))
    error = as_object(body.get("error"))
    if body.get("status") == "failed" or error:
        facts.error = (as_text(error.get("code")) or "response_failed", as_text(error.get("message")))
    _read_verdicts(body, output, facts)
    facts.events.extend(_search_events(output))


def read_stored(body: JsonObject, facts: Facts) -> None:
    """A response that was fetched: its tokens were counted by the call that made it. One that was left to the
    background had none then; they are counted here, once, as those of a model call."""
    finished = body.get("status") not in _UNFINISHED
    facts.counts_tokens = finished and background_responses.discard(as_text(body.get("id")))
    read_response(body, facts)
    if facts.counts_tokens:
        facts.put(sightline.SPAN_KIND, SpanKind.LLM)


def fold_events(events: list[JsonObject], facts: Facts) -> JsonObject:
    """Events of a stream → the response object. The last event holds it whole; a cut stream is pieced
    together."""
    latest: JsonObject = {}
    items: dict[int, JsonObject] = {}
    for position, event in enumerate(events):
        kind = as_text(event.get("type"))
        if isinstance(event.get("response"), dict):
            latest = event["response"]
        if kind in _TERMINAL:
            facts.terminal_index = position
        elif kind == "error":
            facts.error = (as_text(event.get("code")) or "stream_error", as_text(event.get("message")))
        elif kind in {"response.output_item.added", "response.output_item.done"}:
            items[_index(event)] = as_object(event.get("item"))
        elif kind in _TEXT_DELTAS:
            _add_text(items, event, _TEXT_DELTAS[kind])
        elif kind in {"response.function_call_arguments.delta", "response.custom_tool_call_input.delta"}:
            item = items.setdefault(_index(event), {"type": "function_call"})
            item["arguments"] = as_text(item.get("arguments")) + as_text(event.get("delta"))
    facts.incomplete = facts.terminal_index is None
    if facts.incomplete:
        return {**latest, "output": [items[index] for index in sorted(items)]}
    return latest


def _index(event: JsonObject) -> int:
    index = event.get("output_index")
    return index if isinstance(index, int) else 0


def _add_text(items: dict[int, JsonObject], event: JsonObject, part_type: str) -> None:
    item = items.setdefault(_index(event), {"type": "message", "role": "assistant"})
    if not isinstance(item.get("content"), list):
        item["content"] = []
    key = "refusal" if part_type == "refusal" else "text"
    parts = as_objects(item["content"])
    if not parts or parts[-1].get("type") != part_type:
        item["content"].append({"type": part_type, key: ""})
    held = item["content"][-1]
    held[key] = as_text(held.get(key)) + as_text(event.get("delta"))


def input_messages(value: Json) -> list[JsonObject]:
    """`input` of a response: a string, or items in the order sent."""
    if isinstance(value, str):
        return [{"role": "user", "parts": [text_part(value)]}]
    return [_item_message(item) for item in as_objects(value)]


def _item_message(item: JsonObject) -> JsonObject:
    kind = as_text(item.get("type")) or "message"
    if kind == "message":
        return {"role": as_text(item.get("role")) or "user", "parts": content_parts(item.get("content"))}
    role = "tool" if kind.endswith("_output") else "assistant"
    return {"role": role, "parts": [_item_part(kind, item)]}


def _item_part(kind: str, item: JsonObject) -> JsonObject:
    """An item that is not a message: a tool call, its result, reasoning, compaction, or a server's tool."""
    if kind in {"function_call", "custom_tool_call"}:
        return tool_call(item)
    if kind.endswith("_output"):
        return {
            "type": "tool_call_response",
            "id": as_text(item.get("call_id")),
            "response": item.get("output"),
        }
    if kind == "reasoning":
        shown = as_objects(item.get("content")) or as_objects(item.get("summary"))
        return {"type": "reasoning", "content": "\n".join(as_text(part.get("text")) for part in shown)}
    if kind == "compaction":
        return {"type": "compaction", "id": as_text(item.get("id"))}
    if kind == "item_reference":
        return {"type": "generic", "generic_type": kind, "id": as_text(item.get("id"))}
    visible = {key: value for key, value in item.items() if key not in {"id", "result", "encrypted_content"}}
    return {
        "type": "server_tool_call",
        "id": as_text(item.get("id")),
        "name": kind,
        "server_tool_call": visible,
    }


def output_messages(output: list[JsonObject]) -> list[JsonObject]:
    """All items of an answer form one assistant message, because the API answers with one choice."""
    parts: list[JsonObject] = []
    for item in output:
        kind = as_text(item.get("type"))
        if kind == "message" or ("content" in item and kind not in {"reasoning"}):
            parts.extend(content_part(part) for part in as_objects(item.get("content")))
        else:
            parts.append(_item_part(kind, item))
    return [{"role": "assistant", "parts": parts}] if parts else []


def _finish_reasons(body: JsonObject, output: list[JsonObject]) -> list[str]:
    status = as_text(body.get("status"))
    if status == "incomplete":
        reason = as_text(as_object(body.get("incomplete_details")).get("reason"))
        return ["length" if reason == "max_output_tokens" else reason or "incomplete"]
    if status in {"failed", "cancelled"}:
        return ["error" if status == "failed" else status]
    if status and status != "completed":
        return [] if status in _UNFINISHED else [status]
    calls = any(item.get("type") in {"function_call", "custom_tool_call"} for item in output)
    return ["tool_calls" if calls else "stop"] if output or status else []


def _read_verdicts(body: JsonObject, output: list[JsonObject], facts: Facts) -> None:
    parts = [part for item in output for part in as_objects(item.get("content"))]
    if any(part.get("type") == "refusal" for part in parts):
        facts.verdicts.append(refusal())
    if as_object(body.get("incomplete_details")).get("reason") == "content_filter":
        facts.verdicts.append(content_filter())
    facts.verdicts.extend(inline_moderation(body.get("moderation")))


def _search_events(output: list[JsonObject]) -> list[tuple[str, dict[str, AttributeValue]]]:
    """One event for each file or web search that the server made for this answer."""
    events: list[tuple[str, dict[str, AttributeValue]]] = []
    for item in output:
        kind = as_text(item.get("type"))
        if kind not in {"file_search_call", "web_search_call"}:
            continue
        documents = [
            {
                "id": as_text(hit.get("file_id")),
                "name": as_text(hit.get("filename")),
                "score": as_float(hit.get("score")),
            }
            for hit in as_objects(item.get("results"))
        ]
        queries = [query for query in item.get("queries") or [] if isinstance(query, str)]
        action = as_text(as_object(item.get("action")).get("query"))
        events.append(
            (
                sightline.SEARCH_RESULT_EVENT,
                {
                    gen_ai.TOOL_NAME: kind.removesuffix("_call"),
                    gen_ai.TOOL_CALL_ID: as_text(item.get("id")),
                    gen_ai.RETRIEVAL_QUERY_TEXT: "\n".join(queries) or action,
                    gen_ai.RETRIEVAL_DOCUMENTS: json.dumps(documents, ensure_ascii=False),
                },
            )
        )
    return events
