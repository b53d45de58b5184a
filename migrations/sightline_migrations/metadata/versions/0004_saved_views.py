"""Views of the page that somebody gave a name."""

import sqlalchemy as sa
from alembic import op

revision = "0004_saved_views"
down_revision = "0003_failures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; `storage/metadata/saved_view_table.py` explains the columns."""
    op.create_table(
        "saved_views",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("project", "page", "name", name="saved_views_name"),
    )
