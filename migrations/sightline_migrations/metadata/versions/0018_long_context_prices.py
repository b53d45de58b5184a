"""Own prices of calls with a long context."""

import sqlalchemy as sa
from alembic import op

revision = "0018_long_context_prices"
down_revision = "0014_classes_of_own_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the table; `price_tables.py` in `storage/` explains the column."""
    op.add_column("price_overrides", sa.Column("long_context", sa.Text(), nullable=True))
