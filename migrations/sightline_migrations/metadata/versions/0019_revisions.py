"""Tags of rules and channels from which no secret can be guessed."""

import sqlalchemy as sa
from alembic import op

revision = "0019_revisions"
down_revision = "0018_long_context_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables; `alert_tables.py` in `storage/` explains the column."""
    for table in ("alert_rules", "alert_channels"):
        op.add_column(table, sa.Column("revision", sa.String(32), nullable=False, server_default=""))
