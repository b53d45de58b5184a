"""Until when a deletion is repeated: a day after it could be carried out, which an outage may put off."""

import sqlalchemy as sa
from alembic import op

revision = "0013_deletions_after_an_outage"
down_revision = "0012_order_of_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the table; `storage/lifecycle/deletion_table.py` explains the column."""
    op.add_column("deletions", sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True))
