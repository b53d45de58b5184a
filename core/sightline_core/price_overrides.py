"""An operator's own prices, by project, model and date; they win over the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any

from sightline_core.errors import CallerError
from sightline_core.price_rates import CLASSES, Rate, Rates, is_standard_tier
from sightline_semconv.dialects.providers import provider_name

PRICE_ID_PREFIX = "override/"
"""Of the `price_id` of calls that have an own price; its name follows."""

MAX_USD_PER_MTOK = 1_000_000
MAX_PRICE_DECIMALS = 12
MAX_SHORT_TEXT = 64
"""Characters of the name, the provider and the service tier of a price."""
MAX_MODEL_PATTERN = 200
MAX_THRESHOLD = 10**9


@dataclass(frozen=True, slots=True)
class LongContext:
    """Prices of a call with more than so many input tokens, for all of its tokens.

    `usd_per_mtok` has some of `price_rates.PRICED`; what it lacks keeps its usual price.
    """

    above_input_tokens: int
    usd_per_mtok: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """USD for a million tokens of the models that match.

    `model` may hold `*` and is compared in lower case. An empty `project` or `provider` means every one; a
    provider may have any name that emitters have for it ("azure", "Bedrock").
    `start` ≤ t < `end`, aware and to the minute; None is open. A `service_tier` other than "" prices its
    calls alone; of the others that of "" is an estimate. Of several that match, the last in the list wins.
    A class without a price costs what its total does, an hour of the cache what any write does.
    """

    name: str
    model: str
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_input_usd_per_mtok: Decimal | None = None
    cache_write_usd_per_mtok: Decimal | None = None
    cache_write_1h_usd_per_mtok: Decimal | None = None
    reasoning_usd_per_mtok: Decimal | None = None
    audio_input_usd_per_mtok: Decimal | None = None
    audio_output_usd_per_mtok: Decimal | None = None
    image_input_usd_per_mtok: Decimal | None = None
    image_output_usd_per_mtok: Decimal | None = None
    service_tier: str = ""
    project: str = ""
    provider: str = ""
    start: datetime | None = None
    end: datetime | None = None
    long_context: LongContext | None = None

    def covers(self, project: str, provider: str, model: str, when: datetime) -> bool:
        """Return whether this price holds for such a call at that time."""
        return (
            self.project in ("", project)
            and (not self.provider or provider_name(self.provider) == provider_name(provider))
            and fnmatchcase(model.lower(), _only_stars(self.model.lower()))
            and (self.start is None or self.start <= when)
            and (self.end is None or when < self.end)
        )

    def usd_per_mtok(self, name: str) -> Decimal | None:
        """Return the usual price of one of `price_rates.PRICED`; None for a class without one."""
        price: Decimal | None = getattr(self, f"{name}_usd_per_mtok")
        return price

    def rates(self, tier: str = "") -> Rates:
        """Return the prices of a call at that service tier in the form that calls are summed with."""
        is_of_tier = tier_name(tier) == self.service_tier
        classes: dict[str, Any] = {name: self._rate(name) for name in CLASSES if self._has_own(name)}
        return Rates(
            price_id=f"{PRICE_ID_PREFIX}{self.name}",
            reason="" if is_of_tier else f"the own price is not of service tier {tier!r}",
            input=self._rate("input"),
            output=self._rate("output"),
            **classes,
        )

    def _has_own(self, name: str) -> bool:
        in_long_context = self.long_context is not None and name in self.long_context.usd_per_mtok
        return in_long_context or self.usd_per_mtok(name) is not None

    def _rate(self, name: str) -> Rate:
        long = self.long_context
        if long is None or name not in long.usd_per_mtok:
            return Rate.per_mtok(self._usual(name))
        return Rate.per_mtok(self._usual(name), [(long.above_input_tokens, long.usd_per_mtok[name])])

    def _usual(self, name: str) -> Decimal:
        price = self.usd_per_mtok(name)
        return price if price is not None else self._usual(CLASSES[name])


def _only_stars(pattern: str) -> str:
    """Return the pattern for `fnmatch` in which only `*` has a meaning: names of models end with `[1m]`."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def check_override(override: PriceOverride) -> None:
    """Raise `CallerError` for a price that cannot be stored or would never hold."""
    for what, text, longest in (
        ("the name", override.name, MAX_SHORT_TEXT),
        ("the model", override.model, MAX_MODEL_PATTERN),
        ("the provider", override.provider, MAX_SHORT_TEXT),
        ("the service tier", override.service_tier, MAX_SHORT_TEXT),
    ):
        if len(text) > longest or not text.isprintable():
            raise CallerError(f"{what} has at most {longest} printable characters")
    for what, text in (("the name", override.name), ("the model", override.model)):
        if not text.strip():
            raise CallerError(f"{what} is missing")
    for moment in (override.start, override.end):
        if moment is not None and (moment.second or moment.microsecond):
            raise CallerError("a price begins and ends with a minute, without seconds")
    if override.start and override.end and override.start >= override.end:
        raise CallerError("a price ends after it begins")
    long = override.long_context
    if long is not None and not 1 <= long.above_input_tokens <= MAX_THRESHOLD:
        raise CallerError(f"a long context begins above 1 to {MAX_THRESHOLD} input tokens")
    if long is not None and not long.usd_per_mtok:
        raise CallerError("a long context has at least one price of its own")


def parse_price(text: str) -> Decimal:
    """Return USD for a million tokens; raises `ValueError` with what it may be."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= MAX_USD_PER_MTOK:
        raise ValueError(f"is an amount between 0 and {MAX_USD_PER_MTOK}")
    if amount != round(amount, MAX_PRICE_DECIMALS):
        raise ValueError(f"is an amount with at most {MAX_PRICE_DECIMALS} digits after the point")
    return amount


def find_override(
    overrides: Sequence[PriceOverride], project: str, provider: str, model: str, tier: str, when: datetime
) -> PriceOverride | None:
    """Return the last override of that service tier that covers the call, else the last of none, or None."""
    for name in dict.fromkeys((tier_name(tier), "")):
        for override in reversed(overrides):
            if override.service_tier == name and override.covers(project, provider, model, when):
                return override
    return None


def tier_name(tier: str) -> str:
    """Return a service tier as overrides have it: in lower case, "" for what prices are usually given for."""
    return "" if is_standard_tier(tier) else tier.strip().lower()
