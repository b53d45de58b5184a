"""Which announcement of its incident a message is, as two may be decided at the same moment."""

import sqlalchemy as sa
from alembic import op

revision = "0012_order_of_messages"
down_revision = "0011_deletions_to_list"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the table; `storage/alerts/alert_tables.py` explains the column."""
    op.add_column("alert_outbox", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
