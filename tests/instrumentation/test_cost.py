"""The estimate of what a call costs, where the app has the catalogue of prices."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import _base_client
from tests.instrumentation.fake_openai import FakeOpenAI

from sightline.cost import estimate_cost
from sightline.facts import Usage
from sightline.testing import CapturedSpans
from sightline_semconv import sightline as names

genai_prices = pytest.importorskip("genai_prices")

MESSAGES: Any = [{"role": "user", "content": "hi"}]
NOON_NS = 1_790_000_000_000_000_000  # in September 2026


def _only(captured: CapturedSpans) -> dict[str, Any]:
    (span,) = captured.spans
    return dict(span.attributes or {})


def _answering(headers: dict[str, str]) -> openai.OpenAI:
    """A client of a gateway that answers with these headers."""
    http: Any = getattr(_base_client, "httpx2", None) or vars(_base_client)["httpx"]
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": "hello"}}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    body = {"id": "c", "model": "gpt-4o", "choices": [choice], "usage": usage}
    transport = http.MockTransport(lambda request: http.Response(200, json=body, headers=headers))
    return openai.OpenAI(
        api_key="k", base_url="https://api.openai.com/v1", http_client=http.Client(transport=transport)
    )


def test_a_call_of_a_model_with_a_price_says_what_it_probably_costs(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    attributes = _only(captured)
    # 7 tokens of input at $2.50, 4 cached ones at $1.25 and 7 of output at $10 for a million
    assert attributes[names.COST_USD] == "0.0000925"
    assert attributes[names.COST_STATE] == "estimated"
    assert attributes[names.COST_PRICE_ID].startswith("genai-prices-")
    assert attributes[names.COST_PRICE_ID].endswith("/openai/gpt-4o")


def test_a_model_without_a_price_has_no_cost_instead_of_none(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    client.chat.completions.create(model="home-made", messages=MESSAGES)
    assert [name for name in _only(captured) if name.startswith("sightline.cost")] == []


@pytest.mark.parametrize(
    ("usage", "model"),
    [
        (Usage(input=10, cache_read=20), "gpt-4o"),
        (Usage(input=10), "whisper-1"),
        (Usage(input=10), "no-such-model"),
    ],
    ids=["contradicting counts", "billed by the minute", "unknown"],
)
def test_what_has_no_price_by_tokens_has_no_estimate(usage: Usage, model: str) -> None:
    assert estimate_cost(usage, "openai", model, "", NOON_NS) is None


@settings(max_examples=60)
@given(
    st.sampled_from([("openai", "gpt-4o"), ("google", "gemini-2.5-pro"), ("openai", "gpt-4o-audio-preview")]),
    st.integers(0, 400_000),
    st.integers(0, 400_000),
    st.integers(0, 400_000),
)
def test_the_estimate_is_the_sum_that_the_catalogues_own_arithmetic_gives(
    model: tuple[str, str], uncached: int, cached: int, answered: int
) -> None:
    usage = Usage(input=uncached + cached, cache_read=cached, output=answered)
    estimate = estimate_cost(usage, *model, "", NOON_NS)
    counts = {"input_tokens": uncached + cached, "cache_read_tokens": cached, "output_tokens": answered}
    when = datetime.fromtimestamp(NOON_NS / 1e9, UTC)
    theirs = genai_prices.calc_price(
        genai_prices.Usage(**counts), model[1], provider_id=model[0], genai_request_timestamp=when
    )
    assert estimate is not None
    assert Decimal(estimate.usd) == theirs.total_price


def test_searches_of_the_provider_are_in_the_estimate() -> None:
    usage = Usage(input=1000, web_searches=2, file_searches=4)
    found = estimate_cost(usage, "openai", "gpt-4o", "", NOON_NS)
    assert found is not None
    assert found.usd == "0.0325"
    assert estimate_cost(usage, "deepseek", "deepseek-chat", "", NOON_NS) is None


def test_the_service_tier_of_the_answer_has_its_own_price() -> None:
    usage = Usage(input=1_000_000)
    at = [estimate_cost(usage, "openai", "gpt-5", tier, 1_795_000_000 * 10**9) for tier in ("", "flex")]
    usual, flex = (Decimal(found.usd) for found in at if found is not None)
    assert 0 < flex < usual


def test_what_a_gateway_stated_is_not_estimated_again(captured: CapturedSpans) -> None:
    with _answering({"x-litellm-response-cost": "0.5"}) as client:
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    attributes = _only(captured)
    assert attributes[names.COST_USD] == "0.5"
    assert names.COST_STATE not in attributes


def test_an_answer_from_a_gateways_cache_saved_the_estimate(captured: CapturedSpans) -> None:
    with _answering({"helicone-cache": "HIT"}) as client:
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    attributes = _only(captured)
    assert attributes[names.CACHE_SAVED_USD] == "0.0035"
    assert names.COST_USD not in attributes


def test_the_catalogue_is_loaded_where_the_span_is_read_and_not_for_the_caller(server: FakeOpenAI) -> None:
    script = """
import os, sys, openai, sightline
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
class Keeping(SpanProcessor):
    def on_end(self, span):
        self.span = span
keeping, provider = Keeping(), TracerProvider()
provider.add_span_processor(keeping)
sightline.instrument(tracer_provider=provider)
client = openai.OpenAI(api_key="k", base_url=os.environ["MODEL_URL"])
client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
print("genai_prices.data" in sys.modules)
print(keeping.span.attributes["sightline.cost.usd"], "genai_prices.data" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "MODEL_URL": server.base_url},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "0.0000925", "True"]


IMPORTING = """
import os, sys, threading
import openai, sightline
importers = []
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "genai_prices":
            importers.append(threading.current_thread().name)
sys.meta_path.insert(0, Finder())
sightline.instrument()
client = openai.OpenAI(api_key="k", base_url=os.environ["MODEL_URL"])
client.chat.completions.create(model="m", messages=[])
sightline.uninstrument()
print(importers)
"""


def test_the_package_is_imported_by_the_app_and_not_beside_its_calls(server: FakeOpenAI) -> None:
    environment = {**os.environ, "MODEL_URL": server.base_url, "SIGHTLINE_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "['MainThread']"
