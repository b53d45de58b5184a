"""Prices of the token classes of one model, and the sum over one call."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from sightline_core.money import ZERO

_MILLION = Decimal(1_000_000)
ONE = Decimal(1)

STANDARD_TIERS = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})
"""Names in lower case of the service tier that prices are usually given for."""


CLASSES = {
    "cached_input": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "reasoning": "output",
    "audio_input": "input",
    "audio_output": "output",
    "image_input": "input",
    "image_output": "output",
}
"""Part of the totals that can have a price of its own → what it costs without one; fields of `Rates`."""

PRICED = ("input", "output", *CLASSES)
"""Whatever tokens can have a price for; fields of `Rates`."""

CACHED = ("cached_audio_input", "cached_image_input")
"""Parts of `cached_input` for which the catalogue alone has prices; fields of `Rates`."""


class TokenCounts(NamedTuple):
    """Tokens by class. `input` and `output` are totals; all others but the last two are parts of them."""

    input: int = 0
    cached_input: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    image_input: int = 0
    image_output: int = 0
    cache_write_1h: int = 0
    """Of `cache_write`, what is kept for an hour."""
    cached_text: int = 0
    """This and the next two are parts of `cached_input`; sound and images are in their own class as well."""
    cached_audio: int = 0
    cached_image: int = 0
    web_searches: int = 0
    """This and the next are no tokens, but searches of the provider's own, which it bills one by one."""
    file_searches: int = 0

    def is_empty(self) -> bool:
        """Return whether nothing was reported that can be billed: of parts without a total nobody knows."""
        return not (self.input or self.output or self.web_searches or self.file_searches)


@dataclass(frozen=True, slots=True)
class Rate:
    """USD for one token; `above` are (threshold, price) in rising order of the call's total input.

    Crossing a threshold changes the price of all tokens, as providers bill long contexts.
    """

    usd: Decimal
    above: tuple[tuple[int, Decimal], ...] = ()

    @classmethod
    def per_mtok(cls, usd: Decimal, above: Iterable[tuple[int, Decimal]] = ()) -> "Rate":
        """Return the rate of prices for a million tokens, as price lists have them."""
        return cls(usd / _MILLION, tuple((threshold, higher / _MILLION) for threshold, higher in above))

    def at(self, total_input: int) -> Decimal:
        """Return the price of one token in a call of this many input tokens."""
        price = self.usd
        for threshold, higher in self.above:
            if total_input > threshold:
                price = higher
        return price


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates by class. A class without a rate of its own costs what its parent does.

    `reason` is not empty when the rates are a guess (another tier, a provider taken from the model's name).
    """

    price_id: str
    input: Rate = field(default_factory=lambda: Rate(ZERO))
    output: Rate = field(default_factory=lambda: Rate(ZERO))
    cached_input: Rate | None = None
    cached_audio_input: Rate | None = None
    cached_image_input: Rate | None = None
    cache_write: Rate | None = None
    cache_write_1h: Rate | None = None
    audio_input: Rate | None = None
    image_input: Rate | None = None
    reasoning: Rate | None = None
    audio_output: Rate | None = None
    image_output: Rate | None = None
    request_usd: Decimal = ZERO
    web_search_usd: Decimal | None = None
    file_search_usd: Decimal | None = None
    reason: str = ""

    def grows_within(self, total_input: int) -> bool:
        """Return whether tokens cost more in some calls of at most this many input tokens."""
        priced = (getattr(self, name) for name in (*PRICED, *CACHED))
        return any(total_input > threshold for rate in priced if rate for threshold, _ in rate.above)


class CallCost(NamedTuple):
    """USD for one call, unrounded: uncached input with fees for request and searches, cache reads, output.

    `inconsistent`: the token classes add up to more than their total. `overlapping`: there are sound or
    images with a price of their own and cached tokens of which nobody said what they are, taken for text.
    `free_searches`: there are searches without a price, which are in no amount.
    """

    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal
    inconsistent: bool
    overlapping: bool
    free_searches: bool


def cost_of_call(rates: Rates, tokens: TokenCounts, factor: Decimal = ONE, requests: int = 1) -> CallCost:
    """Return what a call with these tokens costs; each token costs `factor` times its price, fees do not.

    Of several `requests` with these tokens together, each is taken for as long as the others.
    Classes that overlap (written audio, say) are billed once, under the first class named.
    """
    total = tokens.input
    size = total // requests
    cached = min(tokens.cached_input, total)
    for_an_hour = min(tokens.cache_write_1h, tokens.cache_write)
    input_usd, too_much_input = _bill(
        total - cached,
        rates.input,
        (
            (for_an_hour, rates.cache_write_1h or rates.cache_write),
            (tokens.cache_write - for_an_hour, rates.cache_write),
            (max(tokens.audio_input - tokens.cached_audio, 0), rates.audio_input),
            (max(tokens.image_input - tokens.cached_image, 0), rates.image_input),
        ),
        size,
    )
    cached_usd, too_much_cached = _bill(
        cached,
        rates.cached_input or rates.input,
        (
            (tokens.cached_audio, rates.cached_audio_input),
            (tokens.cached_image, rates.cached_image_input),
        ),
        size,
    )
    output_usd, too_much_output = _bill(
        tokens.output,
        rates.output,
        (
            (tokens.reasoning, rates.reasoning),
            (tokens.audio_output, rates.audio_output),
            (tokens.image_output, rates.image_output),
        ),
        size,
    )
    inconsistent = cached < tokens.cached_input or too_much_input or too_much_cached or too_much_output
    priced_apart = (tokens.audio_input and rates.audio_input) or (tokens.image_input and rates.image_input)
    known = tokens.cached_text + tokens.cached_audio + tokens.cached_image
    overlapping = cached > known and bool(priced_apart)
    fees_usd, free_searches = rates.request_usd * requests, False
    for count, usd in (
        (tokens.web_searches, rates.web_search_usd),
        (tokens.file_searches, rates.file_search_usd),
    ):
        if count and usd is not None:
            fees_usd += count * usd
        free_searches |= count > 0 and usd is None
    return CallCost(
        fees_usd + input_usd * factor,
        cached_usd * factor,
        output_usd * factor,
        inconsistent,
        overlapping,
        free_searches,
    )


def _bill(
    tokens: int, plain: Rate, classes: tuple[tuple[int, Rate | None], ...], total_input: int
) -> tuple[Decimal, bool]:
    """Return USD for some tokens and the classes among them, and whether the classes exceed them."""
    rest, usd, inconsistent = tokens, ZERO, False
    for count, rate in classes:
        if count and rate is not None:
            billed = min(count, rest)
            inconsistent |= billed < count
            usd += billed * rate.at(total_input)
            rest -= billed
    return (usd + rest * plain.at(total_input) if rest else usd), inconsistent


def is_standard_tier(tier: str) -> bool:
    """Return whether a service tier, as a provider spells it, is one of `STANDARD_TIERS`."""
    return tier.strip().lower() in STANDARD_TIERS
