"""Options of the commands for operators."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sightline_server.commands.deferred import deferred, for_operators
from sightline_server.commands.option_values import filled, moment, project


def add_operator_commands(commands: Any) -> None:
    """Add `migrate`, `backup`, `restore`, `export`, `reprice`, `delete` and `doctor`."""
    migrate = _add(
        commands, "migrate", "bring the stores' schema up to date", deferred("operator", "migrate")
    )
    migrate.add_argument("--dry-run", action="store_true", help="print the statements instead")

    backup = _add(
        commands, "backup", "write all that is stored into a folder", deferred("operator", "backup")
    )
    backup.add_argument("folder", type=Path, help="a folder that does not exist yet")

    restore = _add(commands, "restore", "put a backup back", deferred("operator", "restore"))
    restore.add_argument("folder", type=Path, help="what `sightline backup` wrote")

    export = _add(commands, "export", "copy the store to a ClickHouse server", deferred("operator", "export"))
    export.add_argument(
        "--to", type=filled, required=True, help="clickhouse://user:password@host:8123/database"
    )

    reprice = _add(commands, "reprice", "price stored calls again", deferred("operator", "reprice"))
    reprice.add_argument("--from", dest="start", type=moment, required=True, help="2026-10-01, in UTC")
    reprice.add_argument("--to", dest="end", type=moment, required=True, help="2026-11-01, not included")
    reprice.add_argument(
        "--project", type=project, default="default", help="only this project's calls (default: default)"
    )

    delete = _add(
        commands, "delete", "delete traces, or all traces of users or sessions", deferred("delete", "delete")
    )
    delete.add_argument("kind", choices=("trace", "user", "session"))
    delete.add_argument(
        "values", nargs="+", type=filled, metavar="ID", help="ids as apps sent them; of traces 32 hex digits"
    )
    delete.add_argument(
        "--project", type=project, default="default", help="only in this project (default: default)"
    )

    _add(commands, "doctor", "check the settings, the stores and the journal", deferred("doctor", "doctor"))


def _add(
    commands: Any, name: str, help_text: str, command: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text)
    parser.add_argument("--data-dir", type=Path, help="folder of the embedded store and the journal")
    parser.set_defaults(run=for_operators(command))
    return parser
