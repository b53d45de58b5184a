"""`sightline alerts apply rules.yml`: shows what would change, then does it."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

import yaml

from sightline_analysis.alerts.plan import PlanItem, parse_rule_file, plan_rules
from sightline_analysis.alerts.rule_document import parse_rule, rule_document
from sightline_core.errors import CallerError
from sightline_core.settings import Settings
from sightline_server.commands.confirmation import confirmed
from sightline_server.commands.server_client import ServerClient

_SIGNS = {"create": "+", "change": "~", "delete": "-", "keep": " "}


def apply_rules(options: argparse.Namespace, settings: Settings) -> int:
    """Print the plan, ask, apply, and return 0; 1 when the plan was not accepted."""
    wanted = parse_rule_file(_read(options.file))
    with closing(ServerClient(settings, options.server)) as server:
        found = server.call("GET", "/alerts/rules")
        stored = [parse_rule(document) for document in found["rules"]]
        plan = plan_rules(wanted, stored, delete_missing=options.delete_missing)
        _print(plan)
        changes = [item for item in plan if item.action != "keep"]
        if not changes:
            return 0
        if not options.yes and not confirmed("Apply?"):
            return 1
        for item in changes:
            _apply(server, item, found["etags"].get(item.key))
    return 0


def _read(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CallerError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CallerError(f"{path} is not YAML: {' '.join(str(error).split())[:300]}") from error


def _print(plan: list[PlanItem]) -> None:
    for item in plan:
        sys.stdout.write(f"{_SIGNS[item.action]} {item.action} {item.key}\n")
        for name, (now, then) in item.changes.items():
            sys.stdout.write(f"    {name}: {now!r} -> {then!r}\n")
    sys.stdout.flush()


def _apply(server: ServerClient, item: PlanItem, etag: str | None) -> None:
    # What somebody else has saved since the plan was shown stays.
    headers = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    path = f"/alerts/rules/{item.key}"
    try:
        if item.rule is None:
            server.call("DELETE", path, headers=headers)
        else:
            server.call("PUT", path, headers=headers, json=rule_document(item.rule))
    except CallerError as error:
        raise CallerError(f"rule {item.key}: {error}") from error
