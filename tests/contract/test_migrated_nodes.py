"""Several nodes are migrated file by file: shards, and replicas as far as the chdb wheel's listener goes.

That engine has no Keeper of its own, opens no port for replicas to fetch from each other, and so leaves every
replicated table read-only. A coordination service in its memory is enough to make the tables, and to refuse a
replica that differs from what is written there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from tests.contract.conftest import Listener

from sightline_core.errors import BackendError, ConfigurationError
from sightline_migrations import (
    Layout,
    MigrationFile,
    clickhouse_runner,
    migrate_node,
    migrate_nodes,
    migration_files,
    pending_files,
)
from sightline_migrations.clickhouse_files import sharded_tables
from sightline_storage import StoreConfig, open_store
from sightline_storage.condition import NodeCondition, node_conditions
from sightline_storage.config import ServerAddress
from sightline_storage.engines.server_engine import ServerEngine

LAYOUT = Layout(cluster="pair", replicated=True)
LATER = tuple(
    MigrationFile(9001 + number, name, text)
    for number, (name, text) in enumerate(
        {
            "reviewer": "ALTER TABLE {spans} ADD COLUMN IF NOT EXISTS reviewer String;",
            "reviewed": "ALTER TABLE {spans} ADD INDEX IF NOT EXISTS by_reviewer reviewer TYPE set(9);\n"
            "CREATE MATERIALIZED VIEW IF NOT EXISTS reviewed TO {trace_index}"
            " AS SELECT project, trace_id FROM {spans} WHERE reviewer != '';",
            "reviews": "CREATE TABLE IF NOT EXISTS {reviews} (id String) ENGINE = MergeTree ORDER BY id;",
            "review_text": "ALTER TABLE {reviews} ADD COLUMN IF NOT EXISTS text String;",
        }.items()
    )
)
STORED = {LAYOUT.stored_table(table) for table in sharded_tables()}
TABLES = STORED | set(sharded_tables()) | {"trace_index_of_spans"}


class Replica:
    """A database of one server, as a node; all of them know the same coordination service.

    ClickHouse keeps their replicated tables read-only, so an `ALTER` is played: ClickHouse makes the new
    definition on a table without replication, and every copy is dropped and made anew with it.
    """

    def __init__(self, client: Client, database: str, all_of_them: "list[Replica]") -> None:
        self.client, self.database = client, database
        self._replicas = all_of_them
        self.fails_at = ""

    def query(self, query: str) -> Any:
        """See `Node`."""
        return self.client.query(query)

    def command(self, cmd: str) -> None:
        """See `Node`."""
        if self.fails_at and self.fails_at in cmd:
            raise ConnectionError(cmd)
        # On two servers the databases have one name, and the servers a macro each.
        cmd = cmd.replace("/{database}/", "/store/").replace("'{replica}'", "'{replica}_{database}'")
        for replica in self._replicas:
            cmd = cmd.replace(replica.database, self.database)
        altered = re.match(r"ALTER TABLE (\w+)", cmd)
        if altered and self.engine(altered[1]).startswith("Replicated"):
            with pytest.raises(DatabaseError, match=r"TABLE_IS_READ_ONLY|ABORTED"):
                self.client.command(cmd)
            if "ADD" in cmd or "DROP" in cmd:
                self._play(altered[1], cmd)
        else:
            self.client.command(cmd)

    def engine(self, table: str) -> str:
        """Return the engine of a table, "" when there is none."""
        return str(self._about(table, "engine"))

    def definition(self, table: str) -> str:
        """Return what would make the table as it is now, in a database `copy_0`."""
        return str(self._about(table, "create_table_query")).replace(self.database, "copy_0")

    def _about(self, table: str, column: str) -> object:
        found = self.client.query(
            f"SELECT {column} FROM system.tables WHERE database = currentDatabase() AND name = '{table}'"
        ).result_rows
        return found[0][0] if found else ""

    def _play(self, table: str, alter: str) -> None:
        definition = self.definition(table)
        replicated = re.search(r"ENGINE = Replicated(\w+)\('.*?', '.*?'(?:, )?(.*?)\)", definition)
        assert replicated is not None
        plain = f"ENGINE = {replicated[1]}({replicated[2]})" if replicated[2] else f"ENGINE = {replicated[1]}"
        self._make(definition.replace(replicated[0], plain).replace(f".{table}", ".played"))
        self.client.command(alter.replace(table, "played"))
        played = self.definition("played").replace(plain, replicated[0]).replace(".played", f".{table}")
        self.client.command("DROP TABLE played SYNC")
        copies = [replica for replica in self._replicas if replica.engine(table)]
        for replica in copies:
            replica.client.command(f"DROP TABLE {table} SYNC")
        for replica in copies:
            replica._make(played)

    def _make(self, definition: str) -> None:
        self.client.command(definition.replace("copy_0", self.database))


@pytest.fixture
def add_replica(listeners: tuple[Listener, Listener]) -> Iterator[Callable[[], Replica]]:
    """Makes one more node of a cluster that is empty at first."""
    server = clickhouse_connect.get_client(host="127.0.0.1", port=listeners[0].http_port)
    replicas: list[Replica] = []
    numbers = count(1)

    def add() -> Replica:
        name = f"copy_{next(numbers)}"
        server.command(f"CREATE DATABASE {name}")
        client = clickhouse_connect.get_client(host="127.0.0.1", port=listeners[0].http_port, database=name)
        replicas.append(Replica(client, name, replicas))
        return replicas[-1]

    yield add
    for replica in replicas:
        replica.client.close()
        server.command(f"DROP DATABASE {replica.database} SYNC")
    server.close()


@pytest.fixture
def later_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Adds the first so many of `LATER` to the files of this version."""

    def add(number: int) -> None:
        files = migration_files() + LATER[:number]
        monkeypatch.setattr(clickhouse_runner, "migration_files", lambda: files)

    return add


def assert_alike(nodes: list[Replica], tables: set[str]) -> None:
    """Every node has every table, with the same columns and indexes, and nothing left to apply."""
    for node in nodes:
        assert pending_files(node) == []
        for table in tables:
            assert node.definition(table) == nodes[0].definition(table) != ""
    copies = nodes[0].query("SELECT table, zookeeper_path, count() FROM system.replicas GROUP BY ALL")
    paths = {LAYOUT.stored_table(table): f"/clickhouse/tables/1/store/{table}" for table in sharded_tables()}
    paths["reviews"] = "/clickhouse/tables/all/store/reviews"
    assert set(copies.result_rows) == {
        (table, path, len(nodes)) for table, path in paths.items() if table in tables
    }


def test_the_engine_makes_two_replicas_of_every_table_and_knows_them_as_copies(
    add_replica: Callable[[], Replica],
) -> None:
    nodes = [add_replica(), add_replica()]
    migrate_nodes(nodes, LAYOUT)
    assert_alike(nodes, TABLES)


def test_a_column_and_an_index_of_a_later_file_reach_all_replicas_of_an_empty_cluster(
    add_replica: Callable[[], Replica], later_files: Callable[[int], None]
) -> None:
    later_files(4)
    nodes = [add_replica(), add_replica()]
    migrate_nodes(nodes, LAYOUT)
    assert_alike(nodes, TABLES | {"reviewed", "reviews"})
    assert "INDEX by_reviewer" in nodes[1].definition("spans_local")
    assert "`reviewer` String" in nodes[1].definition("spans")
    assert migrate_nodes(nodes, LAYOUT) == []


def test_clickhouse_refuses_a_replica_that_is_made_by_all_files_in_turn(
    add_replica: Callable[[], Replica], later_files: Callable[[int], None]
) -> None:
    """What file by file is for: a node beside which no other is known has nothing but the files."""
    later_files(1)
    migrate_node(add_replica(), LAYOUT)
    with pytest.raises(DatabaseError, match=r"INCOMPATIBLE_COLUMNS|METADATA_MISMATCH"):
        migrate_node(add_replica(), LAYOUT)


def test_a_migration_that_ended_anywhere_is_continued_by_the_next(
    add_replica: Callable[[], Replica], later_files: Callable[[int], None]
) -> None:
    later_files(4)
    nodes = [add_replica(), add_replica()]
    ends = [
        (0, "EXISTS spans AS"),
        (0, "(1, 'spans'"),
        (1, "EXISTS spans AS"),
        (1, "(1, 'spans'"),
        (1, "COLUMN IF NOT EXISTS reviewer"),
        (0, "INDEX IF NOT EXISTS by_reviewer"),
        (0, "(9002,"),
        (1, "EXISTS reviews"),
        (1, "(9004,"),
    ]
    for node, statement in ends:
        nodes[node].fails_at = statement
        with pytest.raises(ConnectionError):
            migrate_nodes(nodes, LAYOUT)
        nodes[node].fails_at = ""
    assert [file.version for file in migrate_nodes(nodes, LAYOUT)] == [9004]
    assert_alike(nodes, TABLES | {"reviewed", "reviews"})


def test_a_replica_that_is_added_later_is_made_as_the_others_are_today(
    add_replica: Callable[[], Replica], later_files: Callable[[int], None]
) -> None:
    later_files(2)
    old = [add_replica(), add_replica()]
    migrate_nodes(old, LAYOUT)
    later_files(4)
    nodes = [add_replica(), *old]
    for statement in ("VIEW", "(1, 'spans'"):
        nodes[0].fails_at = statement
        with pytest.raises(ConnectionError):
            migrate_nodes(nodes, LAYOUT)
        nodes[0].fails_at = ""
    assert [file.version for file in migrate_nodes(nodes, LAYOUT)] == [9003, 9004]
    assert_alike(nodes, TABLES | {"reviewed", "reviews"})


def test_a_replica_that_was_away_while_a_table_was_made_and_altered_catches_up(
    add_replica: Callable[[], Replica], later_files: Callable[[int], None]
) -> None:
    nodes = [add_replica(), add_replica()]
    migrate_nodes(nodes, LAYOUT)
    later_files(4)
    migrate_nodes(nodes[:1], LAYOUT)
    assert "`reviewer`" not in nodes[1].definition("spans")
    migrate_nodes(nodes, LAYOUT)
    assert_alike(nodes, TABLES | {"reviewed", "reviews"})


@pytest.fixture
def shards(cluster_url: str) -> Iterator[ServerEngine]:
    """An empty cluster of two shards without replicas."""
    engine = ServerEngine(ServerAddress.parse(cluster_url.replace("/spread?", "/migrated?")))
    for _, port in engine.address.hosts:
        with clickhouse_connect.get_client(host="127.0.0.1", port=port) as server:
            server.command("CREATE DATABASE migrated")
    yield engine
    for node in range(len(engine.address.hosts)):
        engine.client(node).command("DROP DATABASE migrated SYNC")
    engine.close()


def ledgers(engine: ServerEngine) -> list[list[int]]:
    """Return the versions that each node has applied, as often as it did."""
    sql = "SELECT version FROM schema_migrations ORDER BY version LIMIT 100"
    clients = [engine.client(node) for node in range(len(engine.address.hosts))]
    return [[version for (version,) in client.query(sql).result_rows] for client in clients]


def test_shards_get_every_file_once_and_one_that_is_behind_catches_up(
    shards: ServerEngine, later_files: Callable[[int], None]
) -> None:
    shards.migrate()
    first = [file.version for file in migration_files()]
    assert ledgers(shards) == [first, first]
    later_files(4)
    migrate_node(shards.client(1), shards.layout)
    for _ in range(2):
        shards.migrate()
        assert ledgers(shards) == [[*first, 9001, 9002, 9003, 9004]] * 2
    for node in shards.nodes():
        assert node.query("SELECT reviewer FROM spans_local LIMIT 1", {}) == []
    assert shards.query("SELECT reviewer FROM spans LIMIT 1", {}) == []


def test_nothing_is_changed_anywhere_when_one_node_is_of_a_newer_version(
    shards: ServerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(clickhouse_runner, "migration_files", lambda: LATER[2:])
        migrate_node(shards.client(1), shards.layout)
    with pytest.raises(ConfigurationError, match="newer Sightline"):
        shards.migrate()
    with pytest.raises(BackendError, match="newer Sightline"):
        shards.query("SELECT 1", {})
    assert ledgers(shards) == [[], [9003, 9004]]
    assert shards.client(0).query("SHOW TABLES").result_rows == [("schema_migrations",)]


def test_a_store_is_used_without_a_node_that_is_away_once_the_others_are_up_to_date(cluster_url: str) -> None:
    there = cluster_url.replace("/spread?", "/half?")
    one_away = StoreConfig(clickhouse_url=there.replace("@", "@127.0.0.1:1,"))
    store = open_store(one_away, server_may_be_away=True)
    with pytest.raises(BackendError, match=r"127\.0\.0\.1:1 cannot be reached"):
        store.ping()
    others = open_store(StoreConfig(clickhouse_url=there))
    store.ping()
    store.close()
    with pytest.raises(BackendError):
        open_store(one_away)
    for node in others.engine.nodes():
        node.command("DROP DATABASE half SYNC")
    others.close()


def test_a_url_without_a_host_of_each_shard_is_refused(cluster_url: str) -> None:
    address = ServerAddress.parse(cluster_url)
    for number, host in enumerate(address.hosts):
        engine = ServerEngine(replace(address, hosts=(host,)))
        with pytest.raises(ConfigurationError, match=f"no host of shard {2 - number} of the cluster 'pair'"):
            engine.migrate()
        engine.close()


def test_replicated_tables_that_take_nothing_are_named(listeners: tuple[Listener, Listener]) -> None:
    url = f"clickhouse://default@127.0.0.1:{listeners[0].http_port}/read_only?replicated=1"
    address = ServerAddress.parse(url)
    migrating, engine = ServerEngine(address), ServerEngine(address)
    with pytest.raises(BackendError, match="readonly"):
        migrating.migrate()
    (node,) = node_conditions(engine)
    assert isinstance(node, NodeCondition)
    assert ("spans" in node.read_only_tables, node.replica_delay_s) == (True, 0)
    engine.command("DROP DATABASE read_only SYNC")
    for each in (migrating, engine):
        each.close()
