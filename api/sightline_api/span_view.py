"""One stored span as a response model. Content that has not the expected shape is shown as its text."""

from typing import Any

import orjson
from pydantic import JsonValue, TypeAdapter, ValidationError

from sightline_api.amounts import cost_of_span, usd_text
from sightline_api.models import (
    CacheLookup,
    Failure,
    Guardrail,
    Message,
    SpanDetail,
    SpanEvent,
    SpanLink,
    Tokens,
)
from sightline_api.trace_view import status_of
from sightline_core.nanoseconds import time_of
from sightline_storage.spans.span_record import SpanRecord

_MESSAGES = TypeAdapter(list[Message])

_TEXT_COLUMNS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "otel_kind",
    "operation",
    "scope_name",
    "scope_version",
    "dialect",
    "status_message",
    "error_type",
    "app",
    "service",
    "environment",
    "app_version",
    "session",
    "user",
    "provider",
    "model",
    "request_model",
    "response_model",
    "response_id",
    "request_id",
    "stream_outcome",
    "seed",
    "service_tier",
    "system_fingerprint",
    "prompt_name",
    "prompt_version",
    "prompt_fingerprint",
    "request_fingerprint",
    "agent_name",
    "tool_name",
    "tool_call_id",
    "cost_reason",
    "price_id",
)
"""Columns that the answer shows under the same name and unchanged."""


def span_detail(record: SpanRecord) -> SpanDetail:
    """Return the span with its content; `record` has every column."""
    columns: dict[str, Any] = dict(record)
    input_messages, input_text = _content(record["input"])
    output_messages, output_text = _content(record["output"])
    numbers = {name: _number_text(value) for name, value in record["attributes_num"].items()}
    return SpanDetail(
        **{name: columns[name] for name in _TEXT_COLUMNS},
        start_time=time_of(record["start_ns"]),
        duration_ns=record["duration_ns"],
        time_to_first_token_ns=record["time_to_first_token_ns"],
        ingested_at=time_of(record["ingested_ns"]),
        status=status_of(record["status"]),
        http_status=record["http_status"],
        failure=_failure(record),
        tags=record["tags"],
        retries=record["retries"],
        stream=bool(record["stream"]),
        finish_reasons=record["finish_reasons"],
        output_valid=None if record["output_valid"] < 0 else bool(record["output_valid"]),
        tokens=_tokens(record),
        counted=bool(record["counted"]),
        cost=cost_of_span(record["cost_usd"], record["cost_state"]),
        emitter_cost_usd=None if record["emitter_cost_usd"] < 0 else usd_text(record["emitter_cost_usd"]),
        cache=_cache(record),
        guardrail=_guardrail(record),
        input_messages=input_messages,
        output_messages=output_messages,
        input_text=input_text,
        output_text=output_text,
        system_instructions=_json_or_text(record["system_instructions"]),
        tool_definitions=_json_or_text(record["tool_definitions"]),
        documents=_json_or_text(record["documents"]),
        events=[_event(item) for item in _objects(record["events"])],
        links=[_link(item) for item in _objects(record["links"])],
        marks=record["marks"],
        attributes={**numbers, **record["attributes"]},  # a text has all digits
        resource=record["resource"],
    )


def _content(text: str) -> tuple[list[Message] | None, str | None]:
    if not text:
        return None, None
    try:
        return _MESSAGES.validate_json(text), None
    except ValidationError:
        return None, text


def _json_or_text(text: str) -> JsonValue:
    if not text:
        return None
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value


def _objects(text: str) -> list[dict[str, Any]]:
    value = _json_or_text(text)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _event(item: dict[str, Any]) -> SpanEvent:
    return SpanEvent(
        name=str(item.get("name", "")),
        time=time_of(int(item.get("time_ns", 0))),
        attributes=item.get("attributes") or {},
    )


def _link(item: dict[str, Any]) -> SpanLink:
    return SpanLink(
        trace_id=str(item.get("trace_id", "")),
        span_id=str(item.get("span_id", "")),
        attributes=item.get("attributes") or {},
    )


def _number_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _failure(record: SpanRecord) -> Failure | None:
    if not record["failure_category"]:
        return None
    return Failure(
        category=record["failure_category"],
        message=record["failure_message"],
        reason=record["failure_reason"],
        fingerprint=record["failure_fingerprint"],
        propagated=bool(record["failure_propagated"]),
    )


def _tokens(record: SpanRecord) -> Tokens:
    return Tokens(
        input=record["input_tokens"],
        cached_input=record["cached_input_tokens"],
        cache_write=record["cache_write_tokens"],
        output=record["output_tokens"],
        reasoning=record["reasoning_tokens"],
        estimated=bool(record["usage_estimated"]),
    )


def _cache(record: SpanRecord) -> CacheLookup | None:
    if record["cache_hit"] < 0:
        return None
    return CacheLookup(
        kind=record["cache_kind"],
        hit=bool(record["cache_hit"]),
        similarity=record["cache_similarity"],
        age_s=record["cache_age_s"],
        saved_tokens=record["cache_saved_tokens"],
        saved_usd=usd_text(record["cache_saved_usd"]),
    )


def _guardrail(record: SpanRecord) -> Guardrail | None:
    if not record["guardrail_outcome"]:
        return None
    return Guardrail(
        name=record["guardrail_name"],
        stage=record["guardrail_stage"],
        outcome=record["guardrail_outcome"],
        score=record["guardrail_score"],
        categories=record["guardrail_categories"],
    )
