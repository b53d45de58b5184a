"""Limits of projects on what one request may hold, and requests for deletion."""

import sqlalchemy as sa
from alembic import op

revision = "0010_limits_and_deletions"
down_revision = "0008_keys_and_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables; `metadata_tables.py` and `deletion_table.py` in `storage/` explain the columns."""
    for name in ("body_size", "decompressed_size", "attributes", "attribute_size", "attribute_depth"):
        op.add_column("projects", sa.Column(f"max_{name}", sa.Integer, nullable=True))
    op.add_column("projects", sa.Column("max_content_size", sa.Integer, nullable=True))
    op.create_table(
        "deletions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    )
