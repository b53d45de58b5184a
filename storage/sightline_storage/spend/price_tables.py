"""The metadata tables of prices: an operator's own, and the catalogue that was downloaded last."""

from sqlalchemy import Column, Integer, String, Table, Text

from sightline_core.price_rates import CLASSES
from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime

PRICE_OVERRIDES = Table(
    "price_overrides",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    # "" is every provider.
    Column("provider", String(64), nullable=False),
    Column("model", String(MAX_NAME), nullable=False),
    # Exact decimals as text: SQLite would make them floats.
    Column("input_usd_per_mtok", String(60), nullable=False),
    Column("output_usd_per_mtok", String(60), nullable=False),
    *(Column(f"{name}_usd_per_mtok", String(60)) for name in CLASSES),
    # JSON: `above_input_tokens`, and `usd_per_mtok` by class as texts. NULL: one price for every length.
    Column("long_context", Text),
    # "" is the one that prices are usually given for.
    Column("service_tier", String(64), nullable=False),
    # start ≤ t < end; NULL is open.
    Column("start_at", UtcDateTime),
    Column("end_at", UtcDateTime),
    # Of several that match a call, the one changed last wins.
    Column("changed_at", UtcDateTime, nullable=False),
)

PRICE_CATALOGUES = Table(
    "price_catalogues",
    METADATA,
    # There is one row, 1, which an update replaces as a whole.
    Column("id", Integer, primary_key=True, autoincrement=False),
    # JSON as genai-prices publishes it.
    Column("document", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source", String(500), nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)
