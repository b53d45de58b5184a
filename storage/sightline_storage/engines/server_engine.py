"""A ClickHouse server or cluster over HTTP. Any node answers for the whole cluster."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import clickhouse_connect
import zstandard
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError

from sightline_core.errors import BackendError, ConfigurationError, SightlineError
from sightline_migrations import Layout, MigrationFile, lacking_files, migrate_nodes
from sightline_storage.config import ServerAddress
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
from sightline_storage.engines.engine import Node, Row

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 5
_REQUEST_TIMEOUT_S = 60
_FIRST_ANSWER_TIMEOUT_S = 10  # who starts, and takes spans, waits for no server that hangs

# An acknowledged block is on its shards, not in a queue of the node that took it; rows that reached one shard
# before another failed are there twice when the block is sent again, unless replicated tables know its token.
# INSERT … SELECT goes through the node that was asked: shard-to-shard copying would keep rows on the shard
# that they were computed on.
# The client has an answer buffered whole before its status is sent. By itself the server does that in a file,
# and a node whose disk is full would answer nothing that it holds; larger answers still go through one.
_CONNECTION_SETTINGS = {
    **READ_SETTINGS,
    "buffer_size": 32 * 1024 * 1024,
    "distributed_foreground_insert": 1,
    "parallel_distributed_insert_select": 0,
    "async_insert": 0,
}

# A query that nobody waits for any more, as its process is gone, ends; the server lets go only of what it may
# not write by.
_ENDS_WITH_ITS_READER = {"readonly": 2, "cancel_http_readonly_queries_on_client_close": 1}

_SETTINGS_AT_FAULT = {164: "READONLY", 497: "ACCESS_DENIED", 516: "AUTHENTICATION_FAILED"}
"""Codes of ClickHouse that say that this user may not do what is needed, and will not in a minute."""

_Result = TypeVar("_Result")


class _ServerNode:
    """One node, which is connected to when it is first asked; see `engine.Node`."""

    def __init__(self, engine: "ServerEngine", number: int) -> None:
        self._engine = engine
        self._number = number

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        return run_query(self._engine.client(self._number), sql, params, _ENDS_WITH_ITS_READER)

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        run_command(self._engine.client(self._number), sql, params)


class ServerEngine:
    """Talks to one of several nodes and moves on to the next when that one cannot be reached."""

    def __init__(self, address: ServerAddress) -> None:
        self.address = address
        self.layout = Layout(cluster=address.cluster, replicated=address.replicated)
        self._clients: dict[int, Client] = {}
        self._lock = threading.Lock()
        self._current = 0
        self._migrating = threading.Lock()
        self._unusable = ""
        """Why `migrate` did not come to its end; whatever is asked next begins with it."""

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """See `Engine.query`."""
        return self._on_a_node(lambda client: run_query(client, sql, params, _ENDS_WITH_ITS_READER))

    def insert(self, table: str, columns: Sequence[str], blocks: Sequence[bytes], *, token: str) -> None:
        """See `Engine.insert`."""
        settings = {**INSERT_SETTINGS, "insert_deduplication_token": token}
        # In one piece: an iterator would be empty when the client sends the request a second time.
        body = zstandard.ZstdCompressor(level=1).compress(b"".join(blocks))
        self._on_a_node(lambda client: run_insert(client, table, columns, body, settings, "zstd"))

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """See `Engine.command`."""
        self._on_a_node(lambda client: run_command(client, sql, params))

    def nodes(self) -> Sequence[Node]:
        """See `Engine.nodes`."""
        self._require_migrated()
        return [_ServerNode(self, number) for number in range(len(self.address.hosts))]

    def read_native(self, sql: str, params: Mapping[str, Any]) -> bytes:
        """See `Engine.read_native`."""
        return self._on_a_node(lambda client: run_read_native(client, sql, params, _ENDS_WITH_ITS_READER))

    def read_json(self, sql: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> bytes:
        """See `Engine.read_json`."""
        return self._on_a_node(
            lambda client: run_read_json(client, sql, params, {**_ENDS_WITH_ITS_READER, **settings})
        )

    def migrate(self) -> None:
        """See `Engine.migrate`; raises `ConfigurationError`, too, when a node refuses the user or cluster.

        After a failure, whatever is asked of the engine tries this first, unless all that failed is that a
        node cannot be reached: the others are up to date.
        """
        with self._migrating:
            try:
                away = self._migrate_reached()
            except SightlineError as error:
                self._unusable = str(error)
                if getattr(error.__cause__, "code", None) in _SETTINGS_AT_FAULT:
                    raise ConfigurationError(self._unusable) from error
                raise
            self._unusable = ""
        if away is not None:
            raise away

    def _migrate_reached(self) -> BackendError | None:
        """Migrate the nodes; return why one cannot be reached, where the others lack nothing."""
        clients: list[Client] = []
        away: BackendError | None = None
        for node in range(len(self.address.hosts)):
            try:
                first = self._connect(node, send_receive_timeout=_FIRST_ANSWER_TIMEOUT_S)
                with first as client, backend_errors():
                    _make_database(client, self.address.database)
                clients.append(self.client(node))
            except BackendError as error:
                if not _is_gone(error):
                    raise
                away = error
        self._require_cluster(clients)
        with backend_errors():
            if away is None:
                self._require_shards(clients)
                migrate_nodes(clients, self.layout)
            elif not clients or lacking_files(clients):
                raise away
        return away

    def _require_cluster(self, clients: Sequence[Client]) -> None:
        sql = "SELECT DISTINCT cluster FROM system.clusters ORDER BY cluster LIMIT 100"
        for client in clients if self.address.cluster else ():
            known = run_query(client, sql, {})
            if (self.address.cluster,) not in known:
                names = ", ".join(str(name) for (name,) in known) or "none"
                raise ConfigurationError(
                    f"ClickHouse knows no cluster {self.address.cluster!r}, only: {names}"
                )

    def _require_shards(self, clients: Sequence[Client]) -> None:
        """Who migrates, deletes or drops what is too old asks each node of the URL, and no other one."""
        sql = (
            "SELECT shard_num, max(is_local) FROM system.clusters WHERE cluster = {cluster:String}"
            " GROUP BY shard_num ORDER BY shard_num LIMIT 10000"
        )
        params = {"cluster": self.address.cluster}
        seen = [run_query(client, sql, params) for client in clients] if self.address.cluster else []
        own = [{int(shard) for shard, is_local in rows if is_local} for rows in seen]
        if not all(own):
            return  # behind a proxy, say: a node does not know itself, and nobody can tell
        lacking = sorted({int(shard) for rows in seen for shard, _ in rows} - set().union(*own))
        if lacking:
            numbers = ", ".join(map(str, lacking))
            raise ConfigurationError(
                f"the ClickHouse URL names no host of shard {numbers} of the cluster"
                f" {self.address.cluster!r}: nothing would be deleted there"
            )

    def _require_migrated(self) -> None:
        """Raise `BackendError` while `migrate` fails. Who comes first tries again; nobody waits for that."""
        if not self._unusable:
            return
        if self._migrating.locked():
            raise BackendError(self._unusable)
        try:
            self.migrate()
        except SightlineError as error:
            if self._unusable:
                # Once spans wait for it, a setting that is wrong is no worse than a server that is down.
                raise BackendError(self._unusable) from error
        log.info("ClickHouse is there")

    def lacking(self) -> list[MigrationFile]:
        """See `Engine.lacking`."""
        with backend_errors():
            return lacking_files(self._all_clients())

    def client(self, node: int) -> Client:
        """Return the connection to one node of `address.hosts`, with the database chosen."""
        if node not in self._clients:
            # Not under the lock: a node that is away must not hold up those who ask another one.
            client = self._connect(
                node,
                send_receive_timeout=_REQUEST_TIMEOUT_S,
                database=self.address.database,
                settings=_CONNECTION_SETTINGS,
            )
            with self._lock:
                self._clients.setdefault(node, client)
        return self._clients[node]

    def _all_clients(self) -> list[Client]:
        return [self.client(node) for node in range(len(self.address.hosts))]

    def close(self) -> None:
        """See `Engine.close`."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _on_a_node(self, work: Callable[[Client], _Result]) -> _Result:
        self._require_migrated()
        nodes = len(self.address.hosts)
        first = self._current
        for attempt in range(nodes):
            node = (first + attempt) % nodes
            try:
                result = work(self.client(node))
            except BackendError as error:
                if not _is_gone(error) or attempt == nodes - 1:
                    raise
                log.warning("a ClickHouse node cannot be reached", extra={"node": node})
            else:
                self._current = node
                return result
        raise AssertionError("an address has at least one host")

    def _connect(self, node: int, **more: Any) -> Client:
        host, port = self.address.hosts[node]
        with backend_errors():
            return clickhouse_connect.get_client(
                host=host,
                port=port,
                username=self.address.user,
                password=self.address.password,
                secure=self.address.secure,
                connect_timeout=_CONNECT_TIMEOUT_S,
                # A session would serialise the threads that share the client.
                autogenerate_session_id=False,
                query_retries=1,
                **more,
            )


def _make_database(client: Client, name: str) -> None:
    """Asked for before it is made, as that takes a right that the user of a store need not have."""
    if not client.command(f"EXISTS DATABASE `{name}`"):
        client.command(f"CREATE DATABASE IF NOT EXISTS `{name}`")


def _is_gone(error: BackendError) -> bool:
    return isinstance(error.__cause__, OperationalError | OSError)
