"""Limits of projects on what one request may hold."""

import sqlalchemy as sa
from alembic import op

revision = "0010_limits_of_projects"
down_revision = "0008_keys_and_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the table; `storage/metadata_tables.py` explains the columns."""
    for name in ("body_size", "decompressed_size", "attributes", "attribute_size", "attribute_depth"):
        op.add_column("projects", sa.Column(f"max_{name}", sa.Integer, nullable=True))
    op.add_column("projects", sa.Column("max_content_size", sa.Integer, nullable=True))
