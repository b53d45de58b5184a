"""What every answer tells browsers: it holds what users of the watched apps wrote."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    # A browser would keep prompts on its disk, where no deletion reaches them.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class AnswerHeaders:
    """Adds the headers to answers of all kinds, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
