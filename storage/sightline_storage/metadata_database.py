"""Opening the metadata database: SQLite in the data directory, or PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from sightline_core.errors import BackendError, ConfigurationError
from sightline_migrations.metadata import migrate_metadata

METADATA_FILE = "metadata.db"


def sqlite_url(data_dir: Path) -> str:
    """Return the URL of the default metadata database of a data directory."""
    return f"sqlite:///{data_dir / METADATA_FILE}"


def copy_sqlite(engine: Engine, target: Path) -> bool:
    """Copy an SQLite database as of one moment, while others write; false for another kind of database."""
    if engine.url.get_backend_name() != "sqlite":
        return False
    with closing(sqlite3.connect(target)) as copy, closing(engine.raw_connection()) as connection:
        source: Any = connection.driver_connection
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, that can be copied as it is
    return True


def open_metadata(database_url: str) -> Engine:
    """Open the database and bring its schema up to date; the caller disposes of the engine.

    Takes `sqlite:///…` and `postgresql://…`. Raises `ConfigurationError` for another or a malformed URL, and
    `BackendError` when the database cannot be reached. No message repeats the password.
    """
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError) as error:  # the latter for a port
        raise ConfigurationError("SIGHTLINE_DATABASE_URL is not a database URL") from error
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    elif url.get_backend_name() == "sqlite":
        engine = create_engine(url)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        raise ConfigurationError("SIGHTLINE_DATABASE_URL must start with sqlite:// or postgresql://")
    try:
        migrate_metadata(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        cause = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
        raise BackendError(f"the metadata database cannot be used: {cause}") from error
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver's own transactions leave DDL outside; with `BEGIN IMMEDIATE` writers wait in turn.
    connection.isolation_level = None
    # First, as the next one waits for others, too; processes that start together wait for one to migrate.
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
