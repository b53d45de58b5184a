"""From a finished call to the facts on its span. Runs wherever it does not hold up the app."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, TypeVar

from sightline.call import Call
from sightline.config import ContentPolicy
from sightline.content import ContentWriter, apply_policy, content_attributes, cut_text
from sightline.cost import add_cost
from sightline.estimate import estimate_usage
from sightline.facts import Facts, Verdict
from sightline.fingerprints import prompt_fingerprint, request_fingerprint
from sightline.gateway import read_headers
from sightline.output_check import check_output
from sightline.readers.event_stream import parse_events
from sightline.readers.json_values import JsonObject, as_object, as_text
from sightline.readers.told_error import told_error
from sightline.readers.verdicts import blocked_prompt
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import CacheKind, StreamOutcome

logger = logging.getLogger(__name__)
T = TypeVar("T")

STREAM_CUT = "stream_cut"
_SEVERITY = {o: rank for rank, o in enumerate(("pass", "warn", "error", "block"))}


def describe(call: Call, policy: ContentPolicy, started_with: Mapping[str, Any]) -> Facts:
    """All that can be told about a call whose span began with these attributes. A step that meets something
    odd loses its own facts and no others."""
    facts = Facts()
    empty: JsonObject = {}
    request = _guarded(lambda: _request_body(call), empty)
    if call.endpoint.kind is not None:
        facts.put(sightline.SPAN_KIND, call.endpoint.kind)
    if gen_ai.REQUEST_MODEL not in started_with:  # the body was given as bytes
        facts.put(gen_ai.REQUEST_MODEL, as_text(request.get("model")))
    if sightline.USER_ID not in started_with:  # the app's context says no user
        user = as_text(request.get("user")) or as_text(request.get("safety_identifier"))
        facts.put(sightline.USER_ID, user)
    steps: tuple[Callable[[], None], ...] = (
        lambda: call.endpoint.read_request(request, facts),
        lambda: _read_files(call, facts),
        lambda: _read_answer(call, facts),
        lambda: _read_head(call, facts),
        lambda: _judge_stream(call, facts),
        lambda: _settle_finish_reasons(facts),
        lambda: _read_error(call, facts),
        lambda: _fill_usage(call, request, facts),
        lambda: add_cost(facts, started_with, call.start_ns),
        lambda: _add_fingerprints(call, request, facts),
        lambda: _check_output(call, facts, policy),
        lambda: _add_verdicts(facts),
        lambda: _apply_policy(facts, policy),
        lambda: facts.attributes.update(content_attributes(facts, policy)),
    )
    for step in steps:
        _guarded(step, None)
    return facts


def _apply_policy(facts: Facts, policy: ContentPolicy) -> None:
    facts.attributes = apply_policy(facts.attributes, policy)
    facts.events = [(name, apply_policy(attributes, policy)) for name, attributes in facts.events]


def _guarded(step: Callable[[], T], fallback: T) -> T:
    try:
        return step()
    except Exception:
        logger.debug("Part of a call could not be described", exc_info=True)
        return fallback


def _request_body(call: Call) -> JsonObject:
    """The request as it was sent; when it never was, as the app meant it."""
    if call.request_bytes:
        try:
            return as_object(json.loads(call.request_bytes))
        except (ValueError, RecursionError):
            pass  # a multipart form
    body = as_object(getattr(call.options, "json_data", None))
    extra = as_object(getattr(call.options, "extra_json", None))
    # Through JSON, so that the readers meet lists and objects only, whatever the app passed.
    return as_object(json.loads(json.dumps({**body, **extra}, default=str))) if body or extra else {}


def _files(files: Any) -> list[tuple[str, str, Any]]:
    """(field, file name, content) of the uploads of a request."""
    found = []
    for field, value in files.items() if isinstance(files, dict) else files or ():
        given = value if isinstance(value, tuple) else (_name_of_file(value), value)
        found.append((str(field), str(given[0] or ""), given[1] if len(given) > 1 else None))
    return found


def _name_of_file(value: Any) -> str:
    """The name that the client sends of an open file; one that was opened by number has none."""
    name = getattr(value, "name", "")
    return PurePath(name).name if isinstance(name, str) else ""


def size_of_files(files: Any) -> int:
    """Bytes of uploads that are held in memory."""
    return sum(len(content) for *_, content in _files(files) if isinstance(content, bytes)) if files else 0


def _read_files(call: Call, facts: Facts) -> None:
    """Uploads by name and size; their bytes are not touched."""
    parts: list[JsonObject] = []
    for field, name, content in _files(getattr(call.options, "files", None)):
        part: JsonObject = {"type": "file", "field": field, "name": name}
        if isinstance(content, bytes):
            part |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        parts.append(part)
    if parts:
        facts.input_messages.append({"role": "user", "parts": parts})


def _read_answer(call: Call, facts: Facts) -> None:
    content = _answer_bytes(call)
    if content is None:
        return
    kind = (call.headers.get("content-type") or "").lower() if call.headers is not None else ""
    if kind.startswith(("audio/", "image/", "application/octet-stream")):
        _describe_binary(content, kind, facts)
        return
    if kind.startswith("text/event-stream") or (call.streams and "json" not in kind):
        events, done = parse_events(content)
        _read_stream(call, events, done, facts)
        return
    if kind.startswith("text/plain"):
        facts.output_messages = [_assistant({"type": "text", "content": content.decode("utf-8", "replace")})]
        return
    if call.endpoint.shorten is not None:
        content = call.endpoint.shorten(content)
    try:
        body = as_object(json.loads(content)) if content.strip() else {}
    except ValueError:
        if call.endpoint.generates:  # a login page, say, which the client passes on as text
            facts.put(sightline.OUTPUT_VALID, False)
            facts.put(
                sightline.OUTPUT_ERROR, f"the answer is {kind.partition(';')[0] or 'no JSON'}, not JSON"
            )
        raise
    facts.error = told_error(body)  # some compatible servers and gateways tell failures with a 200
    call.endpoint.read_response(body, facts)


def _answer_bytes(call: Call) -> bytes | None:
    """The answer, decoded. What the app read in pieces is still encoded as it travelled."""
    if call.body is None:
        return call.content
    raw = call.body.bytes()
    encoding = call.headers.get("content-encoding") if call.headers is not None else None
    if not encoding or encoding == "identity" or not raw:
        return raw
    try:
        decoded = call.response_class(200, headers={"content-encoding": encoding}, content=raw).content
        return decoded if isinstance(decoded, bytes) else None
    except Exception:
        return None


def _read_stream(call: Call, events: list[JsonObject], done: bool, facts: Facts) -> None:
    for event in events:
        facts.error = told_error(event) or facts.error
    if call.endpoint.fold is None:
        return
    body = call.endpoint.fold(events, facts)
    if done and call.endpoint.done_marker:
        facts.incomplete = False
    call.endpoint.read_response(body, facts)


def _describe_binary(content: bytes, kind: str, facts: Facts) -> None:
    modality = kind.partition("/")[0] if not kind.startswith("application") else "audio"
    part = {"type": "blob", "modality": modality, "mime_type": kind.partition(";")[0], "size": len(content)}
    facts.output_messages = [_assistant({**part, "sha256": hashlib.sha256(content).hexdigest()})]


def _assistant(part: JsonObject) -> JsonObject:
    return {"role": "assistant", "parts": [part]}


def _read_head(call: Call, facts: Facts) -> None:
    facts.put(sightline.REQUEST_KEY, call.key)
    if call.headers is not None:
        facts.put(gen_ai.HTTP_STATUS_CODE, call.status)
        # Once over the raw list: the client's case-insensitive look-up costs more than all of the reading.
        raw = call.headers.raw
        read_headers({name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}, facts)
    if call.retries:
        facts.put(sightline.REQUEST_RETRIES, call.retries)


def _judge_stream(call: Call, facts: Facts) -> None:
    """How the stream ended, from what the app took and what the server sent."""
    if not call.streams:
        if call.outcome is StreamOutcome.ABANDONED:  # an answer that the app did not read to its end
            facts.put(sightline.STREAM_OUTCOME, call.outcome)
        return
    facts.put(gen_ai.REQUEST_STREAM, True)
    if call.first_chunk_ns:
        facts.put(gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK, (call.first_chunk_ns - call.start_ns) / 1e9)
    outcome = call.outcome
    if facts.error is not None and outcome is not StreamOutcome.CANCELLED:
        outcome = StreamOutcome.ERROR
    elif outcome is StreamOutcome.COMPLETE and facts.incomplete:
        outcome = StreamOutcome.CUT
        facts.error = (STREAM_CUT, "The stream ended before the answer was complete")
    elif outcome is StreamOutcome.ABANDONED and call.consumed > _whole_after(facts):
        # An app that stops at the finish reason has read everything there is to read.
        outcome = StreamOutcome.COMPLETE
    if outcome is not None:
        facts.put(sightline.STREAM_OUTCOME, outcome)


def _settle_finish_reasons(facts: Facts) -> None:
    """The conventions call a missing reason `error`. That is true of streams that broke, not of an answer
    that nobody read to its end, nor of a server that gives no reasons."""
    if facts.attributes.get(sightline.STREAM_OUTCOME) in {StreamOutcome.CUT, StreamOutcome.ERROR}:
        missing = max(len(facts.output_messages), 1) - len(facts.finish_reasons)
        facts.finish_reasons += ["error"] * missing


def _whole_after(facts: Facts) -> float:
    return float("inf") if facts.terminal_index is None else facts.terminal_index


def _read_error(call: Call, facts: Facts) -> None:
    """The exception that the app got decides over an error told in a body, which adds its code."""
    failure = call.failure
    told = facts.error
    if failure is not None:
        facts.verdicts.extend(blocked_prompt(failure.body))
        facts.put(sightline.ERROR_CODE, failure.code or (told[0] if told else None))
        facts.error = (failure.type, failure.message)
    elif told is not None and told[0] != STREAM_CUT:
        facts.put(sightline.ERROR_CODE, told[0])
    if facts.error is not None:
        facts.put(gen_ai.ERROR_TYPE, facts.error[0])


def _fill_usage(call: Call, request: JsonObject, facts: Facts) -> None:
    answered = bool(facts.output_messages)
    if call.endpoint.generates and facts.counts_tokens and answered and not request.get("background"):
        model = as_text(facts.attributes.get(gen_ai.RESPONSE_MODEL)) or as_text(request.get("model"))
        estimate_usage(facts, model)
    usage = facts.usage
    facts.attributes.update(usage.attributes())
    if usage.estimated:
        facts.put(sightline.USAGE_ESTIMATED, True)
    if usage.cache_read is not None and sightline.CACHE_HIT not in facts.attributes and usage.cache_read > 0:
        facts.put(sightline.CACHE_KIND, CacheKind.PROVIDER)
        facts.put(sightline.CACHE_HIT, True)
        facts.put(sightline.CACHE_SAVED_TOKENS, usage.cache_read)
    if (
        facts.attributes.get(sightline.CACHE_HIT) is True
        and sightline.CACHE_SAVED_TOKENS not in facts.attributes
    ):
        facts.put(sightline.CACHE_SAVED_TOKENS, (usage.input or 0) + (usage.output or 0))
    if call.streams and usage.output and 0 < call.first_chunk_ns < call.end_ns:
        facts.put(sightline.OUTPUT_RATE, usage.output * 1e9 / (call.end_ns - call.first_chunk_ns))


def _add_fingerprints(call: Call, request: JsonObject, facts: Facts) -> None:
    if not request:
        return
    facts.put(sightline.REQUEST_FINGERPRINT, request_fingerprint(request))
    if call.endpoint.operation != "embeddings":  # a text to embed comes from no template
        prompt = prompt_fingerprint(facts.system_instructions, facts.input_messages, call.variables)
        facts.put(sightline.PROMPT_FINGERPRINT, prompt)


def _check_output(call: Call, facts: Facts, policy: ContentPolicy) -> None:
    if facts.finish_reasons:
        facts.put(gen_ai.RESPONSE_FINISH_REASONS, facts.finish_reasons)
    cut_short = call.streams and call.outcome is not StreamOutcome.COMPLETE
    # An exception of `parse` is about the answer; any other failure is not.
    failed = facts.error is not None and not (
        call.failure is not None and call.content and call.status == 200
    )
    if failed or cut_short or not call.endpoint.generates:
        return
    checked = check_output(facts)
    if checked is not None:
        facts.put(sightline.OUTPUT_VALID, checked[0])
        facts.put(sightline.OUTPUT_ERROR, error_message(checked[1], policy, limit=500))


def _add_verdicts(facts: Facts) -> None:
    """The gravest verdict on the span, every one as an event."""
    if not facts.verdicts:
        return
    worst = max(facts.verdicts, key=lambda verdict: _SEVERITY.get(verdict.outcome, 0))
    facts.attributes.update(verdict_attributes(worst))
    facts.events.extend((sightline.GUARDRAIL_RESULT_EVENT, verdict_attributes(v)) for v in facts.verdicts)


def verdict_attributes(verdict: Verdict) -> dict[str, Any]:
    """One verdict by attribute name; what it does not say is left out."""
    pairs: tuple[tuple[str, Any], ...] = (
        (sightline.GUARDRAIL_NAME, verdict.name),
        (sightline.GUARDRAIL_STAGE, str(verdict.stage)),
        (sightline.GUARDRAIL_OUTCOME, str(verdict.outcome)),
        (sightline.GUARDRAIL_SCORE, verdict.score),
        (sightline.GUARDRAIL_CATEGORIES, verdict.categories or None),
        (sightline.GUARDRAIL_NATIVE, verdict.native or None),
    )
    return {name: value for name, value in pairs if value is not None}


def error_message(text: str, policy: ContentPolicy, limit: int = 2000) -> str:
    """A status message, at most `limit` characters and a mark of what was cut. Providers and validators quote
    prompts and answers in it: it is redacted like content, and "" where none is kept."""
    if not policy.on_spans:
        return ""
    text = ContentWriter(policy).text(text)
    return text if len(text) <= limit else cut_text(text, limit)
