"""The embedded engine: ClickHouse in this process, on a directory that it alone holds.

`import chdb` takes seconds and a quarter of a gigabyte, so it happens when a store is opened, not before.
A handle serialises its calls: one is for inserts, one for commands, which sum an hour or clean up a day and
must hold no insert up meanwhile, and a pool of others for reads.
"""

import os
import queue
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from sightline_core.errors import BackendError, ConfigurationError
from sightline_migrations import Layout, MigrationFile, lacking_files, migrate_node
from sightline_storage.engines.client_engine import (
    INSERT_SETTINGS,
    READ_SETTINGS,
    backend_errors,
    run_command,
    run_insert,
    run_query,
    run_read_json,
    run_read_native,
)
from sightline_storage.engines.code_pages import release_code_pages
from sightline_storage.engines.data_dir_lock import DataDirLock
from sightline_storage.engines.engine import Node, Row
from sightline_storage.engines.written_parts import Tables, WrittenParts

DATABASE = "sightline"

_READERS = 4

# One thread for each insert keeps a block one part. The collector's journal is synced before
# the acknowledgement, and the segment is released after the insert: so the insert itself has to be on disk.
_WRITE_SETTINGS = {**INSERT_SETTINGS, "max_insert_threads": 1}

# The embedded engine passes over what it could not write. Of parts, `WrittenParts` finds out, so this only
# keeps a full disk from being tried again and again; what makes room may begin. Of tables nobody does, and
# one whose definition was cut short keeps the whole store from being opened.
_ROOM_FOR_SPANS = 64 * 1024 * 1024


class ChdbEngine:
    """Raises `StoreLocked` when another process holds the directory.

    `ConfigurationError` when it cannot be written or the engine cannot be loaded, `BackendError` when the
    engine does not start, or has no room for a new store.
    """

    def __init__(self, data_dir: Path) -> None:
        self._lock = DataDirLock(data_dir)
        self._insert_lock = threading.Lock()
        self._command_lock = threading.Lock()
        self._readers: queue.SimpleQueue[Client] = queue.SimpleQueue()
        self._clients: list[Client] = []
        self._closed = False
        self._data_dir = data_dir
        self._parts = WrittenParts(self._tables, self._run_aside)
        try:
            path = str(data_dir / "clickhouse")
            if not os.path.exists(path):
                self._require_room()
            with backend_errors():
                self._inserter = self._connect(path, "default")
                self._inserter.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
                self._inserter.command(f"USE {DATABASE}")
                for _ in range(_READERS):
                    self._readers.put(self._connect(path, DATABASE))
                self._commander = self._connect(path, DATABASE)
            self._parts.begin_again()
        except ImportError as error:
            self.close()
            # Itself it says that the engine is not installed, be it for an unknown time zone.
            raise ConfigurationError(
                f"the embedded engine cannot be loaded: {error.__context__ or error}"
            ) from error
        except BaseException:
            self.close()
            raise

    def _connect(self, path: str, database: str) -> Client:
        client = clickhouse_connect.get_client(
            interface="chdb", path=path, database=database, settings=READ_SETTINGS
        )
        self._clients.append(client)
        return client

    @contextmanager
    def _reader(self) -> Iterator[Client]:
        self._require_open()
        client = self._readers.get()
        try:
            yield client
        finally:
            self._readers.put(client)

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """See `Engine.query`."""
        self._parts.look_at_times()
        with self._reader() as client:
            return run_query(client, sql, params)

    def insert(self, table: str, columns: Sequence[str], blocks: Sequence[bytes], *, token: str) -> None:
        """See `Engine.insert`."""
        settings = {**_WRITE_SETTINGS, "insert_deduplication_token": token}
        if table == "spans":
            settings["min_free_disk_bytes_to_perform_insert"] = _ROOM_FOR_SPANS
        with self._insert_lock, self._parts.checked():
            self._require_open()
            run_insert(self._inserter, table, columns, (block for block in blocks), settings)

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """See `Engine.command`."""
        with self._command_lock, self._parts.checked():
            self._require_open()
            run_command(self._commander, sql, params)

    @property
    def layout(self) -> Layout:
        """See `Engine.layout`."""
        return Layout()

    def nodes(self) -> Sequence[Node]:
        """See `Engine.nodes`."""
        return [self]

    def read_native(self, sql: str, params: Mapping[str, Any]) -> bytes:
        """See `Engine.read_native`."""
        with self._reader() as client:
            return run_read_native(client, sql, params)

    def read_json(self, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> bytes:
        """See `Engine.read_json`."""
        with self._reader() as client:
            return run_read_json(client, sql, params, settings)

    def migrate(self) -> None:
        """See `Engine.migrate`."""
        with self._command_lock, backend_errors():
            self._require_open()
            if lacking_files([self._commander]):
                self._require_room()
            migrate_node(self._commander, self.layout)
            self._parts.begin_again()
        release_code_pages()

    def lacking(self) -> list[MigrationFile]:
        """See `Engine.lacking`."""
        with self._reader() as client, backend_errors():
            return lacking_files([client])

    def _tables(self) -> Tables:
        rows = self.query(
            "SELECT name, data_paths[1] FROM system.tables WHERE database = currentDatabase()"
            " AND engine LIKE '%MergeTree' LIMIT 1000",
            {},
        )
        return {str(name): Path(folder) for name, folder in rows}

    def _run_aside(self, sql: str) -> None:
        with self._reader() as client:
            run_command(client, sql)

    def _require_room(self) -> None:
        free = shutil.disk_usage(self._data_dir).free
        if free < _ROOM_FOR_SPANS:
            raise BackendError(
                f"the disk of {self._data_dir} has {free >> 20} MB free; to make or migrate a store it takes"
                f" {_ROOM_FOR_SPANS >> 20}"
            )

    def _require_open(self) -> None:
        if self._closed:
            raise BackendError("the store is closed")

    def close(self) -> None:
        """See `Engine.close`."""
        with self._insert_lock, self._command_lock:
            self._closed = True
            for client in self._clients:
                client.close()
            self._clients.clear()
        self._lock.release()
