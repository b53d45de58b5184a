"""Which background jobs fail, since when and why, in the metadata database: whichever process has met it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Engine, String, Table, Text, delete, insert, select, update

from sightline_storage.metadata.metadata_database import read_rows
from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime
from sightline_storage.metadata.shared_clock import shared_time

JOB_FAILURES = Table(
    "job_failures",
    METADATA,
    Column("name", String(100), primary_key=True),
    # When the first of the turns failed between which none succeeded.
    Column("since", UtcDateTime, nullable=False),
    # Whose log has more: of the last of these turns.
    Column("holder", String(MAX_NAME), nullable=False),
    Column("reason", Text, nullable=False),
)

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class FailingJob:
    """A job whose last turn failed; `holder` is `host/pid/…` of the process that took it."""

    name: str
    since: datetime
    holder: str
    reason: str


class JobFailures:
    """Thread-safe. A job runs in one process at a time, so one row has all that is true of it."""

    def __init__(self, engine: Engine, holder: str) -> None:
        self._engine = engine
        self._holder = holder

    def met(self, name: str, reason: str) -> None:
        """Note that a turn failed."""
        this = JOB_FAILURES.c.name == name
        values = {"holder": self._holder, "reason": reason[:_LONGEST_REASON]}
        with self._engine.begin() as connection:
            if connection.execute(update(JOB_FAILURES).where(this).values(values)).rowcount == 0:
                since = shared_time(connection)
                connection.execute(insert(JOB_FAILURES).values(name=name, since=since, **values))

    def over(self, name: str) -> None:
        """Note that a turn succeeded."""
        with self._engine.begin() as connection:
            connection.execute(delete(JOB_FAILURES).where(JOB_FAILURES.c.name == name))

    def keep_only(self, names: Collection[str]) -> None:
        """Forget jobs that are no more, as their settings are gone: none of their turns will succeed."""
        with self._engine.begin() as connection:
            connection.execute(delete(JOB_FAILURES).where(JOB_FAILURES.c.name.not_in(names)))


def failing_jobs(engine: Engine) -> list[FailingJob]:
    """Return the jobs that fail, by name."""
    rows = read_rows(engine, select(JOB_FAILURES).order_by(JOB_FAILURES.c.name))
    return [FailingJob(row.name, row.since, row.holder, row.reason) for row in rows]
