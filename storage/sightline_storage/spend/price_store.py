"""Prices in the metadata database: own prices by project, and the downloaded catalogue."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sightline_core.errors import CallerError, Conflict, NotFound
from sightline_core.ids import ProjectId
from sightline_core.price_overrides import LongContext, PriceOverride, check_override
from sightline_core.price_rates import CLASSES
from sightline_storage.metadata.metadata_database import read_rows, reading
from sightline_storage.metadata.precondition import MayChange, always
from sightline_storage.spend.price_tables import PRICE_CATALOGUES, PRICE_OVERRIDES

_O = PRICE_OVERRIDES.c
_C = PRICE_CATALOGUES.c
_CLASSES = tuple(f"{name}_usd_per_mtok" for name in CLASSES)
MAX_OVERRIDES = 10_000
"""Of all projects; each call that has no cached rate looks through them."""
MAX_PROJECT_OVERRIDES = 1_000
"""Of one project, so that none takes the room of the others."""


@dataclass(frozen=True, slots=True)
class StoredPrice:
    """An own price, and when it was set."""

    price: PriceOverride
    changed_at: datetime

    @property
    def tag(self) -> str:
        """What tells the price from one of the same name that was set to something else."""
        return hashlib.sha256(repr(_values(self.price)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class CatalogueSource:
    """Where and when the catalogue was downloaded."""

    source: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCatalogue:
    """What was downloaded last. `sha256` tells whether it changed."""

    document: str
    sha256: str
    source: str
    fetched_at: datetime


class PriceStore:
    """Thread-safe. Changes are seen by pricers at their next refresh."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overrides(self, project: ProjectId | None = None) -> list[PriceOverride]:
        """Return the own prices of one project or of all, the last changed one last."""
        return [stored.price for stored in self.stored(project)]

    def stored(self, project: ProjectId | None = None) -> list[StoredPrice]:
        """Return the same with when they were set."""
        statement = select(PRICE_OVERRIDES).order_by(_O.changed_at, _O.project, _O.name)
        if project is not None:
            statement = statement.where(_O.project == project)
        return [_stored(row) for row in read_rows(self._engine, statement.limit(MAX_OVERRIDES))]

    def set_override(
        self, override: PriceOverride, *, now: datetime, may_change: MayChange = always
    ) -> StoredPrice:
        """Add or replace the price with this project and name; `CallerError` for one that cannot be."""
        check_override(override)
        same = (_O.project == override.project, _O.name == override.name)
        values = {**_values(override), "changed_at": now}
        try:
            with self._engine.begin() as connection:
                before = _find(connection, override.project, override.name)
                may_change(None if before is None else before.tag)
                if before is None:
                    _require_room(connection, override.project)
                    connection.execute(insert(PRICE_OVERRIDES).values(values))
                else:
                    connection.execute(update(PRICE_OVERRIDES).where(*same).values(values))
        except IntegrityError as error:
            raise Conflict("another price of this name was set at the same moment") from error
        return StoredPrice(override, now)

    def remove_override(self, project: ProjectId, name: str, *, may_change: MayChange = always) -> None:
        """Remove a price; `NotFound` when there is none."""
        with self._engine.begin() as connection:
            before = _find(connection, project, name)
            may_change(None if before is None else before.tag)
            if before is None:
                raise NotFound(f"project {project} has no own price {name!r}")
            connection.execute(delete(PRICE_OVERRIDES).where(_O.project == project, _O.name == name))

    def catalogue_sha256(self) -> str:
        """Return the hash of the downloaded catalogue, "" when none was downloaded."""
        with reading(self._engine) as connection:
            return connection.execute(select(_C.sha256)).scalar() or ""

    def catalogue_source(self) -> CatalogueSource | None:
        """Return where the downloaded catalogue is from; None when the one of the installation counts."""
        with reading(self._engine) as connection:
            row = connection.execute(select(_C.source, _C.fetched_at)).first()
        return CatalogueSource(*row) if row is not None else None

    def catalogue(self) -> StoredCatalogue | None:
        """Return the downloaded catalogue; None when the one of the installation counts."""
        columns = (_C.document, _C.sha256, _C.source, _C.fetched_at)
        with reading(self._engine) as connection:
            row = connection.execute(select(*columns)).first()
        return StoredCatalogue(*row) if row is not None else None

    def replace_catalogue(self, document: str, source: str, *, now: datetime) -> StoredCatalogue:
        """Put another catalogue in the place of the last, in one transaction: nobody sees half of it."""
        stored = StoredCatalogue(document, hashlib.sha256(document.encode()).hexdigest(), source[:500], now)
        with self._engine.begin() as connection:
            connection.execute(delete(PRICE_CATALOGUES))
            connection.execute(
                insert(PRICE_CATALOGUES).values(
                    id=1, document=document, sha256=stored.sha256, source=stored.source, fetched_at=now
                )
            )
        return stored

    def drop_catalogue(self) -> None:
        """Go back to the catalogue of the installation."""
        with self._engine.begin() as connection:
            connection.execute(delete(PRICE_CATALOGUES))


def _find(connection: Connection, project: str, name: str) -> StoredPrice | None:
    """Return the price, which stays as it is until the transaction ends."""
    statement = select(PRICE_OVERRIDES).where(_O.project == project, _O.name == name).with_for_update()
    row = connection.execute(statement).one_or_none()
    return None if row is None else _stored(row)


def _require_room(connection: Connection, project: str) -> None:
    count = select(func.count()).select_from(PRICE_OVERRIDES)
    for most, counted in (
        (MAX_PROJECT_OVERRIDES, count.where(_O.project == project)),
        (MAX_OVERRIDES, count),
    ):
        if int(connection.execute(counted).scalar_one()) >= most:
            raise CallerError(f"there are {most} own prices already")


def _values(override: PriceOverride) -> dict[str, Any]:
    """Return the row of a price, without when it was set."""
    return {
        "project": override.project,
        "name": override.name,
        "provider": override.provider,
        "model": override.model,
        "input_usd_per_mtok": str(override.input_usd_per_mtok),
        "output_usd_per_mtok": str(override.output_usd_per_mtok),
        **{name: _text(getattr(override, name)) for name in _CLASSES},
        "long_context": _long_context_text(override.long_context),
        "service_tier": override.service_tier,
        "start_at": override.start,
        "end_at": override.end,
    }


def _stored(row: Row[Any]) -> StoredPrice:
    price = PriceOverride(
        name=row.name,
        model=row.model,
        input_usd_per_mtok=Decimal(row.input_usd_per_mtok),
        output_usd_per_mtok=Decimal(row.output_usd_per_mtok),
        **{name: _decimal(getattr(row, name)) for name in _CLASSES},
        service_tier=row.service_tier,
        project=row.project,
        provider=row.provider,
        start=row.start_at,
        end=row.end_at,
        long_context=_long_context(row.long_context),
    )
    return StoredPrice(price, row.changed_at)


def _long_context_text(long: LongContext | None) -> str | None:
    if long is None:
        return None
    prices = {name: str(price) for name, price in sorted(long.usd_per_mtok.items())}
    return json.dumps({"above_input_tokens": long.above_input_tokens, "usd_per_mtok": prices})


def _long_context(text: str | None) -> LongContext | None:
    if text is None:
        return None
    document = json.loads(text)
    prices = {name: Decimal(price) for name, price in document["usd_per_mtok"].items()}
    return LongContext(document["above_input_tokens"], prices)


def _text(price: Decimal | None) -> str | None:
    return None if price is None else str(price)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
