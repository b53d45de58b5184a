"""What supervisors are told while everything else waits."""

import asyncio
import threading

import httpx
from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from sightline_core.errors import BackendError
from sightline_server.health import health_routes


def test_readiness_is_told_while_every_request_waits_for_a_store() -> None:
    def check() -> None:
        raise BackendError("the metadata database has not answered")

    async def ask() -> httpx.Response:
        answered = threading.Event()
        requests = int(current_default_thread_limiter().total_tokens)
        waiting = [asyncio.create_task(run_in_threadpool(answered.wait)) for _ in range(requests)]
        transport = httpx.ASGITransport(Starlette(routes=health_routes([check])))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await asyncio.wait_for(client.get("/readyz"), 5)
        finally:
            answered.set()
            await asyncio.gather(*waiting)

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.text) == (503, "not ready: the metadata database has not answered\n")
