"""Since when spans wait in the journals of collectors: workers are processes of their own, and cannot see it.

All times are by the clock of the metadata database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Engine, String, Table, delete, select

from sightline_storage.metadata.metadata_database import read_rows, reading
from sightline_storage.metadata.metadata_tables import METADATA, UtcDateTime
from sightline_storage.metadata.shared_clock import shared_time
from sightline_storage.metadata.upsert import upsert

COLLECTOR_BACKLOGS = Table(
    "collector_backlogs",
    METADATA,
    # Host and data directory: whoever goes on with the journal after a restart takes over the row.
    Column("collector", String(500), primary_key=True),
    Column("waiting_since", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
)

COUNTS_FOR: Final = timedelta(minutes=10)
"""How long what a collector told counts, unless it tells again: by then it is back, or missing itself."""

_KEPT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CollectorBacklog:
    """A collector that has not stored what arrived since then, as it told last."""

    collector: str
    waiting_since: datetime
    told_at: datetime


class CollectorBacklogs:
    """Thread-safe. A collector without a row has nothing that waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tell(self, collector: str, waits_for: timedelta) -> None:
        """Note that spans wait in a collector, the oldest for so long."""
        with self._engine.begin() as connection:
            now = shared_time(connection)
            values = {"waiting_since": now - waits_for, "told_at": now}
            upsert(connection, COLLECTOR_BACKLOGS, {"collector": collector}, values)
            gone = COLLECTOR_BACKLOGS.c.told_at < now - _KEPT_FOR
            connection.execute(delete(COLLECTOR_BACKLOGS).where(gone))

    def over(self, collector: str) -> None:
        """Note that nothing waits any more."""
        with self._engine.begin() as connection:
            this = COLLECTOR_BACKLOGS.c.collector == collector
            connection.execute(delete(COLLECTOR_BACKLOGS).where(this))

    def all(self) -> list[CollectorBacklog]:
        """Return what was told within the last day, the oldest that waits first."""
        told = select(COLLECTOR_BACKLOGS).order_by("waiting_since", "collector")
        return [CollectorBacklog(*row) for row in read_rows(self._engine, told)]

    def waiting_since(self) -> datetime | None:
        """Return when the oldest span arrived that waits; None: none does, as far as it was told lately."""
        with reading(self._engine) as connection:
            counts = COLLECTOR_BACKLOGS.c.told_at > shared_time(connection) - COUNTS_FOR
            told = select(COLLECTOR_BACKLOGS.c.waiting_since).where(counts)
            return min(connection.execute(told).scalars(), default=None)
