"""From the sums that storage reads to `Spend`."""

from collections.abc import Iterable, Mapping
from typing import Any

from sightline_analysis.costs.spend import Spend, SpendRow
from sightline_storage.spend.spend_reader import SpendSums


def spend_of(sums: Mapping[str, Any]) -> Spend:
    """Return the sums as `Spend`; the estimated part of the cost is set apart."""
    return Spend(
        calls=sums["calls"],
        priced_calls=sums["priced_calls"],
        estimated_calls=sums["estimated_calls"],
        unpriced_calls=sums["unpriced_calls"],
        errors=sums["failed_calls"],
        input_tokens=sums["input_tokens"],
        cached_input_tokens=sums["cached_input_tokens"],
        cache_write_tokens=sums["cache_write_tokens"],
        output_tokens=sums["output_tokens"],
        reasoning_tokens=sums["reasoning_tokens"],
        unpriced_tokens=sums["unpriced_tokens"],
        cache_lookups=sums["cache_lookups"],
        cache_hits=sums["cache_hits"],
        priced_usd=sums["cost_usd"] - sums["estimated_cost_usd"],
        estimated_usd=sums["estimated_cost_usd"],
        cost_input_usd=sums["cost_input_usd"],
        cost_cached_usd=sums["cost_cached_usd"],
        cost_output_usd=sums["cost_output_usd"],
        cache_saved_usd=sums["cache_saved_usd"],
        failed_usd=sums["failed_cost_usd"],
    )


def spend_rows(rows: Iterable[SpendSums]) -> list[SpendRow]:
    """Return rows for `report.build_report`."""
    return [SpendRow(row.bucket, row.key, spend_of(row.sums), row.is_rest) for row in rows]
