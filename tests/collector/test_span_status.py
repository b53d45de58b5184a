"""Spans that failed by the word of an emitter that sets no status."""

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from tests.collector.conftest import Running, make_request, make_span

LEVEL, MESSAGE = "langfuse.observation.level", "langfuse.observation.status_message"


@pytest.mark.parametrize(
    ("status", "level", "expected"),
    [
        (Status(), "ERROR", ("error", "Rate limit reached")),
        (Status(), "WARNING", ("unset", "")),
        (Status(code=Status.STATUS_CODE_OK), "ERROR", ("ok", "")),
        (
            Status(code=Status.STATUS_CODE_ERROR, message="timed out"),
            "ERROR",
            ("error", "timed out"),
        ),
        (Status(code=7), "DEFAULT", ("unset", "")),  # type: ignore[arg-type]
    ],
    ids=["error", "warning", "ok", "status", "unknown"],
)
def test_langfuses_level_of_a_span_without_status_is_one(
    running: Running, status: Status, level: str, expected: tuple[str, str]
) -> None:
    span = make_span(1, **{"langfuse.observation.type": "tool", LEVEL: level, MESSAGE: "Rate limit reached"})
    span.status.CopyFrom(status)
    assert running.post(make_request(span).SerializeToString()).status_code == 200
    (stored,) = running.stored()
    assert (stored["status"], stored["status_message"]) == expected


@pytest.mark.parametrize(
    ("scope", "code", "expected"),
    [
        ("langsmith", Status.STATUS_CODE_OK, ("error", "RateLimitError")),
        ("an app's", Status.STATUS_CODE_OK, ("ok", "")),
        ("an app's", Status.STATUS_CODE_ERROR, ("error", "RateLimitError")),
    ],
)
def test_an_exception_names_the_error_and_makes_one_of_langsmiths_ok(
    running: Running, scope: str, code: Status.StatusCode.ValueType, expected: tuple[str, ...]
) -> None:
    """Its exporter sets ok when a run that failed is updated; others handle an exception and go on."""
    span = make_span(1)
    span.status.code = code
    event = span.events.add(name="exception")
    event.attributes.add(key="exception.type").value.string_value = "RateLimitError"
    event.attributes.add(key="exception.message").value.string_value = "Error code: 429 - too fast"
    request = make_request(span)
    request.resource_spans[0].scope_spans[0].scope.name = scope
    assert running.post(request.SerializeToString()).status_code == 200
    (stored,) = running.stored()
    assert (stored["status"], stored.get("error_type", "")) == expected


def test_a_tool_that_is_named_nowhere_else_has_the_name_of_its_span(running: Running) -> None:
    named = make_span(2, **{"langfuse.observation.type": "tool", "gen_ai.tool.name": "look_up"})
    span = make_span(1, **{"langfuse.observation.type": "tool"})
    assert running.post(make_request(span, named).SerializeToString()).status_code == 200
    assert {stored["tool_name"] for stored in running.stored()} == {span.name, "look_up"}


@pytest.mark.parametrize("place", ["resource", "span"])
def test_langfuses_environment_is_that_of_the_span(running: Running, place: str) -> None:
    request = make_request(make_span(1))
    resource_spans = request.resource_spans[0]
    holder = resource_spans.resource if place == "resource" else resource_spans.scope_spans[0].spans[0]
    holder.attributes.add(key="langfuse.environment").value.string_value = "staging"
    assert running.post(request.SerializeToString()).status_code == 200
    (stored,) = running.stored()
    assert stored["environment"] == "staging"
