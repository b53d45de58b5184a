"""Metadata tables for queries: small, relational, edited by people. A test compares them with the revisions.

Parts add their own `Table`s to `METADATA` in modules of their own.
"""

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; SQLite would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("metadata times must be aware")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()

MAX_NAME = 200
"""Characters of what people, apps and providers call something."""

PROJECTS = Table(
    "projects",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(MAX_NAME), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Days that spans are kept; NULL: the server's setting; 0 keeps them until they are deleted.
    Column("retention_days", Integer),
    # NULL: the server's setting; 0 is no limit.
    Column("max_spans_per_s", Integer),
    # NULL: the server's setting, which is also the most that a project may have.
    Column("max_body_size", Integer),
    Column("max_decompressed_size", Integer),
    Column("max_attributes", Integer),
    Column("max_attribute_size", Integer),
    Column("max_attribute_depth", Integer),
    Column("max_content_size", Integer),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("project", String(64), ForeignKey("projects.id"), nullable=False, index=True),
    Column("name", String(MAX_NAME), nullable=False),
    # SHA-256 in hex of the key. Keys are long and random, so a slow hash would protect nothing.
    Column("key_hash", String(64), nullable=False, unique=True),
    # A `core.auth.Role`.
    Column("role", String(8), nullable=False, server_default="write"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("holder", String(MAX_NAME), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
