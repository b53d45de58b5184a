"""Cost reports."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from sightline_analysis.costs.reporting import read_forecast, read_movers, read_report
from sightline_analysis.costs.savings import read_savings
from sightline_api.amounts import usd_text
from sightline_api.cost_models import CostForecast, CostMovers, CostReportModel, CostSavings, UnitName
from sightline_api.cost_view import change_model, report_model, savings_model
from sightline_api.dependencies import Caller, Range, Services

router = APIRouter(tags=["costs"])

Values = Annotated[list[str] | None, Query(max_length=50)]
Dimensions = Annotated[
    list[str],
    Query(
        default_factory=lambda: ["app"],
        max_length=3,
        description="app, environment, provider, model, kind, operation, user, session, prompt_name, "
        "prompt_version, service_tier or tags",
    ),
]
Zone = Annotated[str, Query(max_length=100, description="IANA time zone, for example Europe/Berlin")]


def _filters(
    app: Values = None, environment: Values = None, provider: Values = None, model: Values = None
) -> dict[str, list[str]]:
    given = {"app": app, "environment": environment, "provider": provider, "model": model}
    return {name: values for name, values in given.items() if values}


Filters = Annotated[dict[str, list[str]], Depends(_filters)]


@router.get("/costs")
def read_costs(
    services: Services,
    caller: Caller,
    time_range: Range,
    filters: Filters,
    by: Dimensions,
    unit: UnitName = "day",
    zone: Zone = "UTC",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> CostReportModel:
    """Return what each group cost by calendar bucket, beside the period before."""
    report = read_report(
        services.spend, caller.project, time_range, by, unit=unit, zone=zone, filters=filters, limit=limit
    )
    return report_model(report)


@router.get("/costs/movers")
def read_cost_movers(
    services: Services,
    caller: Caller,
    time_range: Range,
    filters: Filters,
    by: Dimensions,
    zone: Zone = "UTC",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> CostMovers:
    """Return the groups whose cost changed most, each with causes that add up to its change."""
    movers, total = read_movers(
        services.spend, caller.project, time_range, by, zone=zone, filters=filters, limit=limit
    )
    return CostMovers(
        dimensions=by,
        movers=[change_model(mover.key, mover.change) for mover in movers],
        total=change_model((), total),
    )


@router.get("/costs/forecast")
def read_cost_forecast(
    services: Services, caller: Caller, filters: Filters, zone: Zone = "UTC"
) -> CostForecast:
    """Return what the current calendar month is expected to cost at its end."""
    month, forecast = read_forecast(
        services.spend, caller.project, services.now(), zone=zone, filters=filters
    )
    return CostForecast(
        month_start=month.start,
        month_end=month.end,
        spent_usd=usd_text(forecast.spent_usd),
        expected_usd=usd_text(forecast.expected_usd),
        low_usd=usd_text(forecast.low_usd),
        high_usd=usd_text(forecast.high_usd),
        basis=forecast.basis,
    )


@router.get("/costs/savings")
def read_cost_savings(services: Services, caller: Caller, time_range: Range, filters: Filters) -> CostSavings:
    """Return what caches spared, and what failed and abandoned calls cost, by model."""
    rows = read_savings(services.spend, caller.project, time_range, filters)
    return CostSavings(models=[savings_model(row) for row in rows])
