"""The table of what people asked to be deleted; a test compares it with the revisions."""

from typing import Final

from sqlalchemy import Column, Integer, String, Table, Text

from sightline_storage.metadata.metadata_tables import METADATA, UtcDateTime

DELETIONS: Final = Table(
    "deletions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("project", String(64), nullable=False),
    # "trace", "user" or "session", and which one. Kept no longer than the deletion is repeated.
    Column("kind", String(8), nullable=False),
    Column("value", Text, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    # When it was carried out last; NULL: not yet.
    Column("done_at", UtcDateTime),
    # Name of the key or of the way in.
    Column("asked_by", String(200), nullable=False, server_default=""),
    # How many were deleted until now.
    Column("traces", Integer, nullable=False, server_default="0"),
    # When what it deleted last was off the disk; NULL: not yet.
    Column("purged_at", UtcDateTime),
    # Until when it is repeated; NULL: it has not been carried out.
    Column("kept_until", UtcDateTime),
)
