"""What the page needs to know of the server."""

from fastapi import APIRouter

from sightline_api.dependencies import Caller, Services
from sightline_api.models import ServerInfo

router = APIRouter(tags=["server"])


@router.get("/info")
def read_info(services: Services, caller: Caller) -> ServerInfo:
    """Return the server's version, the caller's project, and whether any span has arrived."""
    return ServerInfo(
        version=services.server.version,
        project=caller.project,
        otlp_endpoint=services.server.otlp_endpoint,
        key_required=services.server.key_required,
        runs_server=caller.runs_server,
        has_spans=services.traces.has_traces(caller.project),
    )
