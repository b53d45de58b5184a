"""Opening the metadata database: SQLite in the data directory, or PostgreSQL."""

import logging
import re
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    PoolProxiedConnection,
    QueuePool,
    Select,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from sightline_core.errors import BackendError, CallerError, ConfigurationError, SightlineError
from sightline_migrations.metadata import metadata_dry_run, migrate_metadata

log = logging.getLogger(__name__)

METADATA_FILE = "metadata.db"
_ONLY_READS = "only_reads"

_SETTINGS_AT_FAULT = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry|does not exist|invalid \w+ value"
)
"""What PostgreSQL or its client say when waiting would help nothing; of a connection there is no code."""


def sqlite_url(data_dir: Path) -> str:
    """Return the URL of the default metadata database of a data directory."""
    return f"sqlite:///{data_dir / METADATA_FILE}"


def open_metadata(database_url: str, *, server_may_be_away: bool = False) -> Engine:
    """Open the database and bring its schema up to date; the caller disposes of the engine.

    Takes `sqlite:///…` and `postgresql://…`. Raises `ConfigurationError` for another or a malformed URL. What
    the database does not do, now or later, as it is away, full or damaged, is a `BackendError`. No message
    repeats the password, a statement or what was bound to it.

    With `server_may_be_away` a server that cannot be reached is no error: whatever is asked of the engine
    raises it until the server is there, and the first connection then brings the schema up to date.
    """
    engine = look_into_metadata(database_url)
    try:
        migrate_metadata(engine)
    except BaseException as error:
        engine.dispose()  # a connection that is left would be used as it is
        if not (server_may_be_away and _is_away(engine, error)):
            raise
        log.warning(
            "the metadata database is not there; it is asked again until it is", extra={"reason": str(error)}
        )
        event.listen(engine, "do_connect", _MigratedFirst(database_url, str(error)))
    if engine.name == "postgresql":
        from sightline_storage.metadata.postgresql import wait_with_an_end

        wait_with_an_end(engine)
    return engine


def _is_away(engine: Engine, error: BaseException) -> bool:
    is_connection = isinstance(error.__cause__, engine.dialect.loaded_dbapi.OperationalError)
    return engine.name != "sqlite" and is_connection and not _SETTINGS_AT_FAULT.search(str(error))


class _MigratedFirst:
    """Has the schema brought up to date before the first connection of an engine; nobody waits for that."""

    def __init__(self, database_url: str, lacking: str) -> None:
        self._url = database_url
        self._lacking = lacking
        self._migrating = threading.Lock()

    def __call__(self, *_connection: object) -> None:
        if not self._lacking:
            return
        if not self._migrating.acquire(blocking=False):
            raise BackendError(self._lacking)
        try:
            open_metadata(self._url).dispose()
        except SightlineError as error:
            # Once others work with it, a setting that is wrong is no worse than a server that is down.
            self._lacking = str(error)
            raise BackendError(self._lacking) from error
        finally:
            self._migrating.release()
        self._lacking = ""
        log.warning("the metadata database is there")


def look_into_metadata(database_url: str) -> Engine:
    """Open the database with the schema that it has, maybe of another version; raises as `open_metadata`."""
    url = _parse(database_url)
    if url.get_backend_name() == "postgresql":
        try:
            from sightline_storage.metadata.postgresql import postgresql_engine
        except ImportError as error:
            raise ConfigurationError(
                f"SIGHTLINE_DATABASE_URL: PostgreSQL needs `pip install 'sightline[postgres]'` ({error})"
            ) from error
        engine = postgresql_engine(url, _Pool)
    else:
        engine = create_engine(url, poolclass=_Pool, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _as_backend_error, retval=True)
    return engine


class _Pool(QueuePool):
    """SQLAlchemy's, whose error for a database that holds every connection up is no `BackendError`."""

    __module__ = QueuePool.__module__  # by which it is logged

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except NoConnection as error:
            raise BackendError("the metadata database does not answer on any connection") from error


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """Return a transaction that only reads: it waits for nobody who writes, and nobody waits for it."""
    return engine.execution_options(**{_ONLY_READS: True}).begin()


def read_rows(engine: Engine, statement: Select[Any]) -> Sequence[Any]:
    """Return all rows of a statement, in a transaction of its own that only reads."""
    with reading(engine) as connection:
        return connection.execute(statement).all()


def _begin_sqlite(connection: Connection) -> None:
    # Who has read may not write once somebody else has: who is going to write waits in turn before.
    only_reads = connection.get_execution_options().get(_ONLY_READS)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def metadata_statements(database_url: str) -> str:
    """Return what migrating an empty database of that kind runs; raises as `open_metadata` for the URL."""
    return metadata_dry_run(_parse(database_url).get_backend_name())


def _parse(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError) as error:  # the latter for a port
        raise ConfigurationError("SIGHTLINE_DATABASE_URL is not a database URL") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigurationError("SIGHTLINE_DATABASE_URL must start with sqlite:// or postgresql://")
    if url.get_backend_name() == "postgresql" and "@" in f"{url.host}{url.database}":
        # The rest of the password would be looked for as a host, and be told with the failure.
        raise ConfigurationError("SIGHTLINE_DATABASE_URL has %40 for @, and %2F for /, in user and password")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigurationError("SIGHTLINE_DATABASE_URL names no file: sqlite:///folder/file.db")
    return url


def empty_log(engine: Engine) -> None:
    """Take what was deleted out of SQLite's log, too; PostgreSQL looks after its own.

    While others read or write it may stay until the next time.
    """
    if engine.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _as_backend_error(context: ExceptionContext) -> SightlineError | None:
    """Return what SQLAlchemy shall raise instead of its own error; `None` where that is for the caller."""
    if context.is_pre_ping:
        return None  # the pool takes another connection
    error = context.sqlalchemy_exception
    # Drivers refuse a number of SQLite, and half of a surrogate pair, in ways that SQLAlchemy does not wrap.
    if isinstance(context.original_exception, UnicodeEncodeError):
        return CallerError("a text has half of a surrogate pair, which is no character")
    if isinstance(error, DataError) or isinstance(context.original_exception, OverflowError):
        return CallerError("a text is too long, or a number too large, for the metadata database")
    if error is None or isinstance(error, IntegrityError):
        return None
    cause = next(iter(str(context.original_exception).strip().splitlines()), type(error).__name__)
    return BackendError(f"the metadata database cannot be used: {cause}")


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver's own transactions leave DDL outside; ours begin in `_begin_sqlite`.
    connection.isolation_level = None
    # First, as the next one waits for others, too; processes that start together wait for one to migrate.
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted would stay in the file, unused
