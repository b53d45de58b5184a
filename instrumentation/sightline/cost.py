"""What a call probably costs, where the app has the package `genai-prices` (`sightline[cost]`).

For those who look at spans elsewhere. Sightline's collector prices every call itself, by newer prices and the
project's own, and keeps this figure beside its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sightline.facts import Facts, Usage
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import CacheKind, CostState

# Where the catalogue has another name for a provider than the conventions.
_CATALOGUE_NAMES = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "aws.bedrock": "aws",
    "gcp.vertex_ai": "google",
    "gcp.gemini": "google",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
}
_DIGITS = Decimal("1E-12")  # of a dollar


class CostEstimate(NamedTuple):
    """`usd` in plain decimal digits; `price_id` is the entry of the catalogue."""

    usd: str
    price_id: str


def add_cost(facts: Facts, started_with: Mapping[str, Any], start_ns: int) -> None:
    """Put the estimate on a call that has tokens and a known price; what a gateway stated stays.

    An answer from a gateway's cache cost nothing: there the estimate is what the hit saved.
    """
    known, counts = facts.attributes, _counts(facts.usage)
    if sightline.COST_USD in known or not counts:
        return
    provider = str(started_with.get(gen_ai.PROVIDER_NAME, ""))
    tier = str(known.get(gen_ai.OPENAI_RESPONSE_SERVICE_TIER, ""))
    for model in (known.get(gen_ai.RESPONSE_MODEL), started_with.get(gen_ai.REQUEST_MODEL)):
        estimate = estimate_cost(counts, provider, str(model), tier, start_ns) if model else None
        if estimate is None:
            continue
        if known.get(sightline.CACHE_HIT) is True and known.get(sightline.CACHE_KIND) != CacheKind.PROVIDER:
            facts.put(sightline.CACHE_SAVED_USD, estimate.usd)
        else:
            facts.put(sightline.COST_USD, estimate.usd)
            facts.put(sightline.COST_STATE, CostState.ESTIMATED)
            facts.put(sightline.COST_PRICE_ID, estimate.price_id)
        return


def estimate_cost(
    counts: Mapping[str, int], provider: str, model: str, service_tier: str, start_ns: int
) -> CostEstimate | None:
    """By the prices that held at `start_ns`. None without the package, without a price by tokens, and for
    counts that contradict each other. The first call of a process loads the catalogue (20 ms, 5 MB)."""
    prices = _package()
    owner = _CATALOGUE_NAMES.get(provider, provider)
    if prices is None:
        return None
    try:
        found = prices.calc_price(
            prices.Usage(**counts),
            model,
            provider_id=owner,
            genai_request_timestamp=datetime.fromtimestamp(start_ns / 1e9, UTC),
            price_context={"service_tier": service_tier.lower()} if service_tier else None,
        )
    except (LookupError, ValueError):
        return None
    if found.model_price.input_mtok is None and found.model_price.output_mtok is None:
        return None  # billed by something else
    usd = found.total_price.quantize(_DIGITS).normalize()
    return CostEstimate(f"{usd:f}", f"genai-prices-{prices.__version__}/{found.provider.id}/{found.model.id}")


def _counts(usage: Usage) -> dict[str, int]:
    """By the names of the package; {} when nothing was reported."""
    pairs = (
        ("input_tokens", usage.input),
        ("output_tokens", usage.output),
        ("cache_read_tokens", usage.cache_read),
        ("cache_write_tokens", usage.cache_write),
        ("output_reasoning_tokens", usage.reasoning),
        ("input_audio_tokens", usage.audio_input),
        ("output_audio_tokens", usage.audio_output),
        ("input_image_tokens", usage.image_input),
        ("output_image_tokens", usage.image_output),
    )
    return {name: count for name, count in pairs if count}


@cache
def _package() -> Any:
    """The package; None when it is not installed or does not load."""
    try:
        import genai_prices
    except Exception:
        return None
    return genai_prices
