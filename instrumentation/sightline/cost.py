"""What a call probably costs, where the app has the package `genai-prices` (`sightline[cost]`).

For those who look at spans elsewhere. Sightline's collector prices every call itself, by newer prices and the
project's own, and keeps this figure beside its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sightline.facts import Facts, Usage
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import CacheKind, CostState
from sightline_semconv.price_providers import CATALOGUE_NAMES

_MINUTE_NS = 60_000_000_000
_DIGITS = Decimal("1E-12")  # of a dollar


class CostEstimate(NamedTuple):
    """`usd` in plain decimal digits; `price_id` is the entry of the catalogue."""

    usd: str
    price_id: str


class _Rates(NamedTuple):
    """USD for a million tokens, each a decimal, one with steps by the size of the input, or None.

    `input_parts`: cache reads, cache writes, audio, images; `output_parts`: reasoning, audio, images.
    `searches`: USD for a thousand searches of the web, and of files.
    """

    price_id: str
    input: Any
    output: Any
    input_parts: tuple[Any, ...]
    output_parts: tuple[Any, ...]
    searches: tuple[Any, ...]


def add_cost(facts: Facts, started_with: Mapping[str, Any], start_ns: int) -> None:
    """Put the estimate on a call that has tokens and a known price; what a gateway stated stays.

    An answer from a gateway's cache cost nothing: there the estimate is what the hit saved.
    """
    known = facts.attributes
    if sightline.COST_USD in known or not (facts.usage.input or facts.usage.output):
        return
    provider = str(started_with.get(gen_ai.PROVIDER_NAME, ""))
    tier = str(known.get(gen_ai.OPENAI_RESPONSE_SERVICE_TIER, ""))
    for model in (known.get(gen_ai.RESPONSE_MODEL), started_with.get(gen_ai.REQUEST_MODEL)):
        estimate = estimate_cost(facts.usage, provider, str(model), tier, start_ns) if model else None
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
    usage: Usage, provider: str, model: str, service_tier: str, start_ns: int
) -> CostEstimate | None:
    """By the prices that held at `start_ns`, as the collector reckons. None without the package, without a
    price by tokens or searches, and for parts that exceed their total."""
    owner = CATALOGUE_NAMES.get(provider, provider)
    rates = _find_rates(owner, model, service_tier.lower(), start_ns // _MINUTE_NS)
    if rates is None:
        return None
    given, answered = usage.input or 0, usage.output or 0
    of_input = (usage.cache_read, usage.cache_write, usage.audio_input, usage.image_input)
    of_output = (usage.reasoning, usage.audio_output, usage.image_output)
    input_usd = _amount(given, rates.input, of_input, rates.input_parts, given)
    output_usd = _amount(answered, rates.output, of_output, rates.output_parts, given)
    searches_usd = Decimal(0)
    for count, rate in zip((usage.web_searches, usage.file_searches), rates.searches, strict=True):
        if count:
            if rate is None:
                return None
            searches_usd += count * _at(rate, 0) / 1_000
    if input_usd is None or output_usd is None:
        return None
    usd = ((input_usd + output_usd) / 1_000_000 + searches_usd).quantize(_DIGITS).normalize()
    return CostEstimate(f"{usd:f}", rates.price_id)


def _amount(
    total: int, rate: Any, counts: tuple[int | None, ...], rates: tuple[Any, ...], total_input: int
) -> Decimal | None:
    """Parts with a rate of their own by that, the rest by the common one, for a million tokens each."""
    usd, rest = Decimal(0), total
    for count, own in zip(counts, rates, strict=True):
        if count and own is not None:
            rest -= count
            usd += count * _at(own, total_input)
    return usd + rest * _at(rate, total_input) if rest >= 0 else None


def _at(rate: Any, total_input: int) -> Decimal:
    """The rate of a call with this much input: beyond a step, all of its tokens cost the step's price."""
    if rate is None or isinstance(rate, Decimal):
        return rate or Decimal(0)
    price: Decimal = rate.base
    for step in rate.tiers:
        if total_input > step.start:
            price = step.price
    return price


@lru_cache(maxsize=1024)
def _find_rates(owner: str, model: str, service_tier: str, minute: int) -> _Rates | None:
    """The first call of a process loads the catalogue (20 ms, 5 MB)."""
    prices = load_package()
    if prices is None:
        return None
    try:
        found = prices.calc_price(
            prices.Usage(),
            model,
            provider_id=owner,
            genai_request_timestamp=datetime.fromtimestamp(minute * 60, UTC),
            price_context={"service_tier": service_tier} if service_tier else None,
        )
    except LookupError:
        return None
    of = found.model_price
    if of.input_mtok is None and of.output_mtok is None:
        return None  # billed by something else
    return _Rates(
        f"genai-prices-{prices.__version__}/{found.provider.id}/{found.model.id}",
        of.input_mtok,
        of.output_mtok,
        (of.cache_read_mtok, of.cache_write_mtok, of.input_audio_mtok, of.input_image_mtok),
        (of.output_reasoning_mtok, of.output_audio_mtok, of.output_image_mtok),
        (of.web_searches_kcount, of.storage_searches_kcount),
    )


@cache
def load_package() -> Any:
    """The package; None when it is not installed or does not load.

    First called on the thread that imports `openai`: it imports an HTTP client, which some versions of
    `openai` look for among the loaded modules at every request, and met half imported by another thread.
    """
    try:
        import genai_prices
    except Exception:
        return None
    return genai_prices
