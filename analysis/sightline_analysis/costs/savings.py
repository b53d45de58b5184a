"""What caches spared and what calls that came to nothing cost, from sums over calls.

The normal price of input is the effective one: what input without cache writes cost per token in the same
period, model and tier. A prompt cache spared the normal price of all input minus what the input did cost,
so surcharges for writing to the cache are subtracted, and the amount is negative when they did not pay off.
"""

from dataclasses import dataclass
from decimal import Decimal

from sightline_core.ids import ProjectId
from sightline_core.money import COST_STEP
from sightline_core.time_range import TimeRange
from sightline_storage.spend.spend_queries import Filters
from sightline_storage.spend.spend_reader import SpendReader


@dataclass(frozen=True, slots=True)
class Waste:
    """Calls that came to nothing. `usd` covers those with a price and `None` when there are only others."""

    calls: int
    unpriced_calls: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class ModelSavings:
    """One model in one tier. Amounts in USD are `None`, never zero, when they cannot be known."""

    provider: str
    model: str
    service_tier: str
    cached_tokens: int
    prompt_cache_usd: Decimal | None
    cache_hits: int
    hits_without_price: int
    hit_tokens: int
    hit_usd: Decimal | None
    failed: Waste
    abandoned: Waste
    retried_calls: int
    retries: int


@dataclass(frozen=True, slots=True)
class Savings:
    """The models with savings or waste, by name; `sampled`: sampled calls make the figures estimates."""

    models: list[ModelSavings]
    sampled: bool


def prompt_cache_saving(
    *,
    input_tokens: int,
    input_usd: Decimal,
    cached_usd: Decimal,
    plain_tokens: int,
    plain_usd: Decimal,
) -> Decimal | None:
    """Return what the prompt cache spared in USD; `None` when no input was charged at the normal price.

    All input (`input_tokens` includes cached ones) at the price `plain_usd` / `plain_tokens`, minus its cost.
    """
    if plain_tokens <= 0 or plain_usd <= 0:
        return None
    return (input_tokens * plain_usd / plain_tokens - input_usd - cached_usd).quantize(COST_STEP)


def read_savings(reader: SpendReader, project: ProjectId, time_range: TimeRange, filters: Filters) -> Savings:
    """Return what caches spared and what came to nothing in the range."""
    found = []
    for (provider, model, tier), sums in reader.read_savings(project, time_range, filters):
        hits, unknown = sums["cache_hits"], sums["hits_without_price"]
        row = ModelSavings(
            provider=provider,
            model=model,
            service_tier=tier,
            cached_tokens=sums["cached_tokens"],
            prompt_cache_usd=prompt_cache_saving(
                input_tokens=sums["priced_input_tokens"],
                input_usd=sums["input_usd"],
                cached_usd=sums["cached_usd"],
                plain_tokens=sums["plain_uncached_tokens"],
                plain_usd=sums["plain_input_usd"],
            )
            if sums["priced_cached_tokens"]
            else None,
            cache_hits=hits,
            hits_without_price=unknown,
            hit_tokens=sums["hit_saved_tokens"],
            hit_usd=sums["hit_saved_usd"] if hits > unknown else None,
            failed=_waste("failed", sums),
            abandoned=_waste("abandoned", sums),
            retried_calls=sums["retried_calls"],
            retries=sums["retries"],
        )
        if (
            row.cached_tokens
            or row.cache_hits
            or row.failed.calls
            or row.abandoned.calls
            or row.retried_calls
        ):
            found.append(row)
    found.sort(key=lambda row: (row.provider, row.model, row.service_tier))
    return Savings(found, reader.is_sampled(project, time_range, filters))


def _waste(kind: str, sums: dict[str, int | Decimal]) -> Waste:
    calls, unpriced = int(sums[f"{kind}_calls"]), int(sums[f"{kind}_unpriced_calls"])
    return Waste(calls, unpriced, Decimal(sums[f"{kind}_usd"]) if calls > unpriced else None)
