"""What a model call costs: own overrides first, then the `genai-prices` catalogue.

A model without a price is unpriced, never $0. Arithmetic is exact (`Decimal`); prices, tiers and their dates
come from the catalogue, looked up once for each model, provider, tier and minute.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol

from sightline_core.money import ZERO, quantise_usd, storable_usd
from sightline_core.nanoseconds import MINUTE_NS
from sightline_core.price_catalogue import Catalogue, UnknownPrice
from sightline_core.price_overrides import PRICE_ID_PREFIX, PriceOverride, find_override
from sightline_core.price_rates import ONE, CallCost, Rates, TokenCounts, cost_of_call, is_standard_tier
from sightline_semconv.kinds import CostState
from sightline_semconv.regions import Region, find_region
from sightline_semconv.searches import always_searches, has_free_share


class ModelCall(NamedTuple):
    """What the price of one call depends on. Texts are "" and times are UTC nanoseconds.

    `model` is tried before `request_model`. `service_tier` is the response's, as the provider spells it, and
    `request_tier` the one that was asked for, which counts where the response does not say. `host` and
    `geography` are those of `semconv.regions`. The tokens are those of so many `requests` of a batch.
    """

    project: str
    provider: str
    model: str
    request_model: str
    start_ns: int
    service_tier: str
    tokens: TokenCounts
    tokens_estimated: bool = False
    request_tier: str = ""
    host: str = ""
    geography: str = ""
    requests: int = 1


class Price(NamedTuple):
    """A cost and how much it can be believed. When `state` is unpriced, all amounts are 0 and mean nothing.

    `usd` = `input_usd` (uncached input, cache writes, fees for the request and its searches) + `cached_usd`
    (cache reads) + `output_usd`. `price_id` names the entry used; `reason` says why a cost is estimated or
    missing.
    """

    state: CostState
    usd: Decimal
    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal
    price_id: str
    reason: str


class Pricer(Protocol):
    """The seam the collector and repricing use. Thread-safe, no I/O."""

    def price(self, call: ModelCall) -> Price:
        """Return the price of one call; never raises for strange input."""


class CataloguePricer:
    """Prices by overrides and a catalogue; immutable, so a new catalogue or override means a new pricer."""

    def __init__(self, catalogue: Catalogue | None = None, overrides: Sequence[PriceOverride] = ()) -> None:
        self._catalogue = catalogue or Catalogue()
        self._overrides = tuple(overrides)
        # Bounded: model names come from strangers.
        self._rates_of = lru_cache(maxsize=4096)(self._find_rates)

    def price(self, call: ModelCall) -> Price:
        """See `Pricer.price`."""
        if call.tokens.is_empty():
            return unpriced("no token counts were reported")
        minute = call.start_ns // MINUTE_NS
        tier = call.service_tier or call.request_tier
        rates = self._rates_of(call.project, call.provider, call.model, call.request_model, tier, minute)
        if isinstance(rates, UnknownPrice):
            return unpriced(rates.reason)
        # What a contract says of a price, it says of the region that is in use, too.
        is_own = rates.price_id.startswith(PRICE_ID_PREFIX)
        region = None if is_own else _region(call)
        factor = Decimal(region.factor) if region and region.factor else ONE
        cost = cost_of_call(rates, call.tokens, factor, max(call.requests, 1))
        total = cost.input_usd + cost.cached_usd + cost.output_usd
        if not storable_usd(total):
            return unpriced("the token counts are implausible")
        reason = next(_doubts(call, rates, cost, region, is_own), "")
        state = CostState.ESTIMATED if reason else CostState.PRICED
        input_usd, cached_usd, output_usd = map(quantise_usd, cost[:3])
        total = input_usd + cached_usd + output_usd
        price_id = f"{rates.price_id}/{region.name}" if region and region.factor else rates.price_id
        return Price(state, total, input_usd, cached_usd, output_usd, price_id, reason)

    def _find_rates(
        self, project: str, provider: str, model: str, request_model: str, tier: str, minute: int
    ) -> Rates | UnknownPrice:
        when = datetime.fromtimestamp(minute * 60, UTC)
        names = [name for name in dict.fromkeys((model, request_model)) if name]
        for name in names:
            override = find_override(self._overrides, project, provider, name, tier, when)
            if override is not None:
                return override.rates(tier)
        found: Rates | UnknownPrice = UnknownPrice("no model name was reported")
        for name in names:
            found = self._catalogue.find_rates(provider, name, tier, when)
            if isinstance(found, Rates):
                break
        return found


def _region(call: ModelCall) -> Region | None:
    if not call.host and not call.geography:
        return None
    return find_region(call.provider, call.model or call.request_model, call.host, call.geography)


def _doubts(
    call: ModelCall, rates: Rates, cost: CallCost, region: Region | None, is_own: bool
) -> Iterator[str]:
    """Yield why the cost is an estimate; the first reason is the one that is told.

    What a contract says of a price, it says of sound and of models that always search, too.
    """
    tokens = call.tokens
    if cost.inconsistent:
        yield "token classes add up to more than their total"
    if cost.overlapping:
        yield "how many of the cached tokens are sound or images was not reported"
    if cost.free_searches:
        yield "no price is known for the searches that the provider made"
    if call.tokens_estimated:
        yield "tokens were counted by us, not reported by the provider"
    if not is_own and _has_sound_at_the_price_of_text(rates, call):
        yield "no price of its own is known for sound; that of text was used"
    if not is_own and _says_nothing_of_media(rates, tokens):
        yield "no tokens of sound or images were reported of a model that makes them"
    if call.requests > 1 and rates.grows_within(tokens.input):
        yield "how long each request of the batch was is not known"
    if region and not region.factor:
        yield f"tokens can cost more at {region.name}; the usual price was used"
    if not (is_own or tokens.web_searches) and always_searches(call.model or call.request_model):
        yield "how often the model searched was not reported"
    if tokens.web_searches and has_free_share(call.provider):
        yield "some searches are free; which ones was not reported"
    if rates.reason:
        yield rates.reason
    if not call.service_tier and not is_standard_tier(call.request_tier):
        yield f"service tier {call.request_tier!r} was asked for; whether it was given was not reported"


def _has_sound_at_the_price_of_text(rates: Rates, call: ModelCall) -> bool:
    """Where it has no price of its own at Google's, it costs what text does; elsewhere nobody knows."""
    if call.provider.startswith("gcp."):
        return False
    given, made = call.tokens.audio_input > 0, call.tokens.audio_output > 0
    return (given and rates.audio_input is None) or (made and rates.audio_output is None)


def _says_nothing_of_media(rates: Rates, tokens: TokenCounts) -> bool:
    """Emitters that know totals alone tell neither what of an answer is an image, which costs ten times more,
    nor that it is all text."""
    makes_media = rates.audio_output is not None or rates.image_output is not None
    media = tokens.audio_input, tokens.audio_output, tokens.image_input, tokens.image_output
    return makes_media and tokens.output > 0 and not any(media)


def unpriced(reason: str) -> Price:
    """Return the outcome of a call that has no price."""
    return Price(CostState.UNPRICED, ZERO, ZERO, ZERO, ZERO, "", reason)
