"""Teams, cost centres and monthly statements."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response

from sightline_analysis.costs.calendar_buckets import load_zone, parse_month
from sightline_analysis.costs.team_plan import parse_plan, plan_document
from sightline_analysis.costs.teams import Statement, StatementLine, read_statements
from sightline_api.amounts import usd_text
from sightline_api.csv_text import CSV_FILE, csv_response, plain_cell
from sightline_api.dependencies import Caller, Editor, Services
from sightline_api.team_models import (
    StatementLineModel,
    StatementModel,
    Statements,
    TeamPlanModel,
    TeamPlanWrite,
)

router = APIRouter(tags=["teams"])

Month = Annotated[str, Query(description="calendar month, for example 2026-10", max_length=7)]
Zone = Annotated[str, Query(max_length=100, description="IANA time zone of the calendar")]
_HEADER = (
    "month",
    "team",
    "cost_centre",
    "app",
    "environment",
    "split",
    "usd",
    "estimated_usd",
    "calls",
    "unpriced_calls",
    "sampled",
)


@router.get("/teams")
def read_team_plan(services: Services, caller: Caller) -> TeamPlanModel:
    """Return who pays for what."""
    stored = services.teams.read(caller.project)
    document = plan_document(parse_plan(stored.document))
    return TeamPlanModel.model_validate(
        document
        | {"version": stored.version, "updated_at": stored.updated_at, "updated_by": stored.updated_by}
    )


@router.put("/teams")
def save_team_plan(services: Services, caller: Editor, plan: TeamPlanWrite) -> TeamPlanModel:
    """Replace the plan; a conflict when somebody has saved another one meanwhile."""
    document = plan_document(parse_plan(plan.model_dump(exclude={"version"})))
    services.teams.save(caller.project, document, version=plan.version, by=caller.name, at=services.now())
    return read_team_plan(services, caller)


@router.get("/teams/statements")
def read_team_statements(services: Services, caller: Caller, month: Month, zone: Zone = "UTC") -> Statements:
    """Return what each team owes for a calendar month, to the cent."""
    period = parse_month(month, load_zone(zone))
    plan = parse_plan(services.teams.read(caller.project).document)
    found = read_statements(services.spend, caller.project, period, plan)
    return Statements(
        month=month,
        zone=zone,
        start=period.start,
        end=period.end,
        is_over=period.end <= services.now(),
        statements=[_statement(statement) for statement in found.statements],
        usd=_cents(sum((statement.total_usd for statement in found.statements), Decimal(0))),
        sampled=found.sampled,
    )


@router.get("/teams/statements/csv", responses=CSV_FILE, response_class=Response)
def download_team_statements(
    services: Services,
    caller: Caller,
    month: Month,
    zone: Zone = "UTC",
    team: Annotated[str | None, Query(max_length=200, description="one team; all without it")] = None,
) -> Response:
    """Return the lines of the statements as CSV."""
    found = read_team_statements(services, caller, month, zone)
    rows = [
        [
            month,
            plain_cell(statement.team or "(unassigned)"),
            plain_cell(statement.cost_centre),
            plain_cell(line.app),
            plain_cell(line.environment),
            line.split or "",
            line.usd,
            line.estimated_usd,
            line.calls,
            line.unpriced_calls,
            found.sampled,
        ]
        for statement in found.statements
        if team is None or statement.team == team
        for line in statement.lines
    ]
    suffix = "" if team is None else f"-{team or 'unassigned'}"
    return csv_response(f"statement-{month}{suffix}.csv", _HEADER, rows)


def _statement(statement: Statement) -> StatementModel:
    lines = statement.lines
    return StatementModel(
        team=statement.team,
        cost_centre=statement.cost_centre,
        usd=_cents(statement.total_usd),
        estimated_usd=usd_text(sum((line.estimated_usd for line in lines), Decimal(0))),
        calls=sum(line.calls for line in lines),
        unpriced_calls=sum(line.unpriced_calls for line in lines),
        lines=[_line(line) for line in lines],
    )


def _line(line: StatementLine) -> StatementLineModel:
    return StatementLineModel(
        app=line.app,
        environment=line.environment,
        usd=_cents(line.amount_usd),
        estimated_usd=usd_text(line.estimated_usd),
        calls=line.calls,
        unpriced_calls=line.unpriced_calls,
        split=line.split,
    )


def _cents(amount: Decimal) -> str:
    return format(amount, ".2f")
