"""Which team pays for an app, and the monthly statement of every team to the cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from sightline_analysis.costs.allocation import CENT, AllocationRule, allocate
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_core.errors import CallerError

UNASSIGNED = ""
"""The team of apps that no rule matches; shown as "unassigned"."""


@dataclass(frozen=True, slots=True)
class TeamRule:
    """`app` and `environment` are shell patterns (`support-*`); `team` "" leaves apps unassigned."""

    app: str
    team: str
    environment: str = "*"


@dataclass(frozen=True, slots=True)
class SharedCost:
    """Apps whose cost is split between teams. `shares` is read by the rule `fixed` only."""

    app: str
    rule: AllocationRule
    shares: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One app on a team's statement. `shared` lines are a part of an app's cost, by `rule`."""

    app: str
    environment: str
    amount_usd: Decimal
    estimated_usd: Decimal
    calls: int
    unpriced_calls: int
    shared: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one team owes; lines by amount. `total_usd` is the sum of the lines, in whole cents."""

    team: str
    lines: tuple[StatementLine, ...]
    total_usd: Decimal


def team_of(rules: Sequence[TeamRule], app: str, environment: str) -> str:
    """Return the team of the first rule that matches, else `UNASSIGNED`. Case matters."""
    for rule in rules:
        if fnmatchcase(app, rule.app) and fnmatchcase(environment, rule.environment):
            return rule.team
    return UNASSIGNED


def build_statements(
    spend: Mapping[tuple[str, str], Spend], rules: Sequence[TeamRule], shared: Sequence[SharedCost]
) -> list[Statement]:
    """Return one statement per team, by name, from totals by (app, environment).

    Each app's cost is rounded to cents so that all statements add up to the rounded total; shared apps are
    then split between the teams that have own cost (or the fixed shares), exactly to the cent.
    """
    cents = _in_whole_cents(spend)
    lines: dict[str, list[StatementLine]] = {}
    split: list[tuple[tuple[str, str], SharedCost]] = []
    for key in spend:
        rule = _shared_rule(shared, key[0])
        if rule is None:
            lines.setdefault(team_of(rules, *key), []).append(_line(key, spend[key], cents[key], None))
        else:
            split.append((key, rule))
    own = {team: _own_weights(team_lines) for team, team_lines in lines.items() if team != UNASSIGNED}
    for key, rule in split:
        for team, amount in _split(cents[key], rule, own).items():
            lines.setdefault(team, []).append(_line(key, spend[key], amount, rule))
    return [_statement(team, lines[team]) for team in sorted(lines)]


def _in_whole_cents(spend: Mapping[tuple[str, str], Spend]) -> dict[tuple[str, str], Decimal]:
    total = total_spend(spend.values()).cost_usd.quantize(CENT)
    if not spend:
        return {}
    index = {str(number): key for number, key in enumerate(sorted(spend))}
    parts = allocate(total, {number: spend[key].cost_usd for number, key in index.items()})
    return {index[number]: amount for number, amount in parts.items()}


def _shared_rule(shared: Sequence[SharedCost], app: str) -> SharedCost | None:
    return next((rule for rule in shared if fnmatchcase(app, rule.app)), None)


def _own_weights(lines: Sequence[StatementLine]) -> tuple[Decimal, Decimal]:
    return sum((line.amount_usd for line in lines), Decimal(0)), Decimal(sum(line.calls for line in lines))


def _split(
    amount: Decimal, rule: SharedCost, own: Mapping[str, tuple[Decimal, Decimal]]
) -> dict[str, Decimal]:
    if rule.rule == "fixed":
        if not rule.shares:
            raise CallerError(f"the fixed split of {rule.app!r} names no team")
        return allocate(amount, rule.shares)
    if not own:
        return {UNASSIGNED: amount}
    by_spend, by_calls = rule.rule == "by_spend", rule.rule == "by_calls"
    return allocate(
        amount,
        {team: usd if by_spend else calls if by_calls else Decimal(1) for team, (usd, calls) in own.items()},
    )


def _line(key: tuple[str, str], spend: Spend, amount: Decimal, rule: SharedCost | None) -> StatementLine:
    return StatementLine(
        app=key[0],
        environment=key[1],
        amount_usd=amount,
        estimated_usd=spend.estimated_usd,
        calls=spend.calls,
        unpriced_calls=spend.unpriced_calls,
        shared=rule is not None,
        rule="" if rule is None else rule.rule,
    )


def _statement(team: str, lines: list[StatementLine]) -> Statement:
    ordered = tuple(sorted(lines, key=lambda line: (-line.amount_usd, line.app, line.environment)))
    return Statement(team, ordered, sum((line.amount_usd for line in ordered), Decimal(0)))
