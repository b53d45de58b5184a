"""Who pays: teams with their cost centres, rules that give calls to teams, and spend that teams share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sightline_analysis.costs.allocation import ALLOCATION_RULES, AllocationRule
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_storage.spend.team_rules import SHARED, TeamRule, fits_pattern
from sightline_storage.spend.team_store import TeamStore

MAX_ENTRIES = 200
"""Of teams, of rules and of shared costs: each rule is a branch of the statement that the store runs."""
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Team:
    """A team and the cost centre that it is booked on; "" when it has none."""

    name: str
    cost_centre: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Calls whose app, environment and one tag fit these patterns are paid by `team`."""

    app: str
    environment: str
    tag: str
    team: str


@dataclass(frozen=True, slots=True)
class SharedCost:
    """Calls whose cost is split between teams. `shares` is read by the rule `fixed` only."""

    app: str
    environment: str
    split: AllocationRule
    shares: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """Shared costs come first, then assignments in order; what nothing fits stays without a team."""

    teams: tuple[Team, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    shared: tuple[SharedCost, ...] = ()

    def __post_init__(self) -> None:
        names = [team.name for team in self.teams]
        for entries in (self.teams, self.assignments, self.shared):
            if len(entries) > MAX_ENTRIES:
                raise CallerError(f"a plan has at most {MAX_ENTRIES} teams, rules and shared costs each")
        for number, name in enumerate(names):
            if not name or name.startswith("(") or name in names[:number]:
                raise CallerError(
                    f"teams[{number}].name must be unique, not empty, and not begin with a bracket"
                )
        for number, rule in enumerate(self.assignments):
            if rule.team not in names:
                raise CallerError(f"rules[{number}].team: there is no team {rule.team!r}")
        for number, shared in enumerate(self.shared):
            self._check_shares(f"shared[{number}]", shared, names)

    def _check_shares(self, place: str, shared: SharedCost, names: Sequence[str]) -> None:
        if shared.split != "fixed":
            return
        if not any(share > 0 for share in shared.shares.values()):
            raise CallerError(
                f"{place}.shares: a fixed split names at least one team with a share above zero"
            )
        for team, share in shared.shares.items():
            if team not in names:
                raise CallerError(f"{place}.shares: there is no team {team!r}")
            if not share.is_finite() or share < 0:
                raise CallerError(f"{place}.shares: the share of {team!r} must be a number and not negative")

    @property
    def column_rules(self) -> tuple[TeamRule, ...]:
        """What `team` and `cost_centre` mean as dimensions of a report."""
        centres = {team.name: team.cost_centre for team in self.teams}
        return (
            *(TeamRule(cost.app, SHARED, cost.environment) for cost in self.shared),
            *(
                TeamRule(rule.app, rule.team, rule.environment, rule.tag, centres[rule.team])
                for rule in self.assignments
            ),
        )

    def shared_cost_of(self, app: str, environment: str) -> SharedCost | None:
        """Return the first shared cost that the app in the environment belongs to."""
        for cost in self.shared:
            if fits_pattern(cost.app, app) and fits_pattern(cost.environment, environment):
                return cost
        return None


def team_rules(store: TeamStore, project: ProjectId) -> tuple[TeamRule, ...]:
    """Return what `team` and `cost_centre` mean in a project."""
    return parse_plan(store.read(project).document).column_rules


def parse_plan(document: Mapping[str, Any]) -> TeamPlan:
    """Return the plan of a document `{teams, rules, shared}`; `CallerError` that names the entry at fault."""
    return TeamPlan(
        tuple(
            Team(_text(entry, f"teams[{n}]", "name"), _text(entry, f"teams[{n}]", "cost_centre", ""))
            for n, entry in _entries(document, "teams")
        ),
        tuple(
            Assignment(
                app=_text(entry, f"rules[{n}]", "app", "*"),
                environment=_text(entry, f"rules[{n}]", "environment", "*"),
                tag=_text(entry, f"rules[{n}]", "tag", "*"),
                team=_text(entry, f"rules[{n}]", "team"),
            )
            for n, entry in _entries(document, "rules")
        ),
        tuple(_shared(entry, f"shared[{n}]") for n, entry in _entries(document, "shared")),
    )


def plan_document(plan: TeamPlan) -> dict[str, Any]:
    """Return the document that `parse_plan` reads back."""
    return {
        "teams": [{"name": team.name, "cost_centre": team.cost_centre} for team in plan.teams],
        "rules": [
            {"app": rule.app, "environment": rule.environment, "tag": rule.tag, "team": rule.team}
            for rule in plan.assignments
        ],
        "shared": [
            {
                "app": cost.app,
                "environment": cost.environment,
                "split": cost.split,
                "shares": {team: str(share) for team, share in cost.shares.items()},
            }
            for cost in plan.shared
        ],
    }


def _entries(document: Mapping[str, Any], name: str) -> list[tuple[int, Mapping[str, Any]]]:
    entries = document.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise CallerError(f"{name} must be a list of objects")
    return list(enumerate(entries))


def _text(entry: Mapping[str, Any], place: str, name: str, default: str | None = None) -> str:
    value = entry.get(name, default)
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise CallerError(f"{place}.{name} must be a text of at most {MAX_TEXT} characters")
    return value.strip() or (default if default is not None else "")


def _shared(entry: Mapping[str, Any], place: str) -> SharedCost:
    split = _text(entry, place, "split", "even")
    known = next((rule for rule in ALLOCATION_RULES if rule == split), None)
    if known is None:
        raise CallerError(f"{place}.split must be one of {', '.join(ALLOCATION_RULES)}")
    shares = entry.get("shares", {})
    if not isinstance(shares, Mapping):
        raise CallerError(f"{place}.shares must be an object of team and share")
    return SharedCost(
        app=_text(entry, place, "app", "*"),
        environment=_text(entry, place, "environment", "*"),
        split=known,
        shares={str(team): _share(share, f"{place}.shares") for team, share in shares.items()},
    )


def _share(value: object, place: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise CallerError(f"{place}: {str(value)[:40]!r} is not a number") from error
