"""Has the store answer requests within a minute, or say that it does not."""

from starlette.types import ASGIApp, Receive, Scope, Send

from sightline_storage.engines.answer_time import answered_within


class BoundedReads:
    """Bounds each query that a request asks of the store; threads that work for it know of that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        with answered_within():
            await self._app(scope, receive, send)
