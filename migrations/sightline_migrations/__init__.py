"""ClickHouse DDL with its runner, and the metadata schema with Alembic."""

from sightline_migrations.clickhouse_files import Layout, MigrationFile, migration_files
from sightline_migrations.clickhouse_runner import (
    Node,
    dry_run,
    lacking_files,
    migrate_node,
    migrate_nodes,
    pending_files,
)

__all__ = [
    "Layout",
    "MigrationFile",
    "Node",
    "dry_run",
    "lacking_files",
    "migrate_node",
    "migrate_nodes",
    "migration_files",
    "pending_files",
]
