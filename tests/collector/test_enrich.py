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
