"""`sightline report costs`: the cost report or the teams' statements in a terminal, as CSV or as JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sightline_analysis.costs.calendar_buckets import load_zone, parse_month
from sightline_core.settings import Settings
from sightline_server.commands.server_client import ServerClient
from sightline_server.commands.tables import cell, write_table

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
_STATEMENT_COLUMNS = ("usd", "estimated_usd", "calls", "unpriced_calls")

Cells = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Titles, and rows in their order."""


def report_costs(options: argparse.Namespace, settings: Settings) -> int:
    """Print the report to standard output and return 0.

    By team alone it is that of the statements, where shared costs are split; with other dimensions it is the
    report, where they are a group.
    """
    month = options.month or datetime.now(load_zone(options.zone)).strftime("%Y-%m")
    chosen = options.format or ("table" if sys.stdout.isatty() else "csv")
    with closing(ServerClient(settings, options.server)) as server:
        if options.by == ["team"]:
            path, query = "/teams/statements", {"month": month, "zone": options.zone}
        else:
            # CSV has groups and no buckets, JSON buckets as well.
            unit = {} if chosen == "csv" else {"unit": "month"}
            path, query = "/costs", {**_report_query(options, month), **unit}
        if chosen == "csv":
            sys.stdout.write(server.text(f"{path}/csv", params=query))
            return 0
        answer = server.call("GET", path, params=query)
    if chosen == "json":
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        _write_table(_report_cells(answer) if path == "/costs" else _statement_cells(answer))
    return 0


def _report_query(options: argparse.Namespace, month: str) -> dict[str, Any]:
    period = parse_month(month, load_zone(options.zone))
    return {
        "by": options.by or ["app"],
        "zone": options.zone,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "limit": 1000,
    }


def _report_cells(report: dict[str, Any]) -> Cells:
    rows = []
    for group in [*report["groups"], report["total"]]:
        blank = [""] * (len(report["dimensions"]) - 1)
        name = "(all others)" if group["is_rest"] else "(total)"
        spend = dict(group["spend"])
        if spend["usd"] is None:
            spend["usd"] = "unpriced" if spend["state"] == "unpriced" else "0"  # unknown is not zero
        rows.append([*(group["key"] or [name, *blank]), *(str(spend[name]) for name in _COLUMNS)])
    return [*report["dimensions"], *_COLUMNS], rows


def _statement_cells(answer: dict[str, Any]) -> Cells:
    rows = [
        [
            statement["team"] or "(unassigned)",
            statement["cost_centre"],
            *(str(statement[name]) for name in _STATEMENT_COLUMNS),
        ]
        for statement in answer["statements"]
    ]
    total = ["(total)", "", answer["usd"], *[""] * (len(_STATEMENT_COLUMNS) - 1)]
    return ["team", "cost_centre", *_STATEMENT_COLUMNS], [*rows, total]


def _write_table(cells: Cells) -> None:
    from rich.table import Table

    titles, rows = cells
    numbers = {*_COLUMNS, *_STATEMENT_COLUMNS}
    table = Table()
    for title in titles:
        table.add_column(title.replace("_", " "), justify="right" if title in numbers else "left")
    for row in rows:
        table.add_row(*map(cell, row))
    write_table(table)
