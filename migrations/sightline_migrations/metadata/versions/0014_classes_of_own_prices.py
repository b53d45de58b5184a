"""Own prices of a service tier, and of more classes of tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0014_classes_of_own_prices"
down_revision = "0013_deletions_after_an_outage"
branch_labels = None
depends_on = None

_CLASSES = ("cache_write_1h", "reasoning", "audio_input", "audio_output", "image_input", "image_output")


def upgrade() -> None:
    """Change the table; `price_tables.py` in `storage/` explains the columns."""
    for name in _CLASSES:
        op.add_column("price_overrides", sa.Column(f"{name}_usd_per_mtok", sa.String(60), nullable=True))
    op.add_column(
        "price_overrides", sa.Column("service_tier", sa.String(64), nullable=False, server_default="")
    )
