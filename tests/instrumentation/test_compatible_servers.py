"""What other servers than OpenAI's answer in its format, in their own ways."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import _base_client
from opentelemetry.trace import StatusCode

from sightline.testing import CapturedSpans
from sightline_semconv import gen_ai, sightline

MESSAGES: Any = [{"role": "user", "content": "hi"}]
CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}


def _chat(*answer: Any, stream: bool = False, status: int = 200, **asked: Any) -> None:
    """One call whose answer is this body, or these streamed events; read to its end."""
    http: Any = getattr(_base_client, "httpx2", None) or vars(_base_client)["httpx"]
    events = "".join(f"data: {json.dumps(event)}\n\n" for event in answer) + "data: [DONE]\n\n"
    content, kind = (events, "text/event-stream") if stream else (json.dumps(answer[0]), "application/json")
    transport = http.MockTransport(
        lambda request: http.Response(status, content=content, headers={"content-type": kind})
    )
    with openai.OpenAI(api_key="k", http_client=http.Client(transport=transport)) as client:
        create: Any = client.chat.completions.create
        made = create(model="m", messages=MESSAGES, stream=stream, **asked)
        for _ in made if stream else ():
            pass


def _only(captured: CapturedSpans) -> dict[str, Any]:
    (span,) = captured.spans
    return dict(span.attributes or {})


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(  # docs.x.ai: reasoning is counted apart from the completion, and in the total
            {
                "prompt_tokens": 32,
                "completion_tokens": 9,
                "total_tokens": 135,
                "completion_tokens_details": {"reasoning_tokens": 94},
            },
            (32, 103, 94, None, None),
            id="xAI",
        ),
        pytest.param(
            {"prompt_tokens": 8, "completion_tokens": 12, "total_tokens": 900},
            (8, 892, 880, None, None),
            id="Gemini",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "cache_read_input_tokens": 60,
                "cache_creation_input_tokens": 30,
            },
            (100, 20, None, 60, 30),
            id="Anthropic's names, within",
        ),
        pytest.param(
            {
                "prompt_tokens": 10,
                "completion_tokens": 20,
                "total_tokens": 120,
                "cache_read_input_tokens": 60,
                "cache_creation_input_tokens": 30,
            },
            (100, 20, None, 60, 30),
            id="Anthropic's names, beside",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 30},
            },
            (100, 20, None, 60, 30),
            id="LiteLLM",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "cached_tokens": 60},
            (100, 20, None, 60, None),
            id="Moonshot",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "citation_tokens": 5000,
                "reasoning_tokens": 700,
            },
            (5100, 720, 700, None, None),
            id="Perplexity's deep research",
        ),
    ],
)
def test_tokens_that_a_server_counts_in_its_own_way_are_whole(
    usage: dict[str, Any], expected: tuple[int | None, ...], captured: CapturedSpans
) -> None:
    _chat({"id": "c", "model": "m", "choices": [CHOICE], "usage": usage})
    attributes = _only(captured)
    names = (
        gen_ai.USAGE_INPUT_TOKENS,
        gen_ai.USAGE_OUTPUT_TOKENS,
        gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
        gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
        gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    )
    assert tuple(attributes.get(name) for name in names) == expected


@pytest.mark.parametrize("place", ["groq", "moonshot"])
def test_usage_in_a_place_of_its_own_is_no_estimate(place: str, captured: CapturedSpans) -> None:
    usage = {"prompt_tokens": 18, "completion_tokens": 3, "total_tokens": 21}
    last: dict[str, Any] = {"index": 0, "delta": {}, "finish_reason": "stop"}
    beside = {"x_groq": {"id": "r", "usage": usage}} if place == "groq" else {}
    if place == "moonshot":
        last["usage"] = usage
    text = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]}
    _chat(text, {"id": "c", "choices": [last], **beside}, stream=True)
    attributes = _only(captured)
    assert (attributes[gen_ai.USAGE_INPUT_TOKENS], attributes[gen_ai.USAGE_OUTPUT_TOKENS]) == (18, 3)
    assert sightline.USAGE_ESTIMATED not in attributes


@pytest.mark.parametrize(
    ("usage", "usd", "searches"),
    [
        ({"cost": 0.0025}, "0.0025", None),  # OpenRouter
        ({"cost": {"total_cost": 0.006}, "num_search_queries": 18}, "0.006", 18),  # Perplexity
        (
            {
                "cost_in_usd_ticks": 37756000,
                "server_side_tool_usage_details": {"x_search_calls": 3, "document_search_calls": 2},
            },
            "0.0037756",
            3,
        ),
    ],
    ids=["OpenRouter", "Perplexity", "xAI"],
)
def test_what_a_provider_says_that_it_bills_is_kept(
    usage: dict[str, Any], usd: str, searches: int | None, captured: CapturedSpans
) -> None:
    _chat({"id": "c", "model": "m", "choices": [CHOICE], "usage": {"prompt_tokens": 1, **usage}})
    attributes = _only(captured)
    assert attributes[sightline.COST_USD] == usd
    assert attributes.get(sightline.USAGE_WEB_SEARCHES) == searches
    assert (sightline.USAGE_FILE_SEARCHES in attributes) is ("cost_in_usd_ticks" in usage)


def test_an_estimate_counts_what_is_declared_and_called_beside_what_is_said(captured: CapturedSpans) -> None:
    parameters = {"type": "object", "properties": {"city": {"type": "string", "description": "d" * 400}}}
    function = {"name": "look_up_the_weather", "arguments": '{"city": "Rome"}'}
    call = {"id": "c1", "type": "function", "function": function}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = {"id": "c", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}]}
    tool = {"type": "function", "function": {"name": function["name"], "parameters": parameters}}
    schema = {"type": "json_schema", "json_schema": {"name": "s", "schema": parameters}}
    asked: tuple[dict[str, Any], ...] = ({}, {"tools": [tool]}, {"response_format": schema})
    for more in asked:
        _chat(answer, **more)
    counted: list[Any] = [dict(span.attributes or {}) for span in captured.spans]
    plain, *declared = (attributes[gen_ai.USAGE_INPUT_TOKENS] for attributes in counted)
    assert plain == 7  # two frames and "hi"
    assert all(count - plain >= len(json.dumps(parameters)) / 4 for count in declared)
    called = "look_up_the_weather {'city': 'Rome'}"
    assert {attributes[gen_ai.USAGE_OUTPUT_TOKENS] for attributes in counted} == {len(called) / 4}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"message": "Rate limited upstream", "code": 429}}, "429", "Rate limited upstream"),
        ({"error": "no such model"}, "server_error", "no such model"),
        ({"choices": [{**CHOICE, "error": {"code": 502, "message": "went away"}}]}, "502", "went away"),
    ],
    ids=["OpenRouter", "a text", "amid an answer"],
)
def test_a_failure_that_is_told_with_a_200_is_an_error(
    body: dict[str, Any], code: str, message: str, captured: CapturedSpans
) -> None:
    _chat({"id": "c", "model": "m", **body})
    (span,) = captured.spans
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, message)
    assert (span.attributes or {})[sightline.ERROR_CODE] == code


def test_a_prompt_that_azure_refuses_has_a_verdict(captured: CapturedSpans) -> None:
    filtered = {"jailbreak": {"filtered": True, "detected": True}, "hate": {"filtered": False}}
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": filtered}
    error = {"message": "was filtered", "code": "content_filter", "status": 400, "innererror": inner}
    with pytest.raises(openai.BadRequestError):
        _chat({"error": error}, status=400)
    attributes = _only(captured)
    assert attributes[sightline.GUARDRAIL_OUTCOME] == "block"
    assert attributes[sightline.GUARDRAIL_STAGE] == "input"
    assert attributes[sightline.GUARDRAIL_CATEGORIES] == ("jailbreak",)
