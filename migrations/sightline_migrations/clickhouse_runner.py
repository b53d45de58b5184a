"""Applies the ClickHouse files to the nodes of a store and keeps a ledger on each of what was applied there.

Every node is migrated over its own connection; nothing runs `ON CLUSTER`. Statements can be repeated, and a
file enters the ledger after its last statement, so a crash in between is repaired by running again.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, Protocol

from sightline_core.errors import ConfigurationError
from sightline_migrations.clickhouse_files import Layout, MigrationFile, migration_files

log = logging.getLogger(__name__)

LEDGER = """\
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32,
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY version"""

# A view comes after the tables that it reads and fills.
_DEFINITIONS = """\
SELECT create_table_query FROM system.tables
WHERE database = currentDatabase() AND name != 'schema_migrations'
ORDER BY engine = 'MaterializedView', name
LIMIT 10000"""
_CREATE = re.compile(r"^CREATE (TABLE|MATERIALIZED VIEW)")


class Node(Protocol):
    """One connection to one node, with the database chosen. `clickhouse_connect` clients fit."""

    def command(self, cmd: str) -> Any:
        """Run a statement."""

    def query(self, query: str) -> Any:
        """Run a SELECT; the result has `result_rows`."""


def migrate_node(node: Node, layout: Layout) -> list[MigrationFile]:
    """Bring a store of one node up to date; as `migrate_nodes`."""
    return migrate_nodes([node], layout)


def migrate_nodes(nodes: Sequence[Node], layout: Layout) -> list[MigrationFile]:
    """Bring all nodes of a store up to date and return the files that were applied now to any of them.

    A file begins when every node has the one before: to make a replica of a table, its `CREATE` has to say
    what the copies look like by then, and an `ALTER` of a later file changes all of them.

    Raises `ConfigurationError`, before anything is changed, when a file has changed since it was applied, or
    when a node was migrated by a newer version of Sightline.
    """
    for node in nodes:
        if not _has_ledger(node):
            node.command(LEDGER)
    if layout.replicated:
        _make_late_replicas(nodes)
    pending = [pending_files(node) for node in nodes]
    lacking = _any_of(pending)
    for file in lacking:
        for node, files in zip(nodes, pending, strict=True):
            if file in files:
                for statement in file.statements(layout):
                    node.command(statement)
                _record(node, [file])
        log.info("migration applied", extra={"migration": f"{file.version:04}_{file.name}"})
    return lacking


def lacking_files(nodes: Sequence[Node]) -> list[MigrationFile]:
    """Return the files that one of the nodes has not applied; raises as `pending_files`, changes nothing."""
    return _any_of([pending_files(node) for node in nodes])


def _any_of(pending: Sequence[Sequence[MigrationFile]]) -> list[MigrationFile]:
    return [file for file in migration_files() if any(file in files for files in pending)]


def pending_files(node: Node) -> list[MigrationFile]:
    """Return the files that a node has not applied; raises as `migrate_nodes` does."""
    applied = _applied(node)
    known = {file.version: file for file in migration_files()}
    if newer := sorted(applied.keys() - known.keys()):
        raise ConfigurationError(
            f"the store was migrated by a newer Sightline (migration {newer[-1]:04}); upgrade this process"
        )
    for version, checksum in applied.items():
        if known[version].checksum != checksum:
            raise ConfigurationError(
                f"migration {version:04}_{known[version].name} was changed after it had been applied here"
            )
    return [file for version, file in known.items() if version not in applied]


def _make_late_replicas(nodes: Sequence[Node]) -> None:
    """Make the tables that late nodes lack, as another has them today: the files cannot make them any more.

    A late node lacks a file that others have gone beyond: it was added to the cluster, or was away. One that
    had nothing takes over the ledger too. Nodes that differ by the file being applied only are not late.
    """
    reached = max((version for node in nodes for version in _applied(node)), default=0)
    # Read after `reached`: if another process is migrating, every node has got as far by now.
    pending = [(node, pending_files(node)) for node in nodes]
    late = [(node, files) for node, files in pending if files and files[0].version < reached]
    ready = [(node, files) for node, files in pending if not files or files[0].version >= reached]
    if not ready:
        return
    source, beyond = ready[0]
    for node, files in late:
        for (definition,) in source.query(_DEFINITIONS).result_rows:
            node.command(_CREATE.sub(r"\g<0> IF NOT EXISTS", definition))
        if len(files) == len(migration_files()):
            _record(node, [file for file in files if file not in beyond])


def _has_ledger(node: Node) -> bool:
    """Asked before it is made: whoever may not make tables may start where somebody else has migrated."""
    ((has_ledger,),) = node.query("EXISTS TABLE schema_migrations").result_rows
    return bool(has_ledger)


def _applied(node: Node) -> dict[int, str]:
    if not _has_ledger(node):
        return {}
    rows = node.query(
        "SELECT version, argMax(checksum, applied_at) FROM schema_migrations GROUP BY version LIMIT 10000"
    ).result_rows
    return {int(version): str(checksum) for version, checksum in rows}


def _record(node: Node, files: Sequence[MigrationFile]) -> None:
    node.command(_ledger_entry(files))


def _ledger_entry(files: Sequence[MigrationFile]) -> str:
    rows = ", ".join(f"({file.version}, '{file.name}', '{file.checksum}')" for file in files)
    return f"INSERT INTO schema_migrations (version, name, checksum) VALUES {rows}"


def dry_run(layout: Layout) -> str:
    """Return what migrating one node of `layout` runs, as text for a client.

    Where somebody else has run it, nothing is left for `migrate_node` to do.
    """
    parts = [f"-- ledger\n{LEDGER};"]
    for file in migration_files():
        parts.append(f"-- {file.version:04}_{file.name} (sha256 {file.checksum[:12]})")
        parts += [f"{statement};" for statement in (*file.statements(layout), _ledger_entry([file]))]
    return "\n\n".join(parts) + "\n"
