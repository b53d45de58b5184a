"""Prices of the token classes of one model, and the sum over one call."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from sightline_core.money import ZERO


class TokenCounts(NamedTuple):
    """Tokens by class. `input` and `output` are totals; all others are parts of them."""

    input: int = 0
    cached_input: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    image_input: int = 0
    image_output: int = 0

    def is_empty(self) -> bool:
        """Return whether nothing was reported."""
        return self.input == 0 and self.output == 0 and not any(self)


@dataclass(frozen=True, slots=True)
class Rate:
    """USD for one token; `above` are (threshold, price) in rising order of the call's total input.

    Crossing a threshold changes the price of all tokens, as providers bill long contexts.
    """

    usd: Decimal
    above: tuple[tuple[int, Decimal], ...] = ()

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
    cache_write: Rate | None = None
    audio_input: Rate | None = None
    image_input: Rate | None = None
    reasoning: Rate | None = None
    audio_output: Rate | None = None
    image_output: Rate | None = None
    request_usd: Decimal = ZERO
    reason: str = ""


def amounts(rates: Rates, tokens: TokenCounts) -> tuple[Decimal, Decimal, Decimal, bool]:
    """Return USD for input, cache reads and output, and whether the classes exceed their total.

    Classes that overlap (cached audio, say) are billed once, under the first class named.
    """
    total = tokens.input
    rest, inconsistent = total, False
    input_usd, cached_usd = rates.request_usd, ZERO
    if tokens.cached_input:
        billed = min(tokens.cached_input, rest)
        inconsistent = billed < tokens.cached_input
        cached_usd = billed * (rates.cached_input or rates.input).at(total)
        rest -= billed
    for count, rate in (
        (tokens.cache_write, rates.cache_write),
        (tokens.audio_input, rates.audio_input),
        (tokens.image_input, rates.image_input),
    ):
        if count and rate is not None:
            billed = min(count, rest)
            inconsistent |= billed < count
            input_usd += billed * rate.at(total)
            rest -= billed
    if rest:
        input_usd += rest * rates.input.at(total)
    output_usd, inconsistent_output = _output(rates, tokens)
    return input_usd, cached_usd, output_usd, inconsistent or inconsistent_output


def _output(rates: Rates, tokens: TokenCounts) -> tuple[Decimal, bool]:
    rest, usd, inconsistent = tokens.output, ZERO, False
    for count, rate in (
        (tokens.reasoning, rates.reasoning),
        (tokens.audio_output, rates.audio_output),
        (tokens.image_output, rates.image_output),
    ):
        if count and rate is not None:
            billed = min(count, rest)
            inconsistent |= billed < count
            usd += billed * rate.at(tokens.input)
            rest -= billed
    return (usd + rest * rates.output.at(tokens.input) if rest else usd), inconsistent
