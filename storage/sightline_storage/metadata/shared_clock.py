"""The clock that all processes on one metadata database share, whatever their own ones say."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, select

from sightline_storage.metadata.metadata_database import reading


def shared_time(connection: Connection) -> datetime:
    """Return the time by PostgreSQL's clock; processes on SQLite are on one machine, and have its own."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    # The statement's, not the transaction's, which may have waited for another one.
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now


class SharedClock:
    """Thread-safe; asks the database each time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self) -> datetime:
        """Return the time; `BackendError` when the database does not answer."""
        with reading(self._engine) as connection:
            return shared_time(connection).astimezone(UTC)
