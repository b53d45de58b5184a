"""Liveness and readiness, for supervisors and load balancers."""

from collections.abc import Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sightline_core.errors import BackendError


def health_routes(checks: Sequence[Callable[[], None]]) -> list[Route]:
    """Return `/healthz` (the process answers) and `/readyz` (it can do its work).

    One of `checks` raises `BackendError` when it cannot.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        try:
            for check in checks:
                await run_in_threadpool(check)
        except BackendError as error:
            return PlainTextResponse(f"not ready: {error}\n", error.status)
        return PlainTextResponse("ready\n")

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
