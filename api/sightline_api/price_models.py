"""Shapes of own prices on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from sightline_api.amounts import usd_text
from sightline_api.models import Model
from sightline_api.validation_words import Moment
from sightline_core.price_overrides import MAX_MODEL_PATTERN, MAX_SHORT_TEXT, MAX_THRESHOLD, parse_price


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is an amount, such as 2.5")
    return parse_price(str(value))


Price = Annotated[
    Decimal,
    BeforeValidator(_amount, json_schema_input_type=str),
    PlainSerializer(usd_text, return_type=str),
]
_ShortText = Annotated[str, Field(max_length=MAX_SHORT_TEXT)]


class LongPrices(BaseModel):
    """USD for a million tokens of long calls; null: as in other calls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Price | None = None
    output: Price | None = None
    cached_input: Price | None = None
    cache_write: Price | None = None
    cache_write_1h: Price | None = None
    reasoning: Price | None = None
    audio_input: Price | None = None
    audio_output: Price | None = None
    image_input: Price | None = None
    image_output: Price | None = None


class TokenPrices(BaseModel):
    """USD for a million tokens. Input and output are totals, the others parts of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Price
    output: Price
    cached_input: Price | None = Field(None, description="null: as input")
    cache_write: Price | None = Field(None, description="null: as input")
    cache_write_1h: Price | None = Field(None, description="null: as cache_write")
    reasoning: Price | None = Field(None, description="null: as output")
    audio_input: Price | None = Field(None, description="null: as input")
    audio_output: Price | None = Field(None, description="null: as output")
    image_input: Price | None = Field(None, description="null: as input")
    image_output: Price | None = Field(None, description="null: as output")


class LongContextPrices(BaseModel):
    """Prices of all tokens of a call with more input tokens than a threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    above_input_tokens: int = Field(ge=1, le=MAX_THRESHOLD)
    usd_per_mtok: LongPrices


class OwnPriceBody(BaseModel):
    """What a price is for, and how much."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(max_length=MAX_MODEL_PATTERN, description="may hold `*`, for example `gpt-4o*`")
    provider: _ShortText = Field("", description="a GenAI provider name; empty: every one")
    service_tier: _ShortText = Field("", description="for example `batch`; empty: the usual one")
    start: Moment | None = Field(None, description="inclusive, to the minute; null: always")
    end: Moment | None = Field(None, description="exclusive, to the minute; null: for ever")
    usd_per_mtok: TokenPrices
    long_context: LongContextPrices | None = None


class NewOwnPrice(OwnPriceBody):
    """A price to be made."""

    name: _ShortText = Field(description="names the price in the project, and in `price_id` of the calls")


class OwnPrice(Model):
    """A price of the project's own."""

    name: str
    model: str
    provider: str
    service_tier: str
    start: AwareDatetime | None
    end: AwareDatetime | None
    usd_per_mtok: TokenPrices
    long_context: LongContextPrices | None
    changed_at: datetime = Field(description="of several that match a call, the one changed last wins")
    etag: str = Field(description="what `If-Match` takes, so that no change of somebody else is lost")


class PriceCatalogue(Model):
    """What prices all other calls."""

    source: str = Field(description="the package genai-prices, or where the catalogue was downloaded")
    fetched_at: datetime | None = Field(description="null: the catalogue of the installation counts")


class OwnPrices(Model):
    """The last changed first, which is the order in which they are tried."""

    prices: list[OwnPrice]
    catalogue: PriceCatalogue


class PriceUse(Model):
    """How many stored calls have the cost that a price gave them."""

    name: str
    calls: int
    last_call_at: datetime


class PriceUses(Model):
    """By name. A price that no call of the range has is not there."""

    uses: list[PriceUse]
