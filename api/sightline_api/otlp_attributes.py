"""Columns of a stored span → the attributes that the collector makes the same columns from."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from sightline_semconv import gen_ai, sightline
from sightline_storage.spans.span_record import SpanRecord

AnyValue = dict[str, Any]
"""An OTLP/JSON `AnyValue`: one member, named after the type."""


def any_value(value: Any) -> AnyValue:
    """Return a JSON value as an OTLP/JSON `AnyValue`; 64-bit integers are texts there."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return {"intValue": str(value)}
    if isinstance(value, int | float):
        return {"doubleValue": float(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": key_values(value.items())}}
    return {} if value is None else {"stringValue": str(value)}


def key_values(pairs: Any) -> list[dict[str, Any]]:
    """Return (name, value) pairs as OTLP/JSON attributes."""
    return [{"key": name, "value": any_value(value)} for name, value in pairs]


def span_attributes(record: SpanRecord) -> Iterator[tuple[str, Any]]:
    """Yield names and values: first those with a typed column, then everything else as it was sent."""
    columns: dict[str, Any] = dict(record)
    for name, (column, convert) in ATTRIBUTE_OF_COLUMN.items():
        value = convert(columns[column])
        if value is not None:
            yield name, value
    if record["app"] != _app_of_resource(record["resource"]):
        yield sightline.APP, record["app"]
    for text, messages, plain in (
        (record["input"], gen_ai.INPUT_MESSAGES, sightline.INPUT),
        (record["output"], gen_ai.OUTPUT_MESSAGES, sightline.OUTPUT),
    ):
        if text:
            yield messages if _is_conversation(text) else plain, text
    numbers = record["attributes_num"]
    for name, text in record["attributes"].items():
        yield name, _number(text, numbers[name]) if name in numbers else text


def _app_of_resource(resource: dict[str, str]) -> str:
    return resource.get(sightline.APP) or resource.get("service.name", "")


def _is_conversation(text: str) -> bool:
    """Conversations have a standard name; any other text under it would be taken for a message."""
    return text.startswith(('[{"role"', '[{"parts"')) and '"parts"' in text[:400]


def _number(text: str, number: float) -> bool | int | float:
    """Return the number with the type that it was sent with, which its text shows."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        return number


def _given(value: Any) -> Any:
    return value or None


def _yes(value: int) -> bool | None:
    return True if value else None


def _known(value: int) -> bool | None:
    return bool(value) if value >= 0 else None


def _seconds(duration_ns: int) -> float | None:
    """Return seconds from which the same whole nanoseconds come out again."""
    if not duration_ns:
        return None
    seconds = duration_ns / 1e9
    while int(seconds * 1e9) < duration_ns:
        seconds = math.nextafter(seconds, math.inf)
    return seconds


def _amount(value: Any) -> str | None:
    return str(value) if value > 0 else None


def _amount_or_zero(value: Any) -> str | None:
    return str(value) if value >= 0 else None


def objects(text: str) -> list[dict[str, Any]]:
    """Return the objects of a JSON column; none when it is empty or not a list."""
    try:
        value = orjson.loads(text) if text else []
    except orjson.JSONDecodeError:
        return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


ATTRIBUTE_OF_COLUMN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    sightline.SPAN_KIND: ("kind", _given),
    gen_ai.OPERATION_NAME: ("operation", _given),
    gen_ai.PROVIDER_NAME: ("provider", _given),
    gen_ai.REQUEST_MODEL: ("request_model", _given),
    gen_ai.REQUEST_SEED: ("seed", _given),
    gen_ai.REQUEST_STREAM: ("stream", _yes),
    gen_ai.RESPONSE_ID: ("response_id", _given),
    gen_ai.RESPONSE_MODEL: ("response_model", _given),
    gen_ai.RESPONSE_FINISH_REASONS: ("finish_reasons", _given),
    gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK: ("time_to_first_token_ns", _seconds),
    gen_ai.USAGE_INPUT_TOKENS: ("input_tokens", _given),
    gen_ai.USAGE_OUTPUT_TOKENS: ("output_tokens", _given),
    gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: ("cached_input_tokens", _given),
    gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS: ("cache_write_tokens", _given),
    gen_ai.USAGE_REASONING_OUTPUT_TOKENS: ("reasoning_tokens", _given),
    gen_ai.USAGE_AUDIO_INPUT_TOKENS: ("audio_input_tokens", _given),
    gen_ai.USAGE_AUDIO_OUTPUT_TOKENS: ("audio_output_tokens", _given),
    gen_ai.USAGE_IMAGE_INPUT_TOKENS: ("image_input_tokens", _given),
    gen_ai.USAGE_IMAGE_OUTPUT_TOKENS: ("image_output_tokens", _given),
    gen_ai.SYSTEM_INSTRUCTIONS: ("system_instructions", _given),
    gen_ai.TOOL_DEFINITIONS: ("tool_definitions", _given),
    gen_ai.RETRIEVAL_DOCUMENTS: ("documents", _given),
    gen_ai.PROMPT_NAME: ("prompt_name", _given),
    gen_ai.PROMPT_VERSION: ("prompt_version", _given),
    gen_ai.AGENT_NAME: ("agent_name", _given),
    gen_ai.TOOL_NAME: ("tool_name", _given),
    gen_ai.TOOL_CALL_ID: ("tool_call_id", _given),
    gen_ai.OPENAI_RESPONSE_SERVICE_TIER: ("service_tier", _given),
    gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT: ("system_fingerprint", _given),
    gen_ai.ERROR_TYPE: ("error_type", _given),
    gen_ai.HTTP_STATUS_CODE: ("http_status", _given),
    gen_ai.DEPLOYMENT_ENVIRONMENT: ("environment", _given),
    sightline.SESSION_ID: ("session", _given),
    sightline.USER_ID: ("user", _given),
    sightline.TAGS: ("tags", _given),
    sightline.MARKS: ("marks", _given),
    sightline.USAGE_ESTIMATED: ("usage_estimated", _yes),
    sightline.EMITTER_COST_USD: ("emitter_cost_usd", _amount_or_zero),
    sightline.REQUEST_FINGERPRINT: ("request_fingerprint", _given),
    sightline.PROMPT_FINGERPRINT: ("prompt_fingerprint", _given),
    sightline.REQUEST_ID: ("request_id", _given),
    sightline.REQUEST_RETRIES: ("retries", _given),
    sightline.STREAM_OUTCOME: ("stream_outcome", _given),
    sightline.GUARDRAIL_NAME: ("guardrail_name", _given),
    sightline.GUARDRAIL_STAGE: ("guardrail_stage", _given),
    sightline.GUARDRAIL_OUTCOME: ("guardrail_outcome", _given),
    sightline.GUARDRAIL_SCORE: ("guardrail_score", _given),
    sightline.GUARDRAIL_CATEGORIES: ("guardrail_categories", _given),
    sightline.CACHE_KIND: ("cache_kind", _given),
    sightline.CACHE_HIT: ("cache_hit", _known),
    sightline.CACHE_SIMILARITY: ("cache_similarity", _given),
    sightline.CACHE_AGE_S: ("cache_age_s", _given),
    sightline.CACHE_SAVED_TOKENS: ("cache_saved_tokens", _given),
    sightline.CACHE_SAVED_USD: ("cache_saved_usd", _amount),
    sightline.OUTPUT_VALID: ("output_valid", _known),
}
"""Attribute → (column, its value or None when there is nothing to say)."""
