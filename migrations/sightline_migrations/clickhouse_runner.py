"""Applies the ClickHouse files to one node and keeps a ledger of what was applied there.

Every node is migrated over its own connection; nothing runs `ON CLUSTER`. Statements can be repeated, and a
file enters the ledger after its last statement, so a crash in between is repaired by running again.
"""

import logging
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


class Node(Protocol):
    """One connection to one node, with the database chosen. `clickhouse_connect` clients fit."""

    def command(self, cmd: str, parameters: Any = None) -> Any:
        """Run a statement."""

    def query(self, query: str, parameters: Any = None) -> Any:
        """Run a SELECT; the result has `result_rows`."""


def migrate_node(node: Node, layout: Layout) -> list[MigrationFile]:
    """Bring one node up to date and return the files that were applied now.

    Raises `ConfigurationError` when an applied file has changed since, or when the node was migrated by a
    newer version of Sightline.
    """
    node.command(LEDGER)
    pending = pending_files(node)
    for file in pending:
        for statement in file.statements(layout):
            node.command(statement)
        node.command(
            "INSERT INTO schema_migrations (version, name, checksum)"
            " VALUES ({version:UInt32}, {name:String}, {checksum:String})",
            parameters={"version": file.version, "name": file.name, "checksum": file.checksum},
        )
        log.info("migration applied", extra={"migration": f"{file.version:04}_{file.name}"})
    return pending


def pending_files(node: Node) -> list[MigrationFile]:
    """Return the files that a node with a ledger has not applied; raises as `migrate_node` does."""
    rows = node.query(
        "SELECT version, argMax(checksum, applied_at) FROM schema_migrations GROUP BY version LIMIT 10000"
    ).result_rows
    applied = {int(version): str(checksum) for version, checksum in rows}
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


def dry_run(layout: Layout, files: Sequence[MigrationFile] | None = None) -> str:
    """Return the DDL of `files` (default: all) for one node of `layout` as text that a client could run."""
    shown = migration_files() if files is None else files
    parts = [f"-- ledger\n{LEDGER};"]
    for file in shown:
        parts.append(f"-- {file.version:04}_{file.name} (sha256 {file.checksum[:12]})")
        parts += [f"{statement};" for statement in file.statements(layout)]
    return "\n\n".join(parts) + "\n"
