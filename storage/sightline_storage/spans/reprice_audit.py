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
"""Columns with their types.

`run` is the version of the call that had the old cost, so that a run that was cut off before it wrote the new
one and is repeated keeps the old one once. All rows of a run have its `repriced_at`.
"""
