"""`HEAD` of what answers `GET`: the same status and headers, and no body (RFC 9110, 9.3.2)."""

from anyio import CancelScope
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Asks the route of `GET`. Downloads and tails end as when their reader leaves, at the first bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        with CancelScope() as asked:

            async def send_without_body(message: Message) -> None:
                if message["type"] == "http.response.body":
                    if message.get("more_body"):
                        asked.cancel()
                    message = {"type": "http.response.body", "body": b""}
                await send(message)

            await self._app({**scope, "method": "GET"}, receive, send_without_body)
