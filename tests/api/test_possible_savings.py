"""What could have been saved, over HTTP."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store

TODAY = {"start": "2026-09-21T00:00:00Z", "end": "2026-09-22T00:00:00Z"}
RULES = "You answer for the shop. " * 400


@pytest.fixture
def possible(api: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Asks what could have been saved."""

    def ask(**params: Any) -> dict[str, Any]:
        answer = api.get("/costs/savings/possible", params={**TODAY, **params}).raise_for_status().json()
        assert isinstance(answer, dict)
        return answer

    return ask


def test_a_request_that_was_sent_again_costs_all_but_its_first_call(
    possible: Callable[..., dict[str, Any]], store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def call(usd: str, fingerprint: str, **values: Any) -> SpanRecord:
        return span(cost_usd=Decimal(usd), request_fingerprint=fingerprint, input_preview="Where?", **values)

    store.writer.write(
        [
            call("0.5", "same"),
            call("0.3", "same"),
            call("0.2", "same"),
            call("9", "same", status="error"),
            call("0.7", "same", app="other"),
            call("4", "single"),
            call("0", "unknown", cost_state="unpriced"),
            call("0", "unknown", cost_state="unpriced"),
            call("5", ""),
            call("5", ""),
        ],
        token=project,
    )
    repeated = possible()["repeated"]
    assert (repeated["requests"], repeated["repeated_calls"], repeated["usd"]) == (2, 3, "0.5")
    first, second = repeated["costliest"]
    assert (first["request_fingerprint"], first["calls"], first["usd"]) == ("same", 3, "0.5")
    assert (second["request_fingerprint"], second["usd"]) == ("unknown", None)
    assert possible(app="other")["repeated"]["requests"] == 0


def test_requests_of_one_prompt_that_ask_almost_the_same_are_found(
    possible: Callable[..., dict[str, Any]], store: Store, project: ProjectId, span: MakeSpan
) -> None:
    questions = [
        ("p", "How long does a refund take for order 4711?"),
        ("p", "How long does a refund take for order 4712?"),
        ("p", "Do you ship to Norway?"),
        ("other", "How long does a refund take for order 4713?"),
    ]
    calls = [
        # A later step of the same agent, after a tool.
        span(
            trace_id=f"{1:032x}",
            prompt_fingerprint="p",
            request_fingerprint="step",
            input_preview=questions[0][1],
            start_ns=1_790_000_000_900_000_000,
        ),
        *_asked(span, questions),
    ]
    store.writer.write(calls, token=project)
    similar = possible()["similar"]
    (group,) = similar["groups"]
    assert (group["asked"], group["like"], group["usd"]) == (questions[0][1], questions[1][1], "2")
    assert (similar["usd"], similar["looked_at"], similar["is_complete"]) == ("2", 5, True)
    assert possible(threshold=1)["similar"]["groups"] == []


def _asked(span: MakeSpan, questions: list[tuple[str, str]]) -> list[SpanRecord]:
    return [
        span(
            trace_id=f"{number + 1:032x}",
            prompt_fingerprint=prompt,
            request_fingerprint=str(number),
            input_preview=asked,
            cost_usd=Decimal(number + 1),
        )
        for number, (prompt, asked) in enumerate(questions)
    ]


def test_a_long_beginning_that_calls_share_could_be_cached(
    possible: Callable[..., dict[str, Any]], store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def call(number: int, rules: str, **values: Any) -> SpanRecord:
        text = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"{number} ?"}]}])
        return span(
            provider="openai",
            model="gpt-4o",
            system_instructions=rules,
            input=text,
            input_tokens=2_000,
            **values,
        )

    store.writer.write(
        [
            *(call(number, RULES, prompt_fingerprint="shop", prompt_name="answer") for number in range(4)),
            *(call(number, f"{number}{RULES}", prompt_fingerprint="varies") for number in range(4)),
            call(9, RULES, prompt_fingerprint="once"),
        ],
        token=project,
    )
    cacheable = possible()["cacheable"]
    (chance,) = cacheable["prompts"]
    assert cacheable["usd"] == chance["usd"]
    assert (chance["prompt_fingerprint"], chance["prompt_name"]) == ("shop", "answer")
    assert (chance["calls"], chance["warm_calls"]) == (4, 3)
    assert 1_950 < chance["prefix_tokens"] < 2_000
    # The catalogue of that day: input at $2.50 and cached input at $1.25 for a million tokens.
    assert Decimal(chance["usd"]) == chance["possible_tokens"] * Decimal("0.00000125")


def test_the_same_tokens_are_priced_as_another_model_and_marked_when_they_cannot_be(
    api: httpx.Client, store: Store, project: ProjectId, span: MakeSpan
) -> None:
    short = span(
        provider="openai", model="gpt-4o", input_tokens=1000, output_tokens=100, cost_usd=Decimal("0.0035")
    )
    long = span(provider="openai", model="gpt-4o", input_tokens=100_000, cost_usd=Decimal("0.25"))
    store.writer.write([short, long], token=project)
    params = {**TODAY, "candidate": ["openai/gpt-4o-mini", "openai/nothing"], "max_input_tokens": 2000}
    answer = api.get("/costs/what-if", params=params).raise_for_status().json()  # type: ignore[arg-type]
    (row,) = answer["models"]
    assert (row["calls"], row["usd"]) == (1, "0.0035")
    assert answer["change_usd"] == ["-0.00329", None]
    cheaper, unknown = row["simulations"]
    assert (cheaper["usd"], cheaper["change_usd"]) == ("0.00021", "-0.00329")
    assert (unknown["usd"], unknown["change_usd"]) == (None, None)
    assert "no price is known" in unknown["reason"]
    refused = api.get("/costs/what-if", params={**TODAY, "candidate": "gpt-4o"})
    assert refused.status_code == 400


def test_calls_that_nobody_waits_for_are_priced_at_the_batch_tier(
    possible: Callable[..., dict[str, Any]], store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def call(**values: Any) -> SpanRecord:
        return span(
            provider="openai",
            model="gpt-6.1-terra",
            input_tokens=1000,
            output_tokens=100,
            cost_usd=Decimal("0.0015"),
            **values,
        )

    store.writer.write(
        [
            call(),
            call(service_tier="On_Demand"),
            call(stream=1),
            call(session="s"),
            call(user="ana"),
            call(service_tier="batch"),
        ],
        token=project,
    )
    (row,) = possible()["batch"]["models"]
    assert row["calls"] == 2
    assert row["simulations"] == [{"usd": "0.0015", "change_usd": "-0.0015", "reason": ""}]
