"""Metadata schema (projects, keys, rules …): Alembic revisions for SQLite and PostgreSQL, forward only."""

from sightline_migrations.metadata.upgrade import (
    head_revision,
    lacking_revisions,
    metadata_dry_run,
    migrate_metadata,
)

__all__ = ["head_revision", "lacking_revisions", "metadata_dry_run", "migrate_metadata"]
