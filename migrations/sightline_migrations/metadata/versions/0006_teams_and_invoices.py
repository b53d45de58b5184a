"""Who pays for what, and what providers say they charged."""

import sqlalchemy as sa
from alembic import op

revision = "0006_teams_and_invoices"
down_revision = "0004_saved_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `team_store.py` and `invoice_tables.py` in `storage/spend/` explain the columns."""
    op.create_table(
        "team_plans",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("provider", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("item", sa.String(200), primary_key=True),
        sa.Column("usd", sa.String(60), nullable=True),
        *(
            sa.Column(name, sa.BigInteger, nullable=True)
            for name in ("input_tokens", "cached_input_tokens", "output_tokens", "requests")
        ),
    )
    op.create_table(
        "invoice_imports",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("usd", sa.String(60), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(200), nullable=False),
    )
    op.create_index("invoice_imports_by_project", "invoice_imports", ["project"])
