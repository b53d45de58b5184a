"""Options of `sightline projects`, `keys` and `prices`.

They change the metadata database, which a running server reads every few seconds: it need not be stopped.
Only what deletes a project opens the store, or asks the server that holds it.
"""

import argparse
from decimal import Decimal
from pathlib import Path
from typing import Any

from sightline_core.price_overrides import parse_price
from sightline_core.price_rates import CLASSES, PRICED
from sightline_server.commands.deferred import deferred, for_operators
from sightline_server.commands.option_values import filled, moment, project


def add_project_commands(commands: Any) -> None:
    """Add `projects`, `keys` and `prices`."""
    _add_projects(_group(commands, "projects", "projects and their limits"))
    _add_keys(_group(commands, "keys", "keys of projects, beside the one in the settings"))
    _add_prices(_group(commands, "prices", "the price catalogue and own prices"))


_MOST = 2**31 - 1
_LIMITS = {
    "--retention-days": "days that spans are kept; 0: for ever",
    "--max-spans-per-s": "0: no limit",
    "--max-body-size": "bytes of a request; at most the server's, like all that follow",
    "--max-decompressed-size": "bytes that a request unpacks to",
    "--max-attributes": "of a span",
    "--max-attribute-size": "characters",
    "--max-attribute-depth": "levels of lists and objects",
    "--max-content-size": "characters of an input or output",
}


def _add_projects(actions: Any) -> None:
    _add(actions, "list", "show all projects", "list_projects")
    change = _add(actions, "set", "create a project or change its limits", "set_project")
    change.add_argument("project", type=project, help="lower-case letters, digits, - and _")
    change.add_argument("--name", default=argparse.SUPPRESS, help="what people call it")
    for name, help_text in _LIMITS.items():
        change.add_argument(name, type=_limit, default=argparse.SUPPRESS, metavar="N", help=help_text)
    change.epilog = "'server' instead of a number goes back to what the server's settings say."
    gone = _add_parser(actions, "delete", "delete a project with everything in it")
    gone.set_defaults(run=for_operators(deferred("delete", "delete_project")))
    gone.add_argument("project", type=project)
    gone.add_argument("--yes", action="store_true", help="delete without asking")


def _add_keys(actions: Any) -> None:
    create = _add(actions, "create", "make a key; it is shown this once", "create_key")
    create.add_argument("name", type=filled, help="who or what uses it")
    create.add_argument(
        "--role", choices=("write", "read", "admin"), default="write",
        help="write: send spans and scores (for apps); read: read only; admin: both, and change rules,"
        " prices, views and triage (default: write)",
    )  # fmt: skip
    create.add_argument(
        "--project", type=project, default="default", help="the only one that it reaches (default: default)"
    )
    shown = _add(actions, "list", "show keys, without the keys themselves", "list_keys")
    shown.add_argument("--project", type=project)
    revoke = _add(actions, "revoke", "end a key; running servers refuse it within seconds", "revoke_key")
    revoke.add_argument("id", type=filled, help="from `sightline keys list`, or its beginning")


def _add_prices(actions: Any) -> None:
    update = _add(actions, "update", "download the newest price catalogue", "update_prices")
    source = update.add_mutually_exclusive_group()
    source.add_argument("--file", type=Path, help="read it from a file instead, where there is no network")
    source.add_argument("--undo", action="store_true", help="go back to the catalogue of this installation")
    shown = _add(actions, "list", "show the catalogue in use and own prices", "list_prices")
    shown.add_argument("--project", type=project)
    change = _add(actions, "set", "add or replace an own price, in USD for a million tokens", "set_price")
    change.add_argument("name", type=filled, help="names the price, in this project")
    change.add_argument("--model", type=filled, required=True, help="may hold *, for example 'gpt-4o*'")
    change.add_argument("--input", type=_usd, required=True)
    change.add_argument("--output", type=_usd, required=True)
    for name, default in CLASSES.items():
        change.add_argument(f"--{_option(name)}", type=_usd, help=f"default: as {_option(default)}")
    change.add_argument(
        "--long-above", type=_tokens, metavar="N",
        help="a call with more input tokens costs what the --long options say, for all of its tokens",
    )  # fmt: skip
    for name in PRICED:
        change.add_argument(f"--long-{_option(name)}", type=_usd, help=f"default: as --{_option(name)}")
    change.add_argument("--tier", default="", help="service tier, for example batch; default: the usual one")
    change.add_argument("--provider", default="", help="a GenAI provider name; default: every one")
    change.add_argument("--from", dest="start", type=moment, help="2026-10-01, in UTC; default: always")
    change.add_argument("--until", dest="end", type=moment, help="not included; default: for ever")
    change.add_argument("--project", type=project, default="default")
    remove = _add(actions, "remove", "remove an own price", "remove_price")
    remove.add_argument("name", type=filled)
    remove.add_argument("--project", type=project, default="default")


def _group(commands: Any, name: str, help_text: str) -> Any:
    parser = commands.add_parser(name, help=help_text)
    return parser.add_subparsers(title="actions", metavar="action", required=True)


def _add(actions: Any, name: str, help_text: str, function: str) -> argparse.ArgumentParser:
    parser = _add_parser(actions, name, help_text)
    parser.set_defaults(run=deferred("projects", function))
    return parser


def _add_parser(actions: Any, name: str, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=help_text)
    parser.add_argument("--data-dir", type=Path, help="folder of the embedded store and the journal")
    return parser


def _limit(text: str) -> int | None:
    if text == "server":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > _MOST:
        raise argparse.ArgumentTypeError(f"neither a number of 0 or more, {_MOST} at most, nor 'server'")
    return int(text)


def _option(name: str) -> str:
    return name.replace("_", "-")


def _tokens(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError("not a whole number")
    return int(text)


def _usd(text: str) -> Decimal:
    try:
        return parse_price(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it {error}") from error
