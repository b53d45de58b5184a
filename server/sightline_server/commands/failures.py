"""`sightline failures`: failure clusters in a terminal, as a table or as JSON."""

import argparse
import json
import sys
from contextlib import closing
from typing import Any
from urllib.parse import quote

from sightline_core.batches import batched
from sightline_core.plain_text import one_line
from sightline_core.settings import Settings
from sightline_server.commands.server_client import ServerClient
from sightline_server.commands.tables import cell, console

_FACTS = (
    "id", "state", "category", "scope", "title", "severity", "assignee", "traces", "spans", "users",
    "sessions", "cost_usd", "first_seen", "last_seen", "apps", "app_versions",
)  # fmt: skip
_BARS = " ▁▂▃▄▅▆▇█"


def show_failures(options: argparse.Namespace, settings: Settings) -> int:
    """Print the list, or one cluster, to standard output and return 0."""
    query: dict[str, Any] = {"since": options.since}
    with closing(ServerClient(settings, options.server)) as server:
        if options.cluster:
            answer = server.call("GET", f"/failures/{quote(options.cluster, safe='')}", params=query)
        else:
            filters = ("state", "category", "app", "assignee", "limit")
            query |= {name: value for name in filters if (value := getattr(options, name)) is not None}
            answer = server.call("GET", "/failures", params=query)
    chosen = options.format or ("table" if sys.stdout.isatty() else "json")
    if chosen == "json":
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    elif options.cluster:
        _write_cluster(answer)
    else:
        _write_list(answer)
    return 0


def sparkline(counts: list[int]) -> str:
    """Return one character for each count; the highest is a full block."""
    highest = max(counts, default=0)
    return "".join(
        _BARS[-(-count * (len(_BARS) - 1) // highest)] if highest else _BARS[0] for count in counts
    )


def _write_list(answer: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None)
    table.add_column("id", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("title")
    table.add_column("traces", justify="right", no_wrap=True)
    table.add_column("users", justify="right", no_wrap=True)
    table.add_column("last 24 h", no_wrap=True)
    for cluster in answer["clusters"]:
        cells = [cell(cluster[name]) for name in ("id", "state", "title", "traces", "users")]
        hourly = cluster["hourly"]
        pairs = [sum(hours) for hours in batched(hourly, 2)]
        table.add_row(*cells, sparkline(pairs))
    _print(table)
    if answer["more"]:
        _print("There are more: raise --limit or narrow the list.")


def _write_cluster(answer: dict[str, Any]) -> None:
    from rich.table import Table

    cluster = answer["cluster"]
    facts = Table(show_header=False, box=None)
    for name in _FACTS:
        value = cluster[name]
        facts.add_row(name.replace("_", " "), cell(", ".join(value) if isinstance(value, list) else value))
    facts.add_row("last 24 h", sparkline(cluster["hourly"]))
    _print(facts)
    for contrast in answer["contrasts"]:
        shares = f"{contrast['share_inside']:.0%} here, {contrast['share_outside']:.0%} of healthy spans"
        _print(f"  set apart by {contrast['attribute']} = {contrast['value']}: {shares}")
    for example in answer["examples"]:
        _print(f"  example {example['trace_id']} {example['start_time']}: {example['message']}")
    for decision in answer["decisions"]:
        undone = " (taken back)" if decision["undone"] else ""
        _print(f"  {decision['at']} {decision['actor']}: {decision['action']} {decision['note']}{undone}")


def _print(what: Any) -> None:
    console().print(one_line(what) if isinstance(what, str) else what, markup=False, highlight=False)
