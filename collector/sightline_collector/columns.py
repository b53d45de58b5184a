"""Canonical attributes → columns of a span record. What has no column stays an attribute by its name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sightline_core.money import parse_usd
from sightline_semconv import gen_ai, marks, sightline
from sightline_semconv.dialects import Value
from sightline_semconv.kinds import SpanKind

_MAX_COUNT = 2**48


class NotThatType(Exception):
    """The value is not what the column holds; it is kept as an attribute instead."""


def as_text(value: Value) -> str:
    """Return a scalar as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    raise NotThatType


def _count(value: Value) -> int:
    """A whole number from 0; floats without a fraction and decimal text count, as some emitters send them."""
    if value.__class__ is int and 0 <= value <= _MAX_COUNT:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MAX_COUNT:
        raise NotThatType
    if value != int(value):
        raise NotThatType
    return int(value)


def _small_count(value: Value) -> int:
    return min(_count(value), 65_535)


def _medium_count(value: Value) -> int:
    return min(_count(value), 2**32 - 1)


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotThatType
    number = float(value)
    if abs(number) > 3e38 or number != number:
        raise NotThatType
    return number


def _flag(value: Value) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    raise NotThatType


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [str(item) for item in value if item is not None][:64]
    raise NotThatType


def _seconds(value: Value) -> int:
    return int(min(max(_number(value), 0.0), 1e9) * 1e9)


def _usd(value: Value) -> Decimal:
    amount = parse_usd(value)
    if amount is None:
        raise NotThatType
    return amount


def _marks(value: Value) -> list[str]:
    known = [mark for mark in _texts(value) if mark in marks.ALL]
    if not known:
        raise NotThatType
    return known


def _kind(value: Value) -> str:
    if not isinstance(value, str) or value not in _KINDS:
        raise NotThatType
    return value


_KINDS = frozenset(kind.value for kind in SpanKind)

COLUMN_OF_ATTRIBUTE: dict[str, tuple[str, Callable[[Value], Any]]] = {
    sightline.SPAN_KIND: ("kind", _kind),
    gen_ai.OPERATION_NAME: ("operation", as_text),
    gen_ai.PROVIDER_NAME: ("provider", as_text),
    gen_ai.CONVERSATION_ID: ("session", as_text),
    gen_ai.REQUEST_MODEL: ("request_model", as_text),
    gen_ai.REQUEST_SEED: ("seed", as_text),
    gen_ai.REQUEST_STREAM: ("stream", _flag),
    gen_ai.RESPONSE_ID: ("response_id", as_text),
    gen_ai.RESPONSE_MODEL: ("response_model", as_text),
    gen_ai.RESPONSE_FINISH_REASONS: ("finish_reasons", _texts),
    gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK: ("time_to_first_token_ns", _seconds),
    gen_ai.USAGE_INPUT_TOKENS: ("input_tokens", _count),
    gen_ai.USAGE_OUTPUT_TOKENS: ("output_tokens", _count),
    gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: ("cached_input_tokens", _count),
    gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS: ("cache_write_tokens", _count),
    gen_ai.USAGE_REASONING_OUTPUT_TOKENS: ("reasoning_tokens", _count),
    gen_ai.USAGE_AUDIO_INPUT_TOKENS: ("audio_input_tokens", _count),
    gen_ai.USAGE_AUDIO_OUTPUT_TOKENS: ("audio_output_tokens", _count),
    gen_ai.USAGE_IMAGE_INPUT_TOKENS: ("image_input_tokens", _count),
    gen_ai.USAGE_IMAGE_OUTPUT_TOKENS: ("image_output_tokens", _count),
    gen_ai.INPUT_MESSAGES: ("input", as_text),
    gen_ai.OUTPUT_MESSAGES: ("output", as_text),
    gen_ai.SYSTEM_INSTRUCTIONS: ("system_instructions", as_text),
    gen_ai.TOOL_DEFINITIONS: ("tool_definitions", as_text),
    gen_ai.RETRIEVAL_DOCUMENTS: ("documents", as_text),
    gen_ai.PROMPT_NAME: ("prompt_name", as_text),
    gen_ai.PROMPT_VERSION: ("prompt_version", as_text),
    gen_ai.AGENT_NAME: ("agent_name", as_text),
    gen_ai.TOOL_NAME: ("tool_name", as_text),
    gen_ai.TOOL_CALL_ID: ("tool_call_id", as_text),
    gen_ai.OPENAI_RESPONSE_SERVICE_TIER: ("service_tier", as_text),
    gen_ai.OPENAI_RESPONSE_SYSTEM_FINGERPRINT: ("system_fingerprint", as_text),
    sightline.APP: ("app", as_text),
    gen_ai.DEPLOYMENT_ENVIRONMENT: ("environment", as_text),
    sightline.SESSION_ID: ("session", as_text),
    sightline.USER_ID: ("user", as_text),
    sightline.TAGS: ("tags", _texts),
    sightline.MARKS: ("marks", _marks),
    sightline.USAGE_ESTIMATED: ("usage_estimated", _flag),
    sightline.EMITTER_COST_USD: ("emitter_cost_usd", _usd),
    sightline.COST_USD: ("emitter_cost_usd", _usd),
    sightline.REQUEST_FINGERPRINT: ("request_fingerprint", as_text),
    sightline.PROMPT_FINGERPRINT: ("prompt_fingerprint", as_text),
    sightline.REQUEST_ID: ("request_id", as_text),
    sightline.REQUEST_RETRIES: ("retries", _small_count),
    sightline.STREAM_OUTCOME: ("stream_outcome", as_text),
    sightline.GUARDRAIL_NAME: ("guardrail_name", as_text),
    sightline.GUARDRAIL_STAGE: ("guardrail_stage", as_text),
    sightline.GUARDRAIL_OUTCOME: ("guardrail_outcome", as_text),
    sightline.GUARDRAIL_SCORE: ("guardrail_score", _number),
    sightline.GUARDRAIL_CATEGORIES: ("guardrail_categories", _texts),
    sightline.CACHE_KIND: ("cache_kind", as_text),
    sightline.CACHE_HIT: ("cache_hit", _flag),
    sightline.CACHE_SIMILARITY: ("cache_similarity", _number),
    sightline.CACHE_AGE_S: ("cache_age_s", _medium_count),
    sightline.CACHE_SAVED_TOKENS: ("cache_saved_tokens", _count),
    sightline.CACHE_SAVED_USD: ("cache_saved_usd", _usd),
    sightline.OUTPUT_VALID: ("output_valid", _flag),
    "error.type": ("error_type", as_text),
    "http.status_code": ("http_status", _small_count),
    "http.response.status_code": ("http_status", _small_count),
}
"""Attribute → (column, conversion), the last of a span counts. What does not fit raises `NotThatType`."""

TEXT_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(column for column, convert in COLUMN_OF_ATTRIBUTE.values() if convert is as_text)
)
"""Columns of one text each, content included."""

LIST_COLUMNS: tuple[str, ...] = tuple(
    column for column, convert in COLUMN_OF_ATTRIBUTE.values() if convert is _texts
)
"""Columns of several texts each."""

FALLBACK_CONTENT: tuple[tuple[str, str], ...] = (
    (sightline.INPUT, "input"),
    (gen_ai.TOOL_CALL_ARGUMENTS, "input"),
    (gen_ai.RETRIEVAL_QUERY_TEXT, "input"),
    (sightline.OUTPUT, "output"),
    (gen_ai.TOOL_CALL_RESULT, "output"),
)
"""Content of spans that are not model calls, in order of preference."""
