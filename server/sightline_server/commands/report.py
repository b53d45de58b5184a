"""`sightline report costs`: the cost report in a terminal, as CSV or as JSON."""

import argparse
import csv
import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from sightline_analysis.costs.calendar_buckets import load_zone, parse_month
from sightline_api.span_tables import plain_cell
from sightline_core.settings import Settings
from sightline_server.commands.server_client import ServerClient

_COLUMNS = (
    "usd",
    "priced_usd",
    "estimated_usd",
    "calls",
    "unpriced_calls",
    "errors",
    "input_tokens",
    "output_tokens",
)


def report_costs(options: argparse.Namespace, settings: Settings) -> int:
    """Print the report to standard output and return 0."""
    zone = load_zone(options.zone)
    month = parse_month(options.month or datetime.now(UTC).astimezone(zone).strftime("%Y-%m"), zone)
    query = {
        "by": options.by or ["app"],
        "unit": "month",
        "zone": options.zone,
        "start": month.start.isoformat(),
        "end": month.end.isoformat(),
        "limit": 1000,
    }
    with closing(ServerClient(settings, options.server)) as server:
        report = server.call("GET", "/costs", params=query)
    chosen = options.format or ("table" if sys.stdout.isatty() else "csv")
    if chosen == "json":
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    elif chosen == "csv":
        _write_csv(report)
    else:
        _write_table(report)
    return 0


def _rows(report: dict[str, Any]) -> list[tuple[list[str], dict[str, Any]]]:
    rows = []
    for group in [*report["groups"], report["total"]]:
        blank = [""] * (len(report["dimensions"]) - 1)
        name = "(all others)" if group["is_rest"] else "(total)"
        spend = dict(group["spend"])
        if spend["usd"] is None:
            spend["usd"] = "unpriced" if spend["state"] == "unpriced" else "0"  # unknown is not zero
        rows.append(([plain_cell(value) for value in group["key"]] or [name, *blank], spend))
    return rows


def _write_csv(report: dict[str, Any]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*report["dimensions"], *_COLUMNS])
    for key, spend in _rows(report):
        writer.writerow([*key, *(spend[name] for name in _COLUMNS)])


def _write_table(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in report["dimensions"]:
        table.add_column(name)
    for name in _COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for key, spend in _rows(report):
        table.add_row(*(Text(value) for value in [*key, *(str(spend[name]) for name in _COLUMNS)]))
    Console().print(table)
