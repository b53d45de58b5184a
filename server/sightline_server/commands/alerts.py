"""`sightline alerts apply rules.yml` shows what would change, then does it; `export` prints such a file."""

import argparse
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from sightline_analysis.alerts.plan import PlanItem, parse_rule_file, plan_rules
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_stored, rule_document
from sightline_core.errors import CallerError
from sightline_core.settings import Settings
from sightline_server.commands.confirmation import confirmed
from sightline_server.commands.server_client import ServerClient

_SIGNS = {"create": "+", "change": "~", "delete": "-", "keep": " "}


class _RuleLoader(yaml.SafeLoader):
    """Reads 22:00 as text, which YAML 1.1 takes for a number, and refuses a field that is there twice."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        names = [name for name, _ in node.value if isinstance(name, yaml.ScalarNode)]
        seen: set[str] = set()
        for name in names:
            if name.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{name.value} is there twice", problem_mark=name.start_mark
                )
            seen.add(name.value)
        return node

    def construct_yaml_int(self, node: yaml.ScalarNode) -> Any:
        return node.value if ":" in node.value else super().construct_yaml_int(node)


_RuleLoader.add_constructor("tag:yaml.org,2002:int", _RuleLoader.construct_yaml_int)


def apply_rules(options: argparse.Namespace, settings: Settings) -> int:
    """Print the plan, ask, apply, and return 0; 1 when the plan was not accepted."""
    wanted = parse_rule_file(_read(options.file))
    with closing(ServerClient(settings, options.server)) as server:
        found = server.call("GET", "/alerts/rules")
        stored, unread = parse_stored(found["rules"])
        plan = [
            # Of what it replaces no field can be told.
            replace(item, action="change") if item.key in unread else item
            for item in plan_rules(wanted, stored, delete_missing=options.delete_missing)
        ]
        _print(plan)
        for key in sorted(unread.keys() - {rule.key for rule in wanted}):
            _warn(key, unread[key], "it stays")
        # What somebody else has saved since the plan was shown stays.
        changes = [_change(item, found["etags"].get(item.key)) for item in plan if item.action != "keep"]
        if not changes:
            return 0
        if not options.yes and not confirmed("Apply?"):
            return 1
        server.call("POST", "/alerts/rules/changes", json={"changes": changes})
    return 0


def export_rules(options: argparse.Namespace, settings: Settings) -> int:
    """Print the server's rules as a file that `apply_rules` takes and keeps them all by; 0.

    1 when rules of another version are left out, which `apply_rules` keeps all the same.
    """
    with closing(ServerClient(settings, options.server)) as server:
        stored, unread = parse_stored(server.call("GET", "/alerts/rules")["rules"])
    document = {"rules": [_without_defaults(rule) for rule in stored]}
    sys.stdout.write(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))
    for key, why in unread.items():
        _warn(key, why, "it is left out")
    return 1 if unread else 0


def _warn(key: str, why: str, outcome: str) -> None:
    sys.stderr.write(f"sightline: rule {key} is of another version, {outcome}: {why}\n")


def _without_defaults(rule: Rule) -> dict[str, Any]:
    bare = Rule(rule.key, rule.name, rule.measure, rule.condition, rule.window, score=rule.score)
    usual, needed = rule_document(bare), {"key", "name", "measure", "window", "condition"}
    document = rule_document(rule)
    kept = {name: value for name, value in document.items() if name in needed or value != usual.get(name)}
    return kept | ({"score": rule.score} if rule.score else {})


def _read(path: Path) -> object:
    try:
        # A kind of `SafeLoader`.
        return yaml.load(path.read_text(encoding="utf-8"), _RuleLoader)
    except OSError as error:
        raise CallerError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CallerError(f"{path} is not YAML: {' '.join(str(error).split())[:300]}") from error


def _print(plan: list[PlanItem]) -> None:
    for item in plan:
        sys.stdout.write(f"{_SIGNS[item.action]} {item.action} {item.key}\n")
        for name, (now, then) in item.changes.items():
            sys.stdout.write(f"    {name}: {now!r} -> {then!r}\n")
    sys.stdout.flush()


def _change(item: PlanItem, etag: str | None) -> dict[str, Any]:
    return {"key": item.key, "rule": item.rule and rule_document(item.rule), "etag": etag}
