"""Gives each HTTP request its id: the one that a proxy in front gave it, or a new one."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline_core.request_id import HEADER, choose_request_id, request_id


class RequestIds:
    """ASGI middleware around the whole server: the id is in the answer, and in each line of the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = choose_request_id(Headers(scope=scope).get(HEADER, ""))
        # Not set back: each request is a task, and what it ends with is logged behind us.
        request_id.set(chosen)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = chosen
            await send(message)

        await self._app(scope, receive, send_with_id)
