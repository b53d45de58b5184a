"""How far each background job that follows the writes has looked, in the metadata database."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Engine, String, Table, select

from sightline_core.nanoseconds import to_ns
from sightline_storage.metadata.metadata_database import reading
from sightline_storage.metadata.metadata_tables import METADATA
from sightline_storage.metadata.upsert import upsert

JOB_PROGRESS = Table(
    "failure_progress",  # named when only the jobs for failures had any
    METADATA,
    Column("name", String(40), primary_key=True),
    # Up to where the job has looked, nanoseconds since the epoch by the store's clock.
    Column("ingested_ns", BigInteger, nullable=False),
)

SKEW = timedelta(minutes=1)
"""By how much the clocks of two workers may differ."""


class JobProgress:
    """Thread-safe. A job finds its place again after a restart, and in another process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seen_ns(self, job: str, now: datetime) -> int:
        """Return up to where a job has looked, in nanoseconds since the epoch by the store's clock.

        0 at first, and when the clock was set back since: nobody knows what was written in between.
        """
        statement = select(JOB_PROGRESS.c.ingested_ns).where(JOB_PROGRESS.c.name == job)
        with reading(self._engine) as connection:
            found = int(connection.execute(statement).scalar() or 0)
            return found if found <= to_ns(now + SKEW) else 0

    def set_seen_ns(self, job: str, until_ns: int) -> None:
        """Remember up to where a job has looked."""
        with self._engine.begin() as connection:
            upsert(connection, JOB_PROGRESS, {"name": job}, {"ingested_ns": until_ns})
