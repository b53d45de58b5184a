"""Cost reports."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from sightline_analysis.costs.outcomes import read_unit_costs
from sightline_analysis.costs.reporting import read_forecast, read_movers, read_report
from sightline_analysis.costs.savings import read_savings
from sightline_api.cost_csv import report_csv
from sightline_api.cost_filters import Filters
from sightline_api.cost_models import (
    CostForecast,
    CostMovers,
    CostReportModel,
    CostSavings,
    UnitCosts,
    UnitName,
)
from sightline_api.cost_view import (
    forecast_model,
    movers_model,
    report_model,
    savings_model,
    unit_costs_model,
)
from sightline_api.csv_text import CSV_FILE
from sightline_api.dependencies import Caller, Range, Services

router = APIRouter(tags=["costs"])

Dimensions = Annotated[
    list[str],
    Query(
        default_factory=lambda: ["app"],
        max_length=3,
        description="app, environment, team, cost_centre, provider, model, kind, operation, user, session, "
        "prompt_name, prompt_version, service_tier, tag, or tags (the whole set of them)",
    ),
]
Zone = Annotated[str, Query(max_length=100, description="IANA time zone, for example Europe/Berlin")]


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


@router.get("/costs/csv", responses=CSV_FILE, response_class=Response)
def download_costs(
    services: Services,
    caller: Caller,
    time_range: Range,
    filters: Filters,
    by: Dimensions,
    zone: Zone = "UTC",
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Response:
    """Return the groups of the report and their total as CSV."""
    return report_csv(read_costs(services, caller, time_range, filters, by, "month", zone, limit))


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
    movers = read_movers(
        services.spend, caller.project, time_range, by, zone=zone, filters=filters, limit=limit
    )
    return movers_model(by, movers)


@router.get("/costs/units")
def read_cost_units(
    services: Services,
    caller: Caller,
    time_range: Range,
    filters: Filters,
    by: Dimensions,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> UnitCosts:
    """Return what one trace, session, user and success of each group cost."""
    report = read_unit_costs(services.spend, caller.project, time_range, by, filters=filters, limit=limit)
    return unit_costs_model(by, report)


@router.get("/costs/forecast")
def read_cost_forecast(
    services: Services, caller: Caller, filters: Filters, zone: Zone = "UTC"
) -> CostForecast:
    """Return what the current calendar month is expected to cost at its end."""
    return forecast_model(
        read_forecast(services.spend, caller.project, services.now(), zone=zone, filters=filters)
    )


@router.get("/costs/savings")
def read_cost_savings(services: Services, caller: Caller, time_range: Range, filters: Filters) -> CostSavings:
    """Return what caches spared, and what failed and abandoned calls cost, by model."""
    found = read_savings(services.spend, caller.project, time_range, filters)
    return CostSavings(models=[savings_model(row) for row in found.models], sampled=found.sampled)
