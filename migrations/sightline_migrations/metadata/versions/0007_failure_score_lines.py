"""Below which number a score counts as a failure."""

import sqlalchemy as sa
from alembic import op

revision = "0007_failure_score_lines"
down_revision = "0006_teams_and_invoices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; `storage/failures/failure_tables.py` explains the columns."""
    op.create_table(
        "failure_score_lines",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("line", sa.Float, nullable=False),
    )
