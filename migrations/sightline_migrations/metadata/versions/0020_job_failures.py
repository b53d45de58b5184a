"""What the last turns of background jobs failed with."""

import sqlalchemy as sa
from alembic import op

revision = "0020_job_failures"
down_revision = "0019_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; `job_failures.py` in `storage/` explains it."""
    op.create_table(
        "job_failures",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
