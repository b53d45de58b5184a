"""Prices of a project's own, beside the catalogue."""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from sightline_api.dependencies import Caller, Editor, Range, Services
from sightline_api.preconditions import Preconditions, etag
from sightline_api.price_models import (
    LongContextPrices,
    LongPrices,
    NewOwnPrice,
    OwnPrice,
    OwnPriceBody,
    OwnPrices,
    PriceCatalogue,
    PriceUse,
    PriceUses,
    TokenPrices,
)
from sightline_api.services import ApiServices
from sightline_core.auth import Principal
from sightline_core.errors import Conflict
from sightline_core.price_catalogue import Catalogue
from sightline_core.price_overrides import MAX_SHORT_TEXT, LongContext, PriceOverride, tier_name
from sightline_core.price_rates import CLASSES, PRICED
from sightline_storage.metadata.precondition import MayChange
from sightline_storage.spend.price_store import StoredPrice

router = APIRouter(tags=["prices"])

Name = Annotated[str, Path(min_length=1, max_length=MAX_SHORT_TEXT, description="of the price")]

logger = logging.getLogger(__name__)


@router.get("/prices")
def list_prices(services: Services, caller: Caller) -> OwnPrices:
    """Return the project's own prices in the order in which they are tried, and the catalogue behind them."""
    stored = services.prices.stored(caller.project)
    return OwnPrices(prices=[_model(price) for price in reversed(stored)], catalogue=_catalogue(services))


@router.get("/prices/uses")
def count_price_uses(services: Services, caller: Caller, time_range: Range) -> PriceUses:
    """Return how many calls of the range have the cost that each own price gave them."""
    return PriceUses(
        uses=[
            PriceUse(name=use.name, calls=use.calls, last_call_at=use.last_call_at)
            for use in services.price_uses.own(caller.project, time_range)
        ]
    )


@router.post("/prices", status_code=201)
def create_price(services: Services, caller: Editor, body: NewOwnPrice) -> OwnPrice:
    """Make a price; 409 when there is one of that name. Running servers price by it within seconds."""

    def only_new(stored: str | None) -> None:
        if stored is not None:
            raise Conflict(f"there is an own price {body.name!r} already")

    return _set(services, caller, body.name, body, only_new)


@router.put("/prices/{name:path}")
def set_price(
    services: Services, caller: Editor, name: Name, body: OwnPriceBody, precondition: Preconditions
) -> OwnPrice:
    """Make or replace a price, for calls that arrive from now on; `sightline reprice` is for those before."""
    return _set(services, caller, name, body, precondition.check)


@router.delete("/prices/{name:path}", status_code=204, response_class=Response)
def remove_price(services: Services, caller: Editor, name: Name, precondition: Preconditions) -> None:
    """Remove a price. Calls keep the cost that they have until `sightline reprice`."""
    services.prices.remove_override(caller.project, name, may_change=precondition.check)
    logger.info(
        "An own price was removed", extra={"price": name, "project": caller.project, "by": caller.name}
    )


def _set(
    services: ApiServices, caller: Principal, name: str, body: OwnPriceBody, may_change: MayChange
) -> OwnPrice:
    price = _price(caller, name, body)
    stored = services.prices.set_override(price, now=services.now(), may_change=may_change)
    logger.info("An own price was set", extra={"price": name, "project": caller.project, "by": caller.name})
    return _model(stored)


def _price(caller: Principal, name: str, body: OwnPriceBody) -> PriceOverride:
    usual, long = body.usd_per_mtok, body.long_context
    return PriceOverride(
        name=name,
        model=body.model,
        input_usd_per_mtok=usual.input,
        output_usd_per_mtok=usual.output,
        **{f"{part}_usd_per_mtok": getattr(usual, part) for part in CLASSES},
        service_tier=tier_name(body.service_tier),
        project=caller.project,
        provider=body.provider,
        start=_utc(body.start),
        end=_utc(body.end),
        long_context=None
        if long is None
        else LongContext(long.above_input_tokens, _given(long.usd_per_mtok)),
    )


def _given(prices: LongPrices) -> dict[str, Decimal]:
    amounts = {name: getattr(prices, name) for name in PRICED}
    return {name: amount for name, amount in amounts.items() if amount is not None}


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _model(stored: StoredPrice) -> OwnPrice:
    price, long = stored.price, stored.price.long_context
    # Not checked again: what an earlier version stored is shown as it is.
    usual: dict[str, Any] = {name: price.usd_per_mtok(name) for name in PRICED}
    long_prices: dict[str, Any] = {} if long is None else dict(long.usd_per_mtok)
    long_context = long and LongContextPrices(
        above_input_tokens=long.above_input_tokens, usd_per_mtok=LongPrices.model_construct(**long_prices)
    )
    return OwnPrice(
        name=price.name,
        model=price.model,
        provider=price.provider,
        service_tier=price.service_tier,
        start=price.start,
        end=price.end,
        usd_per_mtok=TokenPrices.model_construct(**usual),
        long_context=long_context,
        changed_at=stored.changed_at,
        etag=etag(stored.tag),
    )


def _catalogue(services: ApiServices) -> PriceCatalogue:
    downloaded = services.prices.catalogue_source()
    if downloaded is None:
        return PriceCatalogue(source=Catalogue().source, fetched_at=None)
    return PriceCatalogue(source=downloaded.source, fetched_at=downloaded.fetched_at)
