"""What a span is called, where more says so than its name."""

import pytest
from tests.collector.conftest import Running, make_request, make_span


@pytest.mark.parametrize(
    ("operation", "called"),
    [
        ("ai.generateText answer", "ai.generateText answer"),
        ("ai.generateText", "ai.generateText"),
        ("ai.generateTextual", "ai.generateText"),
        ("openai.request", "ai.generateText"),
        (5, "ai.generateText"),
        (None, "ai.generateText"),
    ],
)
def test_a_step_of_vercels_sdk_is_called_as_the_app_calls_it(
    running: Running, operation: str | int | None, called: str
) -> None:
    span = make_span(1, name="ai.generateText", **{"ai.operationId": "ai.generateText"})
    if isinstance(operation, str):
        span.attributes.add(key="operation.name").value.string_value = operation
    elif operation is not None:
        span.attributes.add(key="operation.name").value.int_value = operation
    assert running.post(make_request(span).SerializeToString()).status_code == 200
    (stored,) = running.stored()
    assert (stored["name"], stored["kind"]) == (called, "workflow")


def test_runs_of_a_crew_or_a_team_share_the_names_of_their_spans(running: Running) -> None:
    run = "3344663e-8f48-45a0-a84d-b0f9692ae240"
    names = {
        f"Crew_{run}.kickoff": "Crew.kickoff",
        f"Flow_{run}.begin": "Flow.begin",
        "Crew_sales.kickoff": "Crew_sales.kickoff",
        f"autogen publish writer_{run}.({run})-T": "autogen publish writer-T",
        "autogen process writer.(default)-A": "autogen process writer.(default)-A",
    }
    spans = [make_span(number, name=name) for number, name in enumerate(names, start=1)]
    assert running.post(make_request(*spans).SerializeToString()).status_code == 200
    assert {record["name"] for record in running.stored()} == set(names.values())


def test_a_call_that_logfire_tells_of_names_its_model(running: Running) -> None:
    name = "Chat Completion with {request_data[model]!r}"
    request = {"request_data": '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}'}
    spans = [make_span(1, name=name, **{"logfire.msg": "m"}, **request), make_span(2, name=name)]
    assert running.post(make_request(*spans).SerializeToString()).status_code == 200
    assert {record["name"] for record in running.stored()} == {
        "Chat Completion with gpt-4o-mini",
        "Chat Completion with a model",
    }
