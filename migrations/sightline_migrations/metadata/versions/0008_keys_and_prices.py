"""Roles of keys, limits of projects, own prices, and the downloaded price catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0008_keys_and_prices"
down_revision = "0007_failure_score_lines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables; `metadata_tables.py` and `price_tables.py` in `storage/` explain the columns."""
    op.add_column("api_keys", sa.Column("role", sa.String(8), nullable=False, server_default="write"))
    op.drop_column("api_keys", "can_write")  # nothing has written a key before this revision
    op.add_column("projects", sa.Column("max_spans_per_s", sa.Integer, nullable=True))
    op.create_table(
        "price_overrides",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        *(
            sa.Column(f"{kind}_usd_per_mtok", sa.String(60), nullable=kind not in ("input", "output"))
            for kind in ("input", "output", "cached_input", "cache_write")
        ),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "price_catalogues",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
    )
