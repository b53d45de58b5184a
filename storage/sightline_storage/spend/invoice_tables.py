"""Metadata tables of what providers say they charged."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime

INVOICE_LINES = Table(
    "invoice_lines",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("provider", String(64), primary_key=True),
    # cost (money) or usage (tokens): a provider's two exports, which replace only their own kind.
    Column("kind", String(8), primary_key=True),
    # ISO date in the provider's own calendar, which is UTC for all that are known.
    Column("day", String(10), primary_key=True),
    # As the provider spells it; "" where a line is of no model.
    Column("model", String(MAX_NAME), primary_key=True),
    # The provider's project, workspace or key.
    Column("account", String(MAX_NAME), primary_key=True),
    # Line item or class of tokens.
    Column("item", String(MAX_NAME), primary_key=True),
    # A decimal as text: SQLite would make a binary fraction of it.
    Column("usd", String(60)),
    Column("input_tokens", BigInteger),
    Column("cached_input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("requests", BigInteger),
)

INVOICE_IMPORTS = Table(
    "invoice_imports",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String(64), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("format", String(40), nullable=False),
    Column("file", String(MAX_NAME), nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("lines", Integer, nullable=False),
    Column("usd", String(60)),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(MAX_NAME), nullable=False),
    Index("invoice_imports_by_project", "project"),
)
