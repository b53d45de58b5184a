"""A cost report as CSV: the same figures as its JSON, to the last digit."""

from fastapi import Response

from sightline_api.cost_models import CostGroup, CostReportModel
from sightline_api.csv_text import csv_response, plain_cell

_AMOUNTS = ("usd", "priced_usd", "estimated_usd")
_COUNTS = (
    "calls",
    "unpriced_calls",
    "errors",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)
_HEADER = (*_AMOUNTS, *_COUNTS, "previous_usd", "change_usd", "latency_p50_ms", "latency_p95_ms", "sampled")


def report_csv(report: CostReportModel) -> Response:
    """Return one row for each group, then the total. "unpriced" stands for an amount that nobody knows.

    The column `sampled` is that of the whole report: `true` where its figures are estimates.
    """
    name = f"costs-by-{'-'.join(report.dimensions)}-{report.start:%Y-%m-%d}.csv"
    rows = [[*_row(group, report.dimensions), report.sampled] for group in [*report.groups, report.total]]
    return csv_response(name, (*report.dimensions, *_HEADER), rows)


def _row(group: CostGroup, dimensions: list[str]) -> list[object]:
    key = [plain_cell(value) for value in group.key]
    if not key:
        key = ["(all others)" if group.is_rest else "(total)", *[""] * (len(dimensions) - 1)]
    spend = group.spend
    return [
        *key[: len(dimensions)],
        _known(spend.usd, spend.state),
        spend.priced_usd,
        spend.estimated_usd,
        *(getattr(spend, name) for name in _COUNTS),
        _known(group.previous.usd, group.previous.state),
        "" if group.change_usd is None else group.change_usd,
        _milliseconds(group.latency.p50_ns),
        _milliseconds(group.latency.p95_ns),
    ]


def _known(usd: str | None, state: str) -> str:
    # What nobody knows is not zero; what did not happen is.
    return usd if usd is not None else "unpriced" if state == "unpriced" else "0"


def _milliseconds(duration_ns: int | None) -> str:
    return "" if duration_ns is None else f"{duration_ns / 1e6:.1f}"
