"""Whether one span failed, and why: the first rule that applies decides and says so in words.

Order is from what somebody stated (an error, a verdict) to what we infer from the content. Most spans did not
fail; `detect` leaves them after a few comparisons and one scan of the short preview.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from sightline_analysis.failures.answer_rules import inspect_answer
from sightline_analysis.failures.classification import classify
from sightline_analysis.failures.fingerprint import fingerprint_of_root
from sightline_analysis.failures.unwrapping import Root, unwrap
from sightline_semconv import sightline
from sightline_semconv.failure_category import FailureCategory
from sightline_semconv.failure_codes import CATEGORY_OF_GRPC_STATUS, GRPC_STATUS_NAMES
from sightline_semconv.finish_reasons import CATEGORY_OF_FINISH_REASON
from sightline_semconv.kinds import GuardrailOutcome, SpanKind, StreamOutcome
from sightline_storage.spans.span_record import SpanRecord

MAX_MESSAGE_CHARS = 2000
_MODEL_KINDS = frozenset({SpanKind.LLM.value})
_ERROR = "error"
_NO_ERROR = re.compile(
    r"""\{(?:"error"|'error')\s{0,4}:\s{0,4}(?:null|None|""|''|false|False|0\b|\{\s{0,4}\}|\[\s{0,4}\])"""
)
"""The start of a tool's result whose error is that there was none, as JSON or as Python prints it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a span failed. `message` is the unwrapped root message, `scope` the tool or provider, else ""."""

    category: FailureCategory
    fingerprint: str
    message: str
    reason: str
    scope: str
    template: str


def detect(record: SpanRecord) -> Failure | None:
    """Return why this span failed, or `None`.

    Looks at this span only; whether a deeper span is the cause is `find_carriers`' question. Never raises for
    hostile content. A handled exception on a span whose status is ok is not a failure.
    """
    if (
        record.get("status") == _ERROR
        or record.get("error_type")
        or record.get("http_status", 0) >= 400
        or _unset_with_exception(record)
    ):
        return _stated_error(record)
    return _stated_verdict(record) or _inferred(record)


def _unset_with_exception(record: SpanRecord) -> bool:
    events = record.get("events")
    return bool(events) and record.get("status") != "ok" and '"exception' in str(events)


def scope_of(record: SpanRecord) -> str:
    """Return what a failure is counted under besides its category: the tool, else the provider, else ""."""
    return record.get("tool_name") or record.get("provider") or ""


def _stated_error(record: SpanRecord) -> Failure:
    text, exception_type = _error_text(record)
    root = unwrap(text) if text else Root("")
    error_type = record.get("error_type", "")
    for name in (exception_type, error_type):
        if name and not name.isdigit():
            root.types.insert(0, name)
            root.codes.insert(0, name)
    # What the provider calls it: clients leave it out of their messages, and there is none without content.
    if code := (record.get("attributes") or {}).get(sightline.ERROR_CODE, ""):
        root.codes.append(code)
    status = record.get("http_status", 0)
    if status < 400 and error_type.isdecimal() and len(error_type) == 3:  # told in the body of a 200
        status = int(error_type)
    category, reason = classify(root, status)
    grpc = _grpc_status(record)
    if category is FailureCategory.EXCEPTION and grpc:
        category, reason = CATEGORY_OF_GRPC_STATUS[grpc], f"the gRPC status is {grpc.upper()}"
    if category is FailureCategory.EXCEPTION and record.get("kind") == SpanKind.TOOL:
        category, reason = FailureCategory.TOOL_ERROR, "the tool call ended with an error"
    if not root.message:
        root.message = _words_for(record, status)
    return _failure(record, category, root, reason)


def _words_for(record: SpanRecord, status: int) -> str:
    """A span can be marked as failed without a word about it; the type or status is then all there is."""
    error_type = record.get("error_type", "")
    if error_type and not error_type.isdigit():
        return error_type
    return f"HTTP status {status}" if status else f"{record.get('name', '')} ended with status error".strip()


def _error_text(record: SpanRecord) -> tuple[str, str]:
    """The best text about the error, and the exception's type: last exception event, status, output."""
    message, exception_type, stacktrace = _exception_event(record)
    status_message = record.get("status_message", "")
    if message and len(message) >= len(status_message) // 2:
        return message, exception_type
    text = status_message or message or stacktrace
    if not text and record.get("kind") == SpanKind.TOOL:
        text = record.get("output", "")
    return text, exception_type


def _exception_event(record: SpanRecord) -> tuple[str, str, str]:
    events = record.get("events")
    if not events or "exception" not in events:
        return "", "", ""
    try:
        parsed = orjson.loads(events)
    except orjson.JSONDecodeError:
        return "", "", ""
    if not isinstance(parsed, list):
        return "", "", ""
    for event in reversed(parsed):
        attributes = event.get("attributes") if isinstance(event, dict) else None
        if isinstance(attributes, dict) and "exception" in str(event.get("name", "")):
            return (
                _text(attributes, "exception.message"),
                _text(attributes, "exception.type"),
                _text(attributes, "exception.stacktrace"),
            )
    return "", "", ""


def _text(attributes: Mapping[str, Any], key: str) -> str:
    value = attributes.get(key, "")
    return value if isinstance(value, str) else ""


def _grpc_status(record: SpanRecord) -> str:
    """Return the lower-case name of a gRPC status that is not OK, or ""."""
    number = (record.get("attributes_num") or {}).get("rpc.grpc.status_code")
    name = (record.get("attributes") or {}).get("rpc.response.status_code", "").lower()
    if number is not None and 0 < number < len(GRPC_STATUS_NAMES):
        name = GRPC_STATUS_NAMES[int(number)]
    return name if name in CATEGORY_OF_GRPC_STATUS else ""


def _stated_verdict(record: SpanRecord) -> Failure | None:
    outcome = record.get("guardrail_outcome")
    if outcome == GuardrailOutcome.BLOCK:
        name = record.get("guardrail_name") or record.get("name", "")
        categories = ", ".join(record.get("guardrail_categories") or ())
        message = f"guardrail {name} blocked" + (f": {categories}" if categories else "")
        return _plain(record, FailureCategory.GUARDRAIL_BLOCK, message, "a guardrail's verdict is block")
    for finish in record.get("finish_reasons") or ():
        category = CATEGORY_OF_FINISH_REASON.get(finish.lower())
        if category:
            message = f"the model stopped with finish reason {finish.lower()}"
            return _plain(record, category, message, f"the finish reason is {finish}")
    stream = record.get("stream_outcome")
    if stream == StreamOutcome.CUT:
        return _plain(
            record,
            FailureCategory.CONNECTION,
            "the stream ended before it was complete",
            "the stream was cut",
        )
    if stream == StreamOutcome.CANCELLED:
        return _plain(
            record, FailureCategory.CANCELLED, "the stream was cancelled", "the stream was cancelled"
        )
    if stream == StreamOutcome.ERROR:
        return _plain(
            record, FailureCategory.SERVER_ERROR, "the stream ended with an error", "the stream broke off"
        )
    if record.get("retrieved_count", -1) == 0:
        return _plain(
            record,
            FailureCategory.EMPTY_RETRIEVAL,
            "the retrieval returned no documents",
            "no document was retrieved",
        )
    return None


def _inferred(record: SpanRecord) -> Failure | None:
    kind = record.get("kind")
    if kind in _MODEL_KINDS:
        found = inspect_answer(record)
        return _plain(record, found.category, found.message, found.reason) if found else None
    if kind == SpanKind.TOOL:
        return _tool_result(record)
    return None


def _tool_result(record: SpanRecord) -> Failure | None:
    """A tool that answers `{"error": …}` or `isError: true` (MCP) has failed, whatever the span's status."""
    output = record.get("output", "")
    start = output[:64].lstrip()
    is_flagged = '"isError":true' in output[:4000] or '"isError": true' in output[:4000]
    if not is_flagged and not start.startswith(
        ('{"error"', "{'error'", "Error:", "error:", "Traceback (most")
    ):
        return None
    if _NO_ERROR.match(start):
        return None
    root = unwrap(output)
    category, reason = classify(root)
    if category in (FailureCategory.EXCEPTION, FailureCategory.INVALID_REQUEST):
        category, reason = FailureCategory.TOOL_ERROR, "the tool's result is an error"
    return _failure(record, category, root, reason)


def _plain(record: SpanRecord, category: FailureCategory, message: str, reason: str) -> Failure:
    return _failure(record, category, Root(message), reason)


def _failure(record: SpanRecord, category: FailureCategory, root: Root, reason: str) -> Failure:
    scope = scope_of(record)
    found = fingerprint_of_root(root, category, scope)
    message = root.message
    if len(message) > MAX_MESSAGE_CHARS:
        message = f"{message[:MAX_MESSAGE_CHARS]}…"
    return Failure(category, found.value, message, reason, scope, found.template)
