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


@pytest.mark.parametrize("place", ["resource", "span"])
def test_langfuses_environment_is_that_of_the_span(running: Running, place: str) -> None:
    request = make_request(make_span(1))
    resource_spans = request.resource_spans[0]
    holder = resource_spans.resource if place == "resource" else resource_spans.scope_spans[0].spans[0]
    holder.attributes.add(key="langfuse.environment").value.string_value = "staging"
    assert running.post(request.SerializeToString()).status_code == 200
    (stored,) = running.stored()
    assert stored["environment"] == "staging"
