"""The `genai-prices` catalogue as rates. Works offline: the data is in the package."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version

from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices, _providers_from_raw

from sightline_core.money import ZERO
from sightline_core.price_names import is_named
from sightline_core.price_rates import CACHED, PRICED, Rate, Rates, is_standard_tier
from sightline_semconv.price_providers import BEDROCK_MAKERS, CATALOGUE_NAMES

_UNKNOWN_HOST = "openai-compatible"
# Names of routers and frameworks: they say nothing about who bills.
_NOT_A_HOST = frozenset(
    {
        "",
        "litellm",
        "langchain",
        "langgraph",
        "llamaindex",
        "haystack",
        "crewai",
        "strands-agents",
        "microsoft.agent_framework",
        "portkey",
        "helicone",
        "unknown",  # Datadog's, of a host that it does not know; the next is of calls that are traced by hand
        "custom",
        _UNKNOWN_HOST,
    }
)

_MAKERS = ("openai", "cohere", "mistral", "aws")
"""Whose models the catalogue does not find by the name alone: others host them, too; Bedrock has its own."""


_ROUTER = "huggingface"
"""Names behind a model's, after a colon, who answers and so what it costs (`openai/gpt-oss-120b:groq`)."""

_FREE = ":free"
"""How the names of models end that cost nothing at OpenRouter; the catalogue has no prices for them."""


@dataclass(frozen=True, slots=True)
class UnknownPrice:
    """No price was found; `reason` is for people."""

    reason: str


class UnusableCatalogue(ValueError):
    """A document that is no price catalogue, or one that cannot be right; the message says why."""


class Catalogue:
    """Looks models up in one snapshot of the catalogue."""

    def __init__(self, snapshot: DataSnapshot | None = None) -> None:
        self._snapshot = snapshot or get_snapshot()
        self.source = f"genai-prices-{version('genai-prices')}"
        if snapshot is not None and snapshot.from_auto_update:
            self.source = f"genai-prices-{snapshot.timestamp:%Y-%m-%d}"

    @property
    def size(self) -> int:
        """How many models have a price."""
        return sum(len(provider.models) for provider in self._snapshot.providers)

    def find_rates(self, provider: str, model: str, tier: str, when: datetime) -> Rates | UnknownPrice:
        """Return the rates that held at `when`. `provider` is a GenAI provider name, "" when unknown."""
        found = self._find_model(provider, model)
        if isinstance(found, UnknownPrice):
            return found
        owner, info, guess = found
        context, name = _price_context(tier)
        tiered = context is not None and _has_variant(owner, info, context, when)
        prices = info.get_prices(when, context if tiered else None)
        if prices.input_mtok is None and prices.output_mtok is None and not info.id.endswith(_FREE):
            return UnknownPrice(f"{info.id[:100]!r} is not billed by tokens")
        reason = guess
        if prices.requests_kcount is not None and not reason:
            reason = "the fee for a request depends on how much was searched; the highest was used"
        if prices.output_video_mtok is not None and not reason:
            reason = "video costs more than text; how much of the answer it is was not reported"
        if context and not tiered:
            reason = f"no price is known for service tier {name!r}; the standard price was used"
        entry = f"{self.source}/{owner.id}/{info.id}" + (f"/{name}" if context and reason == guess else "")
        return replace(_rates(prices), price_id=entry, reason=reason)

    def _find_model(self, provider: str, model: str) -> tuple[Provider, ModelInfo, str] | UnknownPrice:
        """Try the provider as named, then a provider in front of the model's name, then the name alone.

        At Bedrock a name may lack its maker; at Vertex AI it may be a path that ends with it.
        """
        name = CATALOGUE_NAMES.get(provider, provider)
        prefix, _, rest = model.partition("/")
        attempts: list[tuple[str | None, str, str]] = []
        if name == _ROUTER and ":" in model:
            own, _, host = model.rpartition(":")
            attempts.append((f"{_ROUTER}_{host}", own, ""))
        elif name not in _NOT_A_HOST:
            names = (model, rest, model.rpartition("/")[2])
            attempts += [(name, candidate, "") for candidate in dict.fromkeys(names) if candidate]
            if provider == "aws.bedrock":
                attempts += [(name, f"{maker}.{model}", "") for maker in BEDROCK_MAKERS]
        else:
            guess = (
                "the host is no known provider; the price is that of the model's maker"
                if name == _UNKNOWN_HOST
                else "the provider was not reported; it was taken from the model's name"
            )
            if rest:
                attempts.append((CATALOGUE_NAMES.get(prefix, prefix), rest, guess))
                attempts.append((None, rest, guess))
            attempts += [(maker, model, guess) for maker in (None, *_MAKERS)]
        for owner, candidate, reason in attempts:
            try:
                found, info = self._snapshot.find_provider_model(candidate, None, owner, None)
            except LookupError:
                continue
            if info.is_match(candidate) and not _is_named(info, candidate):
                reason = f"only a part of the model's name is that of {info.id[:100]!r}, whose price was used"
            return found, info, reason
        return UnknownPrice(
            f"no price is known for {model[:100]!r}" + (f" at {provider[:50]!r}" if provider else "")
        )


def _is_named(info: ModelInfo, model: str) -> bool:
    return model.lower() == info.id.lower() or is_named(info.match, model)


def read_catalogue(document: str, fetched_at: datetime) -> Catalogue:
    """Return the catalogue in a JSON document as genai-prices publishes it; raises `UnusableCatalogue`.

    A document that knows less than half of the providers of the installed catalogue, or that has a price
    below zero, is refused as well: no price is better than a wrong one.
    """
    try:
        raw = json.loads(document)
        if not isinstance(raw, list):
            raise UnusableCatalogue("it is no list of providers")
        # Private there, but genai-prices has no other reader of a document that is at hand already.
        providers = _providers_from_raw(raw)
    except UnusableCatalogue:
        raise
    except Exception as error:  # pydantic's, and whatever a strange document does to the reader
        first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise UnusableCatalogue(f"it is no price catalogue: {first}") from error
    known = {provider.id for provider in get_snapshot().providers}
    if len(known & {provider.id for provider in providers}) * 2 < len(known):
        raise UnusableCatalogue(f"it knows {len(providers)} providers, the installed one {len(known)}")
    for provider in providers:
        for model in provider.models:
            if any(price < 0 for price in _all_prices(model)):
                raise UnusableCatalogue(f"{provider.id}/{model.id[:100]} has a price below zero")
    return Catalogue(DataSnapshot(providers, from_auto_update=True, timestamp=fetched_at))


def _all_prices(model: ModelInfo) -> Iterator[Decimal]:
    """Yield the prices of all dates, tiers and lengths."""
    dated = [each.prices for each in model.prices] if isinstance(model.prices, list) else [model.prices]
    for prices in (*dated, *(variant.prices for variant in model.price_variants or ())):
        rates = _rates(prices)
        yield from (rates.request_usd, rates.web_search_usd or ZERO, rates.file_search_usd or ZERO)
        for name in (*PRICED, *CACHED):
            rate = getattr(rates, name)
            if rate is not None:
                yield rate.usd
                yield from (price for _, price in rate.above)


def _price_context(tier: str) -> tuple[dict[str, str] | None, str]:
    if is_standard_tier(tier):
        return None, ""
    name = tier.strip().lower()
    # The fast mode is a tier at OpenAI, and a speed at Anthropic.
    return ({"processing": "batch"} if name == "batch" else {"service_tier": name, "speed": name}), name


def _has_variant(owner: Provider, info: ModelInfo, context: dict[str, str], when: datetime) -> bool:
    """Return whether the owner has the model at that tier; of a maker's it has the usual price alone."""
    return any(own is info for own in owner.models) and any(
        all(context.get(key) == value for key, value in variant.when.items())
        and (variant.constraint is None or variant.constraint.active(when))
        for variant in info.price_variants or ()
    )


def _rates(prices: ModelPrice) -> Rates:
    return Rates(
        price_id="",
        input=_rate(prices.input_mtok) or Rate(ZERO),
        output=_rate(prices.output_mtok) or Rate(ZERO),
        cached_input=_rate(prices.cache_read_mtok),
        cached_audio_input=_rate(prices.cache_audio_read_mtok),
        cached_image_input=_rate(prices.cache_image_read_mtok),
        cache_write=_rate(prices.cache_write_mtok),
        cache_write_1h=_rate(prices.cache_write_1h_mtok),
        audio_input=_rate(prices.input_audio_mtok),
        image_input=_rate(prices.input_image_mtok),
        reasoning=_rate(prices.output_reasoning_mtok),
        audio_output=_rate(prices.output_audio_mtok),
        image_output=_rate(prices.output_image_mtok),
        request_usd=_of_thousand(prices.requests_kcount) or ZERO,
        web_search_usd=_of_thousand(prices.web_searches_kcount),
        file_search_usd=_of_thousand(prices.storage_searches_kcount),
    )


def _rate(price: Decimal | TieredPrices | None) -> Rate | None:
    if price is None:
        return None
    if isinstance(price, TieredPrices):
        return Rate.per_mtok(price.base, ((tier.start, tier.price) for tier in price.tiers))
    return Rate.per_mtok(price)


def _of_thousand(price: Decimal | TieredPrices | None) -> Decimal | None:
    base = price.base if isinstance(price, TieredPrices) else price
    return None if base is None else base / 1000
