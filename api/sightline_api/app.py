"""The API as a sub-application; the server mounts it at `/api`."""

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from sightline_api.answer_headers import AnswerHeaders
from sightline_api.bounded_reads import BoundedReads
from sightline_api.head_requests import HeadRequests
from sightline_api.known_parameters import refuse_unknown_parameters
from sightline_api.models import Problem
from sightline_api.problem import MAX_BODY_BYTES, MEDIA_TYPE, install_problem_handlers
from sightline_api.request_guard import RequestGuard
from sightline_api.routes import ROUTERS
from sightline_api.routes.tail import MAX_TAILS, TAILS_OF_OTHERS
from sightline_api.services import ApiServices
from sightline_core.fair_slots import FairSlots

MOUNT_PATH = "/api"
_VERSION_PATH = "/v1"
# The key last: @hey-api/openapi-ts writes one token in each of these ways over the one before.
_SECURITY_SCHEMES = {
    "password": {"type": "http", "scheme": "basic", "description": "as `admin`, or a key as the password"},
    "key": {"type": "http", "scheme": "bearer", "description": "a key of a project, or of the settings"},
}


class _Api(FastAPI):
    """Describes itself with the paths that callers use: below the mount, with one shape of error."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _describe(self)
        return self.openapi_schema


def create_api(services: ApiServices) -> FastAPI:
    """Return the application for `app.mount("/api", …)`: routes below `/v1`, and `/openapi.json`."""
    api = _Api(
        title="Sightline",
        version="1",
        description="Traces, failures and cost of LLM apps. Times are RFC 3339 UTC, money is decimal USD.",
        docs_url=None,
        redoc_url=None,
        root_path_in_servers=False,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    api.state.services = services
    api.state.tail_slots = FairSlots(MAX_TAILS, for_others=TAILS_OF_OTHERS)
    for router in ROUTERS:
        api.include_router(router, prefix=_VERSION_PATH, dependencies=[Depends(refuse_unknown_parameters)])
    install_problem_handlers(api)
    api.add_middleware(BoundedReads)
    api.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES)
    api.add_middleware(RequestGuard, allowed_hosts=services.allowed_hosts)
    api.add_middleware(HeadRequests)
    api.add_middleware(AnswerHeaders)
    return api


def _describe(api: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=api.title, version=api.version, description=api.description, routes=api.routes
    )
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    problem = {
        "description": "Problem details (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
    document["components"]["securitySchemes"] = _SECURITY_SCHEMES
    # Any of them; the last is for a server without a secret, which asks nobody for one.
    document["security"] = [*({name: []} for name in _SECURITY_SCHEMES), {}]
    document["paths"] = {MOUNT_PATH + path: item for path, item in document["paths"].items()}
    return document
