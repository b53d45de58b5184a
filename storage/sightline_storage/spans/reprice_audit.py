"""The table that keeps what calls cost before they were priced again."""

from typing import Final

REPRICE_AUDIT: Final = {
    "project": "LowCardinality(String)",
    "trace_id": "String",
    "span_id": "String",
    "start_time": "DateTime64(9, 'UTC')",
    "run": "String",
    "old_cost_usd": "Decimal(18, 12)",
    "old_cost_state": "LowCardinality(String)",
    "old_price_id": "LowCardinality(String)",
    "new_cost_usd": "Decimal(18, 12)",
    "new_cost_state": "LowCardinality(String)",
    "new_price_id": "LowCardinality(String)",
    "repriced_at": "DateTime64(9, 'UTC')",
}
"""Columns with their types."""
