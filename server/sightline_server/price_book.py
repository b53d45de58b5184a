"""The pricer of a running server: own prices and the newest catalogue, as they change."""

import logging

from sightline_core.price_catalogue import Catalogue, UnusableCatalogue, read_catalogue
from sightline_core.price_overrides import PriceOverride
from sightline_core.pricing import CataloguePricer, ModelCall, Price
from sightline_storage.spend.price_store import PriceStore

logger = logging.getLogger(__name__)


class PriceBook:
    """A `Pricer` as of the last `refresh`, which a `Refresher` calls every few seconds."""

    def __init__(self, prices: PriceStore) -> None:
        self._prices = prices
        self._sha256 = ""
        self._catalogue = Catalogue()
        self._overrides: list[PriceOverride] = []
        self._pricer = CataloguePricer(self._catalogue)

    def price(self, call: ModelCall) -> Price:
        """See `Pricer.price`."""
        return self._pricer.price(call)

    def refresh(self) -> None:
        """Read what changed; raises the database's error, and then keeps what it knows."""
        overrides, sha256 = self._prices.overrides(), self._prices.catalogue_sha256()
        if (overrides, sha256) == (self._overrides, self._sha256):
            return
        if sha256 != self._sha256:
            self._catalogue, self._sha256 = self._newest(), sha256
        self._overrides = overrides
        self._pricer = CataloguePricer(self._catalogue, overrides)

    def _newest(self) -> Catalogue:
        stored = self._prices.catalogue()
        if stored is None:
            return Catalogue()
        try:
            return read_catalogue(stored.document, stored.fetched_at)
        except UnusableCatalogue as error:  # written by a version that reads more than this one
            logger.warning("The downloaded price catalogue is not used", extra={"reason": str(error)})
            return Catalogue()
