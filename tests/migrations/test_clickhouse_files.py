"""One set of files renders for every layout, is applied once, and never changes silently."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from sightline_core.errors import ConfigurationError
from sightline_migrations import Layout, dry_run, migrate_node, migration_files, pending_files

ONE_NODE, CLUSTER = Layout(), Layout(cluster="prod")
REPLICATED = Layout(cluster="prod", replicated=True)
LAYOUTS = pytest.mark.parametrize(
    "layout", [ONE_NODE, CLUSTER, REPLICATED], ids=["one", "cluster", "replicated"]
)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Client]:
    """An empty database on a real engine."""
    client = clickhouse_connect.get_client(interface="chdb", path=str(tmp_path))
    client.command("CREATE DATABASE store")
    client.command("USE store")
    yield client
    client.close()


def test_no_number_is_used_twice_and_the_first_is_one() -> None:
    versions = [file.version for file in migration_files()]
    assert versions[0] == 1
    assert versions == sorted(set(versions))


def test_what_is_inserted_into_any_table_survives_a_power_loss(node: Client) -> None:
    migrate_node(node, ONE_NODE)
    rows = node.query(
        "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()"
        " AND engine LIKE '%MergeTree' AND name != 'schema_migrations'"
    ).result_rows
    assert len(rows) == 9
    for name, engine in rows:
        assert "fsync_after_insert = 1" in engine, name
        assert "fsync_part_directory = 1" in engine, name


@LAYOUTS
def test_rendered_statements_have_no_placeholder_left_and_never_say_on_cluster(layout: Layout) -> None:
    for file in migration_files():
        for statement in file.statements(layout):
            assert not re.search(r"\{(?!shard\}|replica\}|database\})", statement)
            assert "ON CLUSTER" not in statement.upper()
            assert not re.match(r"ALTER TABLE \S+ (UPDATE|DELETE)|UPDATE|DELETE", statement)


def test_a_cluster_stores_locally_and_reads_through_a_distributed_table() -> None:
    text = dry_run(CLUSTER)
    assert "CREATE TABLE IF NOT EXISTS spans_local" in text
    assert "Distributed('prod', currentDatabase(), 'spans_local', cityHash64(trace_id))" in text
    assert "TO trace_index_local" in text
    assert "Replicated" not in text


def test_replication_names_its_path_and_keeps_the_engines_arguments() -> None:
    text = dry_run(REPLICATED)
    path = "'/clickhouse/tables/{shard}/{database}/spans', '{replica}'"
    assert f"ReplicatedReplacingMergeTree({path}, ingested_at, is_deleted)" in text
    assert (
        "ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/trace_index', '{replica}')"
        in text
    )


def test_only_with_replicas_an_alter_waits_for_the_other_copies() -> None:
    alter = "ALTER TABLE spans_local MODIFY SETTING min_bytes_for_wide_part = 134217728"
    assert f"{alter}\nSETTINGS alter_sync = 2" in dry_run(REPLICATED)
    assert f"{alter};" in dry_run(CLUSTER)


def test_migrating_applies_every_file_once(node: Client) -> None:
    assert [file.version for file in migrate_node(node, ONE_NODE)] == [f.version for f in migration_files()]
    assert migrate_node(node, ONE_NODE) == []
    assert pending_files(node) == []


class Recorder:
    """A node that notes what is run on it."""

    def __init__(self, node: Client) -> None:
        self.query = node.query
        self._node = node
        self.commands: list[str] = []

    def command(self, cmd: str) -> Any:
        """See `Node`."""
        self.commands.append(cmd)
        return self._node.command(cmd)


def test_the_dry_run_is_what_a_client_can_run_and_what_migrating_runs(node: Client) -> None:
    printed = [
        re.sub("^--.*\n+", "", statement.strip(), flags=re.MULTILINE)
        for statement in dry_run(ONE_NODE).split(";\n")
        if statement.strip()
    ]
    for statement in printed:
        node.command(statement)
    assert migrate_node(node, ONE_NODE) == []
    node.command("DROP TABLE schema_migrations SYNC")
    recorder = Recorder(node)
    migrate_node(recorder, ONE_NODE)
    assert recorder.commands == printed


def test_a_crash_before_the_ledger_was_written_is_repaired_by_running_again(node: Client) -> None:
    migrate_node(node, ONE_NODE)
    node.command("TRUNCATE TABLE schema_migrations")
    assert len(migrate_node(node, ONE_NODE)) == len(migration_files())


def test_a_file_that_was_changed_after_it_was_applied_is_refused(node: Client) -> None:
    migrate_node(node, ONE_NODE)
    node.command(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at)"
        " VALUES (1, 'spans', 'x', now64(3) + 60)"
    )
    with pytest.raises(ConfigurationError, match="0001_spans was changed"):
        migrate_node(node, ONE_NODE)


def test_a_store_of_a_newer_version_is_refused(node: Client) -> None:
    migrate_node(node, ONE_NODE)
    node.command("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'future', 'x')")
    with pytest.raises(ConfigurationError, match="newer Sightline"):
        migrate_node(node, ONE_NODE)
