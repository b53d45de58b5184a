"""Each rule decides for its span, says why, and leaves good spans alone."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures import detect, mark_failure
from sightline_analysis.failures.detection import MAX_MESSAGE_CHARS
from sightline_storage.spans.span_record import SpanRecord


def _record(**columns: Any) -> SpanRecord:
    base: dict[str, Any] = {
        "status": "ok",
        "kind": "llm",
        "provider": "openai",
        "output_valid": -1,
        "retrieved_count": -1,
    }
    return {**base, **columns}  # type: ignore[typeddict-item]


def _answer(*parts: dict[str, Any]) -> dict[str, Any]:
    text = " ".join(str(part.get("content", "")) for part in parts if part["type"] == "text")
    return {"output": json.dumps([{"role": "assistant", "parts": list(parts)}]), "output_preview": text[:300]}


def _text(content: str) -> dict[str, Any]:
    return _answer({"type": "text", "content": content})


def _exception(message: str, kind: str = "builtins.Exception") -> dict[str, Any]:
    attributes = {"exception.type": kind, "exception.message": message}
    return {
        "status": "error",
        "events": json.dumps([{"name": "exception", "time_ns": 1, "attributes": attributes}]),
    }


@pytest.mark.parametrize(
    ("columns", "category"),
    [
        (_exception("boom went the thing"), "exception"),
        (_exception('{"error": {"message": "the area is too large", "code": "²"}}'), "exception"),
        ({"status": "error", "error_type": "²²²"}, "exception"),
        ({"status": "error", "http_status": 429}, "rate_limit"),
        ({"status": "error", "http_status": 401}, "auth"),
        ({"status": "error", "http_status": 503}, "server_error"),
        ({"status": "error", "error_type": "404"}, "not_found"),
        ({"status": "error", "error_type": "502", "http_status": 200}, "server_error"),
        (
            {
                "error_type": "BadRequestError",
                "http_status": 400,
                "status_message": "Error code: 400 - It was filtered",
                "attributes": {"sightline.error.code": "content_filter"},
            },
            "content_filter",
        ),
        (
            {
                "error_type": "RateLimitError",
                "http_status": 429,
                "attributes": {"sightline.error.code": "insufficient_quota"},
            },
            "quota",
        ),
        ({"status": "error", "attributes_num": {"rpc.grpc.status_code": 4.0}}, "timeout"),
        ({"status": "error", "error_type": "openai.APITimeoutError"}, "timeout"),
        ({"error_type": "BLOCKED_SAFETY"}, "content_filter"),
        ({"status": "error", "error_type": "asyncio.exceptions.CancelledError"}, "cancelled"),
        (_exception("You exceeded your current quota, please check your plan"), "quota"),
        (_exception("{'error': {'message': 'Too', 'code': 'context_length_exceeded'}}"), "context_length"),
        (_exception("{'error': {'message': 'No', 'code': 'content_filter'}}"), "content_filter"),
        ({"status": "error", "kind": "tool", "tool_name": "t", "status_message": "on fire"}, "tool_error"),
        ({"kind": "tool", "tool_name": "t", "output": '{"error": "the door is locked"}'}, "tool_error"),
        ({"finish_reasons": ["length"]}, "truncation"),
        ({"finish_reasons": ["MAX_TOKENS"]}, "truncation"),
        ({"finish_reasons": ["SAFETY"]}, "content_filter"),
        ({"finish_reasons": ["MALFORMED_FUNCTION_CALL"]}, "malformed_tool_call"),
        ({"finish_reasons": ["refusal"]}, "refusal"),
        ({"kind": "guardrail", "guardrail_outcome": "block", "guardrail_name": "pii"}, "guardrail_block"),
        ({"output_valid": 0, "attributes": {"sightline.output.error": "Expecting value"}}, "invalid_json"),
        ({"output_valid": 0, "attributes": {"sightline.output.error": "'a' is missing"}}, "schema_violation"),
        ({"stream_outcome": "cut"}, "connection"),
        ({"kind": "retrieval", "retrieved_count": 0}, "empty_retrieval"),
        (_text(""), "empty_output"),
        (_answer({"type": "reasoning", "content": "hm"}), "empty_output"),
        (_text("I'm sorry, but I can't help with that."), "refusal"),
        (_answer({"type": "tool_call", "name": "f", "arguments": "{bad"}), "malformed_tool_call"),
        (
            {**_answer({"type": "tool_call", "name": "g", "arguments": {}}),
             "tool_definitions": '[{"type": "function", "name": "f"}]'},
            "unknown_tool",
        ),
    ],
)  # fmt: skip
def test_a_failing_span_gets_its_category_and_a_reason(columns: dict[str, Any], category: str) -> None:
    failure = detect(_record(**columns))
    assert failure is not None
    assert failure.category == category
    assert failure.reason
    assert failure.message
    assert failure.fingerprint.startswith("2-")


@pytest.mark.parametrize(
    "columns",
    [
        _text("The capital of France is Paris."),
        _text("You cannot divide by zero; the result is undefined."),
        _answer({"type": "tool_call", "name": "f", "arguments": {"a": 1}}),
        {"finish_reasons": ["stop"], **_text("done")},
        {"kind": "retrieval", "retrieved_count": 3},
        {"kind": "tool", "output": '{"error": null, "rows": []}'},
        {"kind": "tool", "output": '{"error": "", "rows": []}'},
        {"kind": "tool", "output": "{'error': None, 'rows': []}"},
        {"kind": "tool", "output": '{"error": [], "rows": []}'},
        {"finish_reasons": ["tool_calls"], **_text("")},
        {"finish_reasons": ["tool-calls"], **_text("")},
        {"guardrail_outcome": "warn"},
        {**_exception("handled"), "status": "ok"},
        {"output": "", "output_preview": ""},
        {"output": "\n" * 300_000 + "}", "output_preview": ""},
    ],
)
@pytest.mark.timeout(20)
def test_a_good_span_is_left_alone(columns: dict[str, Any]) -> None:
    assert detect(_record(**columns)) is None


def test_the_tool_scopes_a_failure_before_the_provider_does() -> None:
    failure = detect(_record(status="error", kind="tool", tool_name="search", status_message="index is gone"))
    assert failure is not None
    assert failure.scope == "search"


def test_marking_fills_the_columns_of_a_failing_span_only() -> None:
    good, bad = _record(**_text("fine")), _record(**_exception("the index is gone"))
    mark_failure(good)
    mark_failure(bad)
    assert "failure_category" not in good
    assert bad["failure_message"] == "the index is gone"
    assert bad["failure_fingerprint"].startswith("2-")


def test_a_long_message_ends_with_a_mark_where_it_was_cut() -> None:
    whole = "x" * MAX_MESSAGE_CHARS
    for message, shown in ((whole, whole), (f"{whole}y", f"{whole}…")):
        failure = detect(_record(status="error", status_message=message))
        assert failure is not None
        assert failure.message == shown


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=80),
    st.text(max_size=80),
    st.text(max_size=80),
    st.sampled_from(["ok", "error", "unset"]),
)
def test_hostile_columns_never_break_detection(
    output: str, events: str, definitions: str, status: str
) -> None:
    record = _record(
        status=status,
        output='[{"tool_call"' + output,
        events='"exception' + events,
        tool_definitions=definitions,
    )
    failure = detect(record)
    assert failure is None or failure.fingerprint


@pytest.mark.parametrize(
    ("error_type", "message", "category"),
    [
        ("InputGuardrailTripwireTriggered", "Input guardrail triggered: timeout", "guardrail_block"),
        ("", 'Error in run: {"error":"OutputGuardrailTripwireTriggered: no: {}"}', "guardrail_block"),
        ("FetchError", "request to https://x failed, reason: connect ETIMEDOUT 1.2.3.4:443", "timeout"),
        ("AI_APICallError", "Cannot connect to API: ", "connection"),
        ("SocketError", "other side closed", "connection"),
        ("AI_LoadAPIKeyError", "The API key is missing. Pass it by apiKey.", "auth"),
        ("AI_NoObjectGeneratedError", "No object: could not parse the response.", "invalid_json"),
        ("AI_NoObjectGeneratedError", "No object: response did not match schema.", "schema_violation"),
        ("AI_TypeValidationError", "Type validation failed: Value: {}.", "schema_violation"),
        ("AI_InvalidToolInputError", "Invalid input for tool f: no JSON", "malformed_tool_call"),
        ("AI_NoSuchToolError", "Model called unavailable tool 'f'.", "unknown_tool"),
        ("ResponseAborted", "", "cancelled"),
    ],
)
def test_what_javascript_throws_has_a_category(error_type: str, message: str, category: str) -> None:
    failure = detect(_record(status="error", error_type=error_type, status_message=message))
    assert failure is not None
    assert failure.category == category
