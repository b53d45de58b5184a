"""Since when spans wait in the journals of collectors."""

import sqlalchemy as sa
from alembic import op

revision = "0021_collector_backlogs"
down_revision = "0020_job_failures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; `collector_backlogs.py` in `storage/` explains it."""
    op.create_table(
        "collector_backlogs",
        sa.Column("collector", sa.String(500), primary_key=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    )
