"""Copying a metadata database on SQLite, putting a copy in place, and finding out whether one is damaged."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from sightline_core.errors import BackendError
from sightline_storage.durable import put_in_place
from sightline_storage.metadata.metadata_database import open_metadata


def copy_sqlite(engine: Engine, target: Path) -> bool:
    """Copy an SQLite database as of one moment, while others write; false for another kind of database.

    Raises `BackendError` when what was copied is damaged, or the disk does not take it.
    """
    if engine.url.get_backend_name() != "sqlite":
        return False
    try:
        with closing(sqlite3.connect(target)) as copy, closing(engine.raw_connection()) as connection:
            source: Any = connection.driver_connection
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, that can be copied as it is
            _check(copy)
    except sqlite3.Error as error:
        raise BackendError(f"the metadata database cannot be copied to {target}: {error}") from error
    return True


def restore_sqlite(copy: Path, target: Path) -> None:
    """Put a copy in place where there is no database, migrated and checked.

    Raises `BackendError` when it cannot be used, and then leaves none.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_suffix(".restoring")
    try:
        _remove_logs(partial)
        _copy_usable(copy, partial)
        _remove_logs(target)
        put_in_place(partial, target)  # a power loss may leave no empty file, which passes for a new database
    finally:
        partial.unlink(missing_ok=True)
        _remove_logs(partial)


def _copy_usable(copy: Path, partial: Path) -> None:
    try:
        if not copy.stat().st_size:
            raise BackendError("the file is empty")  # which SQLite takes for a new database
        shutil.copyfile(copy, partial)
        engine = open_metadata(f"sqlite:///{partial}")  # a copy by an older version is migrated
        try:
            check_sqlite(engine)
        finally:
            engine.dispose()
    except BackendError as error:
        raise BackendError(f"{copy} cannot be restored: {error}") from error


def _remove_logs(file: Path) -> None:
    """Remove what a crash left beside a database that is gone: SQLite would take it for part of the next."""
    for suffix in ("-wal", "-shm", "-journal"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)


def check_sqlite(engine: Engine) -> None:
    """Raise `BackendError` when the database is SQLite and damaged; it is read whole, while others write."""
    if engine.url.get_backend_name() == "sqlite":
        with closing(engine.raw_connection()) as connection:
            _check(connection.driver_connection)


def _check(connection: Any) -> None:
    try:
        ((found,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackendError(f"the metadata database is damaged: {found.splitlines()[-1]}")
