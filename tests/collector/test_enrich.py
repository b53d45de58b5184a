"""The price of a stored call: by all that its span says of its tokens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sightline_collector.enrich import price_record
from sightline_core.pricing import CataloguePricer

PRICER = CataloguePricer()


def _cost(kept_for_an_hour: dict[str, float]) -> Decimal:
    call: Any = {
        "project": "p",
        "kind": "llm",
        "status": "ok",
        "provider": "anthropic",
        "response_model": "claude-sonnet-4-5",
        "start_ns": 1_795_000_000_000_000_000,
        "input_tokens": 2400,
        "cached_input_tokens": 2000,
        "cache_write_tokens": 300,
        "output_tokens": 50,
        "attributes": {},
        "attributes_num": kept_for_an_hour,
    }
    price_record(PRICER, call)
    cost: Decimal = call["cost_usd"]
    return cost


@pytest.mark.parametrize(
    ("tokens", "usd"), [(200, "0.003225"), (0, "0.002775"), (-7, "0.002775"), (1e299, "0.00345")]
)
def test_what_a_cache_keeps_for_an_hour_is_priced_as_such(tokens: float, usd: str) -> None:
    assert _cost({"sightline.usage.cache_write_1h.input_tokens": tokens}) == Decimal(usd)


def test_without_a_word_about_it_nothing_is_kept_for_an_hour() -> None:
    assert _cost({}) == Decimal("0.002775")


@pytest.mark.parametrize(("said", "usd"), [({"text": 350.0, "audio": 50.0}, "0.0007305"), ({}, "0.000762")])
def test_what_was_cached_is_priced_by_what_it_is(said: dict[str, float], usd: str) -> None:
    """350 texts at 0.03, 50 sounds at 0.1 and 1, 550 texts at 0.3, 200 answered at 2.5 for a million."""
    call: Any = {
        "project": "p",
        "kind": "llm",
        "status": "ok",
        "provider": "gcp.gemini",
        "response_model": "gemini-2.5-flash",
        "start_ns": 1_795_000_000_000_000_000,
        "input_tokens": 1000,
        "cached_input_tokens": 400,
        "audio_input_tokens": 100,
        "output_tokens": 200,
        "attributes": {},
        "attributes_num": {f"gen_ai.usage.{what}.cache_read.input_tokens": n for what, n in said.items()},
    }
    price_record(PRICER, call)
    assert (call["cost_usd"], call["cost_state"]) == (Decimal(usd), "priced" if said else "estimated")


@pytest.mark.parametrize(
    ("asked", "given", "usd", "state"),
    [
        ("flex", "", "0.000625", "estimated"),  # half of the usual price
        ("flex", "flex", "0.000625", "priced"),
        ("flex", "default", "0.00125", "priced"),
        ("auto", "", "0.00125", "priced"),
        ("swift", "", "0.00125", "estimated"),
    ],
)
def test_where_the_answer_names_no_tier_the_one_that_was_asked_for_is_an_estimate(
    asked: str, given: str, usd: str, state: str
) -> None:
    call: Any = {
        "project": "p",
        "kind": "llm",
        "status": "ok",
        "provider": "openai",
        "response_model": "gpt-5",
        "service_tier": given,
        "start_ns": 1_795_000_000_000_000_000,
        "input_tokens": 1000,
        "attributes": {"openai.request.service_tier": asked},
        "attributes_num": {},
    }
    price_record(PRICER, call)
    assert (call["cost_usd"], call["cost_state"]) == (Decimal(usd), state)


def test_searches_that_the_span_tells_of_are_in_its_cost() -> None:
    call: Any = {
        "project": "p",
        "kind": "llm",
        "status": "ok",
        "provider": "anthropic",
        "response_model": "claude-haiku-4-5",
        "start_ns": 1_795_000_000_000_000_000,
        "input_tokens": 1000,
        "attributes": {},
        "attributes_num": {"sightline.usage.web_searches": 3.0},
    }
    price_record(PRICER, call)
    assert (call["cost_usd"], call["cost_input_usd"]) == (Decimal("0.031"), Decimal("0.031"))
