"""The monthly statement of every team, to the cent.

Each app's cost is rounded to cents so that all statements add up to the total, rounded once. Shared spend is
then split exactly: its money, its estimated part and its calls by the same weights.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sightline_analysis.costs.allocation import AllocationRule, allocate
from sightline_analysis.costs.spend import Spend, total_spend
from sightline_analysis.costs.spend_rows import spend_of
from sightline_analysis.costs.team_plan import SharedCost, TeamPlan
from sightline_core.ids import ProjectId
from sightline_core.money import CENT, COST_STEP
from sightline_core.time_range import TimeRange
from sightline_storage.spend.spend_reader import SpendReader
from sightline_storage.spend.team_rules import SHARED, UNASSIGNED

OTHER_APPS = "(other apps)"
"""Where apps, environments and tags make too many groups to be told apart."""

Payer = tuple[str, str, str]
"""Team, app, environment."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One app on a team's statement. Lines with a `split` are the team's part of a shared cost.

    `unpriced_calls` are in no amount: the line is a lower bound where there are any.
    """

    app: str
    environment: str
    amount_usd: Decimal
    estimated_usd: Decimal
    calls: int
    unpriced_calls: int
    split: AllocationRule | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one team owes; lines by amount. `total_usd` is the sum of the lines, in whole cents."""

    team: str
    cost_centre: str
    lines: tuple[StatementLine, ...]
    total_usd: Decimal


@dataclass(frozen=True, slots=True)
class TeamStatements:
    """By name of the team, that of calls without one first.

    `sampled`: sampled calls are in them, and the amounts are estimates.
    """

    statements: list[Statement]
    sampled: bool


def read_statements(
    reader: SpendReader, project: ProjectId, period: TimeRange, plan: TeamPlan
) -> TeamStatements:
    """Return the statements of a period."""
    rows = reader.read_spend(project, period, ["team", "app", "environment"], [period.start], {})
    spend: dict[Payer, Spend] = {}
    for row in rows:
        sums = spend_of(row.sums)
        if row.is_rest:
            spend[UNASSIGNED, OTHER_APPS, ""] = sums
        elif sums.calls:
            spend[row.key[0], row.key[1], row.key[2]] = sums
    return TeamStatements(build_statements(spend, plan), reader.is_sampled(project, period, {}))


def build_statements(spend: Mapping[Payer, Spend], plan: TeamPlan) -> list[Statement]:
    """Return one statement for each team of the plan, and one for calls without a team if there are any.

    Shared costs are split between the teams that have costs of their own, or by their fixed shares; without
    any receiver they stay unassigned.
    """
    cents = _in_whole_cents(spend)
    lines: dict[str, list[StatementLine]] = {team.name: [] for team in plan.teams}
    for payer, sums in spend.items():
        if payer[0] != SHARED:
            lines.setdefault(payer[0], []).append(_line(payer, sums, cents[payer]))
    own = _own_weights(spend)
    for payer, sums in spend.items():
        cost = plan.shared_cost_of(*payer[1:]) if payer[0] == SHARED else None
        if cost is not None:
            for team, line in _split(payer, sums, cents[payer], cost, own).items():
                lines.setdefault(team, []).append(line)
    centres = {team.name: team.cost_centre for team in plan.teams}
    return [_statement(team, centres.get(team, ""), lines[team]) for team in sorted(lines)]


def _in_whole_cents(spend: Mapping[Payer, Spend]) -> dict[Payer, Decimal]:
    if not spend:
        return {}
    total = total_spend(spend.values()).cost_usd.quantize(CENT)
    index = {str(number): payer for number, payer in enumerate(sorted(spend))}
    parts = allocate(total, {number: spend[payer].cost_usd for number, payer in index.items()})
    return {index[number]: amount for number, amount in parts.items()}


def _own_weights(spend: Mapping[Payer, Spend]) -> dict[str, tuple[Decimal, Decimal]]:
    """Return cost and calls of each team that has any, not rounded: cents may be all that they cost."""
    own: dict[str, Spend] = defaultdict(Spend)
    for (team, _, _), sums in spend.items():
        if team not in (UNASSIGNED, SHARED):
            own[team] += sums
    return {team: (sums.cost_usd, Decimal(sums.calls)) for team, sums in own.items()}


def _split(
    payer: Payer,
    sums: Spend,
    amount: Decimal,
    cost: SharedCost,
    own: Mapping[str, tuple[Decimal, Decimal]],
) -> dict[str, StatementLine]:
    weights = _weights(cost, own) or {UNASSIGNED: Decimal(1)}
    amounts = allocate(amount, weights)
    estimated = allocate(sums.estimated_usd, weights, step=COST_STEP)
    calls = allocate(Decimal(sums.calls), weights, step=Decimal(1))
    unpriced = allocate(Decimal(sums.unpriced_calls), weights, step=Decimal(1))
    return {
        team: StatementLine(
            app=payer[1],
            environment=payer[2],
            amount_usd=amounts[team],
            estimated_usd=estimated[team],
            calls=int(calls[team]),
            unpriced_calls=int(unpriced[team]),
            split=cost.split,
        )
        for team in weights
    }


def _weights(cost: SharedCost, own: Mapping[str, tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    if cost.split == "fixed":
        return {team: share for team, share in cost.shares.items() if share}
    by_spend, by_calls = cost.split == "by_spend", cost.split == "by_calls"
    return {
        team: usd if by_spend else calls if by_calls else Decimal(1) for team, (usd, calls) in own.items()
    }


def _line(payer: Payer, sums: Spend, amount: Decimal) -> StatementLine:
    return StatementLine(
        app=payer[1],
        environment=payer[2],
        amount_usd=amount,
        estimated_usd=sums.estimated_usd,
        calls=sums.calls,
        unpriced_calls=sums.unpriced_calls,
        split=None,
    )


def _statement(team: str, cost_centre: str, lines: list[StatementLine]) -> Statement:
    ordered = tuple(sorted(lines, key=lambda line: (-line.amount_usd, line.app, line.environment)))
    total = sum((line.amount_usd for line in ordered), CENT * 0)
    return Statement(team, cost_centre, ordered, total)
