"""Liveness and readiness, for supervisors and load balancers."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sightline_core.errors import BackendError

_THREADS = 4


def health_routes(checks: Sequence[Callable[[], None]]) -> list[Route]:
    """Return `/healthz` (the process answers) and `/readyz` (it can do its work).

    One of `checks` raises `BackendError` when it cannot.
    """
    # Not those that API requests use: all of them may be waiting for what is asked about here.
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="health")

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        try:
            for check in checks:
                await asyncio.get_running_loop().run_in_executor(threads, check)
        except BackendError as error:
            return PlainTextResponse(f"not ready: {error}\n", error.status)
        return PlainTextResponse("ready\n")

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
