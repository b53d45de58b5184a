"""What an answer without any error gets wrong: not valid, empty, refused, a broken call."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from sightline_analysis.failures.declared_format import (
    MAX_ANSWER_CHARS,
    declared_schema,
    find_violation,
)
from sightline_analysis.failures.refusals import find_refusal, may_refuse
from sightline_semconv import sightline as names
from sightline_semconv.failure_category import FailureCategory
from sightline_semconv.finish_reasons import TOOL_CALL_FINISH_REASONS
from sightline_storage.spans.span_record import SpanRecord

_TOOL_CALL = '"tool_call"'
_REFUSAL_PART = '"refusal"'
_EMPTY = re.compile(r'\s*+(?:\[\s*+\]|""|null|\{\})?+\s*+')


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that applied to an answer."""

    category: FailureCategory
    message: str
    reason: str


def inspect_answer(record: SpanRecord) -> Finding | None:
    """Return what is wrong with a model call's answer, or `None`, also when none was captured."""
    if record.get("output_valid", -1) == 0:
        return _invalid_output(record)
    output = record.get("output", "")
    preview = record.get("output_preview", "")
    if _TOOL_CALL in output:
        return _broken_call(record, output)
    if _REFUSAL_PART in output:
        return Finding(
            FailureCategory.REFUSAL, "the model refused to answer", "the answer has a refusal part"
        )
    refusal = find_refusal(_answer_text(output) or preview) if may_refuse(preview) else None
    if refusal:
        reason = f"sentence {refusal.sentence} of the answer {refusal.says}"
        return Finding(FailureCategory.REFUSAL, "the model refused to answer", reason)
    if output and not preview.strip() and _says_nothing(output) and not _waits_for_tool(record):
        return Finding(
            FailureCategory.EMPTY_OUTPUT, "the model's answer is empty", "the answer has no content"
        )
    return _breaks_declared_format(record, output)


def _waits_for_tool(record: SpanRecord) -> bool:
    """An emitter may leave out the call that the finish reason speaks of."""
    return any(reason.lower() in TOOL_CALL_FINISH_REASONS for reason in record.get("finish_reasons", []))


def _breaks_declared_format(record: SpanRecord, output: str) -> Finding | None:
    """Check the answer where nobody has, against the format that the span says was declared."""
    if record.get("output_valid", -1) != -1 or len(output) > MAX_ANSWER_CHARS:
        return None
    schema = declared_schema(record.get("attributes") or {})
    text = _answer_text(output) if schema is not None else ""
    if schema is None or not text:
        return None
    reason = "the answer was checked against the format that its call declares"
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Finding(FailureCategory.INVALID_JSON, "the answer is not JSON", reason)
    violation = find_violation(value, schema)
    return Finding(FailureCategory.SCHEMA_VIOLATION, violation, reason) if violation else None


def _invalid_output(record: SpanRecord) -> Finding:
    error = (record.get("attributes") or {}).get(names.OUTPUT_ERROR, "")
    is_json = not error.lower().startswith(
        ("invalid json", "not json", "expecting", "unterminated", "extra data")
    )
    category = FailureCategory.SCHEMA_VIOLATION if is_json and error else FailureCategory.INVALID_JSON
    message = error or "the answer is not valid against its declared format"
    return Finding(category, message, "the answer was checked against its declared response format")


def _messages(output: str) -> list[dict[str, Any]]:
    try:
        parsed = orjson.loads(output)
    except orjson.JSONDecodeError:
        return []
    return [item for item in parsed if isinstance(item, dict)] if isinstance(parsed, list) else []


def _parts(output: str) -> Iterator[dict[str, Any]]:
    for message in _messages(output):
        parts = message.get("parts")
        if isinstance(parts, list):
            yield from (part for part in parts if isinstance(part, dict))


def _answer_text(output: str) -> str:
    texts = (part.get("content") for part in _parts(output) if part.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))


def _says_nothing(output: str) -> bool:
    """True when the answer holds neither text nor a call, image or file; reasoning alone is no answer."""
    if _EMPTY.fullmatch(output):
        return True
    messages = _messages(output)
    if not messages:
        return False
    for part in _parts(output):
        content = part.get("content")
        if part.get("type") not in ("text", "reasoning") or (
            part.get("type") == "text" and isinstance(content, str) and content.strip()
        ):
            return False
    return True


def _broken_call(record: SpanRecord, output: str) -> Finding | None:
    offered = _offered_tools(record.get("tool_definitions", "")[:MAX_ANSWER_CHARS])
    for part in _parts(output):
        if part.get("type") != "tool_call":
            continue
        name = part.get("name")
        if not isinstance(name, str) or not name:
            return Finding(
                FailureCategory.MALFORMED_TOOL_CALL, "a tool call without a name", "the call names no tool"
            )
        if offered and name not in offered:
            return Finding(
                FailureCategory.UNKNOWN_TOOL, f"call of tool '{name}' that was not offered", "unknown tool"
            )
        problem = _argument_problem(part.get("arguments"), offered.get(name))
        if problem:
            return Finding(
                FailureCategory.MALFORMED_TOOL_CALL, f"arguments of tool '{name}' {problem}", problem
            )
    return None


def _argument_problem(arguments: object, parameters: dict[str, Any] | None) -> str:
    if arguments is None or arguments == "":
        return ""
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except orjson.JSONDecodeError:
            return "are not valid JSON"
        if arguments is None:
            return ""
    if not isinstance(arguments, dict):
        return "are not a JSON object"
    violation = find_violation(arguments, parameters) if parameters else ""
    return f"do not fit: {violation}" if violation else ""


def _offered_tools(definitions: str) -> dict[str, dict[str, Any] | None]:
    """Names and parameters of the tools offered; empty when not captured, or when one is built in."""
    if not definitions:
        return {}
    try:
        parsed = orjson.loads(definitions)
    except orjson.JSONDecodeError:
        return {}
    found: dict[str, dict[str, Any] | None] = {}
    for tool in parsed if isinstance(parsed, list) else ():
        if not isinstance(tool, dict) or tool.get("type", "function") != "function":
            return {}
        nested = tool.get("function")
        function: dict[str, Any] = nested if isinstance(nested, dict) else {}
        name = tool.get("name") or function.get("name")
        if isinstance(name, str):
            parameters = tool.get("parameters") or function.get("parameters")
            found[name] = parameters if isinstance(parameters, dict) else None
    return found
