"""Apps seen."""

from fastapi import APIRouter

from sightline_api.dependencies import Caller, Range, Services
from sightline_api.models import AppList
from sightline_api.trace_view import app_summary

router = APIRouter(tags=["apps"])


@router.get("/apps")
def list_apps(services: Services, caller: Caller, time_range: Range) -> AppList:
    """Return the apps with spans in the time range, most traces first."""
    rows = services.traces.list_apps(caller.project, time_range)
    return AppList(apps=[app_summary(row) for row in rows])
