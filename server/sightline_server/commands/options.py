"""Options of the commands that ask a running server."""

import argparse
from pathlib import Path
from typing import Any

from sightline_server.commands.deferred import deferred

INVOICE_FORMATS = ("openai-json", "openai-csv", "anthropic-json", "anthropic-csv", "csv")
"""As in `sightline_analysis.costs.invoice_formats`, which `--help` does not import; a test compares them."""


def add_report_command(commands: Any) -> None:
    """Add `report costs`."""
    topics = commands.add_parser("report", help="print a report of a running server").add_subparsers(
        title="reports", metavar="report", required=True
    )
    costs = topics.add_parser("costs", help="what apps, models or teams cost in a calendar month")
    costs.add_argument("--by", action="append", help="app, environment, model, provider, user, … (app)")
    costs.add_argument("--month", help="calendar month, for example 2026-10 (the current one)")
    costs.add_argument("--zone", default="UTC", help="time zone of the calendar (UTC)")
    costs.add_argument("--format", choices=("table", "csv", "json"), help="table in a terminal, else csv")
    _ask_server(costs, "report", "report_costs")


def add_reconcile_command(commands: Any) -> None:
    """Add `reconcile import` and `reconcile show`."""
    topics = commands.add_parser(
        "reconcile", help="compare what providers charged with what was counted"
    ).add_subparsers(title="commands", metavar="command", required=True)
    file = topics.add_parser("import", help="import an export of a provider")
    file.add_argument("file", type=Path, help="JSON or CSV, as the provider exports it")
    file.add_argument("--format", required=True, choices=INVOICE_FORMATS, help="where the file comes from")
    file.add_argument("--provider", help="as spans spell it (that of the format)")
    file.add_argument(
        "--map", action="append", metavar="NAME=COLUMN", help="for csv: day=Date usd=Cost model=Model …"
    )
    _ask_server(file, "reconcile", "import_file")
    show = topics.add_parser("show", help="a month by model, with the causes of the gap")
    show.add_argument("--provider", default="openai", help="as spans spell it (openai)")
    show.add_argument("--month", help="calendar month, for example 2026-10 (the current one)")
    show.add_argument("--zone", default="UTC", help="time zone of the provider's days (UTC)")
    show.add_argument("--format", choices=("table", "csv", "json"), help="table in a terminal, else csv")
    _ask_server(show, "reconcile", "show_reconciliation")


def add_alerts_command(commands: Any) -> None:
    """Add `alerts apply` and `alerts export`."""
    topics = commands.add_parser("alerts", help="rules of a running server as a file").add_subparsers(
        title="commands", metavar="command", required=True
    )
    apply = topics.add_parser("apply", help="make the server's rules those of a file")
    apply.add_argument("file", type=Path, help="YAML file with a list called rules")
    apply.add_argument(
        "--delete-missing", action="store_true", help="delete rules that the file does not have"
    )
    apply.add_argument("--yes", action="store_true", help="apply without asking; the plan is printed anyway")
    _ask_server(apply, "alerts", "apply_rules")
    export = topics.add_parser("export", help="print the server's rules as such a file")
    _ask_server(export, "alerts", "export_rules")


def add_failures_command(commands: Any) -> None:
    """Add `failures`."""
    failures = commands.add_parser("failures", help="failure clusters of a running server")
    failures.add_argument("cluster", nargs="?", help="id of one cluster; without it the list")
    failures.add_argument("--since", default="7d", help="how far back, for example 24h (7d)")
    failures.add_argument("--state", action="append", help="new, rising, regressed, … (all that are open)")
    failures.add_argument("--category", action="append", help="for example rate_limit (all)")
    failures.add_argument("--app", help="only what hit this app")
    failures.add_argument("--assignee", help="only what this person takes care of")
    failures.add_argument("--limit", type=int, default=50, help="at most so many, those that hit most (50)")
    failures.add_argument("--format", choices=("table", "json"), help="table in a terminal, else json")
    _ask_server(failures, "failures", "show_failures")


def add_mcp_command(commands: Any) -> None:
    """Add `mcp`."""
    mcp = commands.add_parser("mcp", help="tools for coding agents over standard input and output (MCP)")
    _ask_server(mcp, "mcp", "run_mcp")


def _ask_server(parser: argparse.ArgumentParser, module: str, function: str) -> None:
    parser.add_argument("--server", help="address of the server (from the settings)")
    parser.set_defaults(run=deferred(module, function))
