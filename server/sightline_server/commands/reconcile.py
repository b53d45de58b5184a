"""`sightline reconcile`: import what a provider charged, and show it against what was counted."""

import argparse
import json
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sightline_analysis.costs.calendar_buckets import load_zone
from sightline_core.errors import CallerError
from sightline_core.settings import Settings
from sightline_server.commands.server_client import ServerClient
from sightline_server.commands.tables import cell, console, write_table

_MAX_BYTES = 2_000_000


def import_file(options: argparse.Namespace, settings: Settings) -> int:
    """Import an export of a provider and say what it was."""
    body = {
        "format": options.format,
        "content": _content(options.file),
        "file": options.file.name,
        "provider": options.provider or "",
        "mapping": dict(_mapped(pair) for pair in options.map or ()),
    }
    with closing(ServerClient(settings, options.server)) as server:
        entry = server.call("POST", "/reconciliation/imports", json=body)
    amount = "" if entry["usd"] is None else f", ${entry['usd']}"
    days = f"{entry['first_day']} to {entry['last_day']}"
    sys.stdout.write(f"{entry['provider']} {entry['kind']}: {entry['lines']} lines{amount}, {days}\n")
    return 0


def show_reconciliation(options: argparse.Namespace, settings: Settings) -> int:
    """Print a month by model, with the causes of the gap."""
    month = options.month or datetime.now(load_zone(options.zone)).strftime("%Y-%m")
    query = {"provider": options.provider, "month": month, "zone": options.zone}
    chosen = options.format or ("table" if sys.stdout.isatty() else "csv")
    with closing(ServerClient(settings, options.server)) as server:
        if chosen == "csv":
            sys.stdout.write(server.text("/reconciliation/csv", params=query))
            return 0
        found = server.call("GET", "/reconciliation", params=query)
    if chosen == "json":
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        _write_table(found)
    return 0


def _content(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CallerError(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise CallerError(f"{file} has more than {_MAX_BYTES} bytes; export fewer days at a time")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CallerError(f"{file} is not UTF-8 text") from error


def _mapped(pair: str) -> tuple[str, str]:
    name, equals, column = pair.partition("=")
    if not equals:
        raise CallerError(f"--map {pair}: write it as day=Date")
    return name.strip(), column.strip()


def _write_table(found: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for title in ("model", "counted usd", "invoiced usd", "gap", "because of"):
        table.add_column(title, justify="left" if title in ("model", "because of") else "right")
    for row in [*found["models"], {**found["total"], "model": "(total)"}]:
        causes = "\n".join(f"{cause.replace('_', ' ')} {usd}" for cause, usd in row["causes"].items())
        counted = row["counted_usd"] if row["counted_usd"] is not None else "unpriced"
        cells = [
            counted,
            row["invoiced_usd"] or "",
            row["gap_usd"] or "",
            causes,
        ]
        table.add_row(cell(row["model"] or "(no model)"), *map(Text, cells))
    write_table(table)
    if found["uncovered_days"]:
        console().print(f"not compared, because nothing was imported: {', '.join(found['uncovered_days'])}")
