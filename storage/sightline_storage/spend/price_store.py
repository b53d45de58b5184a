"""Prices in the metadata database: own prices by project, and the downloaded catalogue."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Row, delete, func, insert, select

from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import ProjectId
from sightline_core.price_overrides import PriceOverride
from sightline_core.price_rates import CLASSES
from sightline_storage.spend.price_tables import PRICE_CATALOGUES, PRICE_OVERRIDES

_O = PRICE_OVERRIDES.c
_C = PRICE_CATALOGUES.c
_CLASSES = tuple(f"{name}_usd_per_mtok" for name in CLASSES)
MAX_OVERRIDES = 10_000
"""Of all projects; each call that has no cached rate looks through them."""


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
        statement = select(PRICE_OVERRIDES).order_by(_O.changed_at, _O.project, _O.name)
        if project is not None:
            statement = statement.where(_O.project == project)
        with self._engine.begin() as connection:
            return [_override(row) for row in connection.execute(statement.limit(MAX_OVERRIDES))]

    def set_override(self, override: PriceOverride, *, now: datetime) -> None:
        """Add or replace the price with this project and name."""
        values = {
            "project": override.project,
            "name": override.name,
            "provider": override.provider,
            "model": override.model,
            "input_usd_per_mtok": str(override.input_usd_per_mtok),
            "output_usd_per_mtok": str(override.output_usd_per_mtok),
            **{name: _text(getattr(override, name)) for name in _CLASSES},
            "service_tier": override.service_tier,
            "start_at": override.start,
            "end_at": override.end,
            "changed_at": now,
        }
        same = (_O.project == override.project, _O.name == override.name)
        with self._engine.begin() as connection:
            connection.execute(delete(PRICE_OVERRIDES).where(*same))
            if int(connection.execute(select(func.count()).select_from(PRICE_OVERRIDES)).scalar_one()) >= (
                MAX_OVERRIDES
            ):
                raise CallerError(f"there are {MAX_OVERRIDES} own prices already")
            connection.execute(insert(PRICE_OVERRIDES).values(**values))

    def remove_override(self, project: ProjectId, name: str) -> None:
        """Remove a price; `NotFound` when there is none."""
        same = (_O.project == project, _O.name == name)
        with self._engine.begin() as connection:
            if connection.execute(delete(PRICE_OVERRIDES).where(*same)).rowcount == 0:
                raise NotFound(f"project {project} has no own price {name!r}")

    def catalogue_sha256(self) -> str:
        """Return the hash of the downloaded catalogue, "" when none was downloaded."""
        with self._engine.begin() as connection:
            return connection.execute(select(_C.sha256)).scalar() or ""

    def catalogue(self) -> StoredCatalogue | None:
        """Return the downloaded catalogue; None when the one of the installation counts."""
        columns = (_C.document, _C.sha256, _C.source, _C.fetched_at)
        with self._engine.begin() as connection:
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


def _override(row: Row[Any]) -> PriceOverride:
    return PriceOverride(
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
    )


def _text(price: Decimal | None) -> str | None:
    return None if price is None else str(price)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
