"""What applying a file of rules would do: shown first, done second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_rule, rule_document
from sightline_core.errors import CallerError

PlanAction = Literal["create", "change", "delete", "keep"]


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One rule's part of the plan. `changes` maps a field to its value now and afterwards."""

    action: PlanAction
    key: str
    changes: Mapping[str, tuple[Any, Any]]
    rule: Rule | None


def parse_rule_file(document: object) -> list[Rule]:
    """Return the rules of a parsed file `{"rules": […]}`; `CallerError` says which rule is wrong and how."""
    if not isinstance(document, Mapping) or not isinstance(document.get("rules"), list):
        raise CallerError("a file of rules is a mapping with a list called rules")
    rules: list[Rule] = []
    for number, item in enumerate(document["rules"], start=1):
        key = item.get("key", "") if isinstance(item, Mapping) else ""
        try:
            rules.append(parse_rule(item))
        except CallerError as error:
            raise CallerError(f"rule {number} ({str(key)[:64] or 'without a key'}): {error}") from error
    keys = [rule.key for rule in rules]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise CallerError(f"the key {doubled[0]} is used by two rules of the file")
    refuse_circles(rules)
    return rules


def plan_rules(wanted: Sequence[Rule], stored: Sequence[Rule], *, delete_missing: bool) -> list[PlanItem]:
    """Return one item for each rule that is wanted or, with `delete_missing`, stored only; by key.

    `CallerError` when rules would depend on each other in a circle.
    """
    before = {rule.key: rule for rule in stored}
    kept = {} if delete_missing else before
    refuse_circles(list((kept | {rule.key: rule for rule in wanted}).values()))
    items = [_item(rule, before.get(rule.key)) for rule in wanted]
    if delete_missing:
        gone = before.keys() - {rule.key for rule in wanted}
        items += [PlanItem("delete", key, {}, None) for key in gone]
    return sorted(items, key=lambda item: item.key)


def parents_first(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules so that each comes after the one it depends on; there are no circles."""
    above = {rule.key: rule.depends_on for rule in rules}

    def depth(key: str) -> int:
        steps = 0
        while above.get(key) and steps < len(above):
            key, steps = above[key], steps + 1
        return steps

    return sorted(rules, key=lambda rule: depth(rule.key))


def refuse_circles(rules: Sequence[Rule]) -> None:
    """Raise `CallerError` when rules depend on each other in a circle: both would silence the other."""
    above = {rule.key: rule.depends_on for rule in rules if rule.depends_on}
    for start in above:
        seen, key = {start}, above[start]
        while key in above:
            if key in seen:
                raise CallerError(f"the rules {', '.join(sorted(seen))} depend on each other in a circle")
            seen.add(key)
            key = above[key]


def _item(rule: Rule, stored: Rule | None) -> PlanItem:
    if stored is None:
        return PlanItem("create", rule.key, {}, rule)
    now, then = rule_document(stored), rule_document(rule)
    changes = {
        name: (now.get(name), then.get(name))
        for name in sorted({*now, *then})
        if now.get(name) != then.get(name)
    }
    return PlanItem("change" if changes else "keep", rule.key, changes, rule)
