"""What the page needs to know of the server."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter

from sightline_api.dependencies import Caller, Services
from sightline_api.models import ServerInfo
from sightline_core.time_range import TimeRange

router = APIRouter(tags=["server"])


@router.get("/info")
def read_info(services: Services, caller: Caller) -> ServerInfo:
    """Return the server's version, the caller's project, and whether any span has arrived."""
    ever = TimeRange(datetime(1970, 1, 1, tzinfo=UTC), services.now() + timedelta(days=1))
    newest = services.traces.find_traces(caller.project, ever, app=None, limit=1, cursor=None)
    return ServerInfo(
        version=services.server.version,
        project=caller.project,
        otlp_endpoint=services.server.otlp_endpoint,
        key_required=services.server.key_required,
        has_spans=bool(newest.traces),
    )
