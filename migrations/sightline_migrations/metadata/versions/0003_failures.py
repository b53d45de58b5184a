"""Failure clusters, their members, what people decided, and suggestions."""

import sqlalchemy as sa
from alembic import op

revision = "0003_failures"
down_revision = "0002_alerts"
branch_labels = None
depends_on = None


def _time(name: str, *, required: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    """Create the tables; `storage/failures/failure_tables.py` explains the columns."""
    op.create_table(
        "failure_clusters",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        _text("category", 40),
        _text("scope", 200),
        _text("title", 300),
        _time("created_at", required=True),
        _time("first_seen", required=True),
        _time("last_seen", required=True),
        _text("status", 16),
        _time("status_at", required=True),
        _text("resolved_version", 200),
        sa.Column("ignore_until", sa.Integer, nullable=False),
        _time("regressed_at"),
        _text("regressed_version", 200),
        _text("assignee", 200),
        _text("severity", 16),
        _text("merged_into", 40),
    )
    op.create_table(
        "failure_members",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(40), primary_key=True),
        _text("cluster", 40),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_index("failure_members_by_cluster", "failure_members", ["project", "cluster"])
    op.create_table(
        "failure_decisions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _text("project", 64),
        _text("cluster", 40),
        _time("at", required=True),
        _text("actor", 200),
        _text("action", 40),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        _time("undone_at"),
    )
    op.create_index("failure_decisions_by_cluster", "failure_decisions", ["project", "cluster"])
    op.create_table(
        "failure_suggestions",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("cluster", sa.String(40), primary_key=True),
        sa.Column("other", sa.String(40), primary_key=True),
        sa.Column("similarity", sa.Float, nullable=False),
    )
    op.create_table(
        "failure_progress",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("ingested_ns", sa.BigInteger, nullable=False),
    )
