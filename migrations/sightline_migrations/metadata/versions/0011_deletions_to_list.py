"""What a list of deletions tells: who asked, how many traces went, and when their bytes left the disk."""

import sqlalchemy as sa
from alembic import op

revision = "0011_deletions_to_list"
down_revision = "0010_limits_and_deletions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the table; `storage/lifecycle/deletion_table.py` explains the columns."""
    op.add_column("deletions", sa.Column("asked_by", sa.String(200), nullable=False, server_default=""))
    op.add_column("deletions", sa.Column("traces", sa.Integer, nullable=False, server_default="0"))
    op.add_column("deletions", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
