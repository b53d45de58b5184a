"""The metadata table of saved views."""

from sqlalchemy import Column, String, Table, Text, UniqueConstraint

from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime

SAVED_VIEWS = Table(
    "saved_views",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("name", String(MAX_NAME), nullable=False),
    # First segment of the page's address: traces, sessions, …
    Column("page", String(40), nullable=False),
    # What follows the ? of the address, as a JSON object of texts.
    Column("params", Text, nullable=False),
    # Who saved it first.
    Column("author", String(MAX_NAME), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("project", "page", "name", name="saved_views_name"),
)
