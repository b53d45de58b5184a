"""The layout with replicas, as far as the listener of the chdb wheel goes: it makes the tables, and no more.

That engine has no Keeper of its own, opens no port for replicas to fetch from each other, and so leaves every
replicated table read-only. A coordination service in its memory is enough to make the tables.
"""

from collections.abc import Iterator

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from tests.contract.conftest import Listener

from sightline_migrations import Layout, migration_files
from sightline_migrations.clickhouse_files import sharded_tables

LAYOUT = Layout(cluster="pair", replicated=True)


@pytest.fixture
def nodes(listeners: tuple[Listener, Listener]) -> Iterator[list[Client]]:
    """Two databases of one server, as two nodes that know the same coordination service."""
    server = clickhouse_connect.get_client(host="127.0.0.1", port=listeners[0].http_port)
    names = ["first_copy", "second_copy"]
    for name in names:
        server.command(f"CREATE DATABASE {name}")
    clients = [
        clickhouse_connect.get_client(host="127.0.0.1", port=listeners[0].http_port, database=name)
        for name in names
    ]
    yield clients
    for client, name in zip(clients, names, strict=True):
        client.close()
        server.command(f"DROP DATABASE {name} SYNC")
    server.close()


def test_the_engine_makes_two_replicas_of_every_table_and_knows_them_as_copies(nodes: list[Client]) -> None:
    for replica, node in enumerate(nodes):
        for file in migration_files():
            for statement in file.statements(LAYOUT):
                # On two servers the databases have one name, and the servers a macro each.
                for macro, value in (("database", "store"), ("replica", f"r{replica}")):
                    statement = statement.replace(f"{{{macro}}}", value)
                if statement.startswith("ALTER"):
                    with pytest.raises(DatabaseError, match="TABLE_IS_READ_ONLY"):
                        node.command(statement)
                else:
                    node.command(statement)
    copies = nodes[0].query("SELECT table, zookeeper_path, count() FROM system.replicas GROUP BY ALL")
    assert set(copies.result_rows) == {
        (LAYOUT.stored_table(table), f"/clickhouse/tables/1/store/{table}", 2) for table in sharded_tables()
    }
