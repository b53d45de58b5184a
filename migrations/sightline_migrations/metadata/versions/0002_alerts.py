"""Alert rules, channels, states, incidents and the outbox of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0002_alerts"
down_revision = "0001_projects"
branch_labels = None
depends_on = None


def _time(name: str, *, required: bool = False, index: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required, index=index)


def upgrade() -> None:
    """Create the tables; `storage/alerts/alert_tables.py` explains the columns."""
    op.create_table(
        "alert_rules",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        _time("updated_at", required=True),
    )
    op.create_table(
        "alert_channels",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        _time("updated_at", required=True),
    )
    op.create_table(
        "alert_states",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("rule", sa.String(64), primary_key=True),
        sa.Column("group_hash", sa.String(64), primary_key=True),
        sa.Column("group_values", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        _time("snoozed_until"),
        _time("updated_at", required=True),
    )
    op.create_table(
        "alert_incidents",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("group_values", sa.Text, nullable=False),
        sa.Column("open_key", sa.String(64), unique=True),
        sa.Column("level", sa.String(16), nullable=False),
        _time("opened_at", required=True),
        _time("resolved_at"),
        _time("acknowledged_at"),
        sa.Column("acknowledged_by", sa.String(200), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index("alert_incidents_by_time", "alert_incidents", ["project", "opened_at"])
    op.create_table(
        "alert_timeline",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("incident", sa.String(32), nullable=False, index=True),
        _time("at", required=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "alert_outbox",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False, index=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        _time("created_at", required=True),
        _time("next_attempt_at", index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        _time("delivered_at"),
        _time("gave_up_at"),
        sa.Column("last_error", sa.Text, nullable=False),
    )
    op.create_table(
        "alert_progress",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("rollup_version", sa.BigInteger, nullable=False),
    )
