"""The path below which a proxy shows the server, as in `https://host/sightline`."""

from starlette.types import ASGIApp, Receive, Scope, Send


class PathPrefix:
    """ASGI middleware that tells the app of its prefix, whether the proxy in front takes it off or not."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """`prefix` is "" or begins with a slash, and does not end with one."""
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._prefix and scope["type"] == "http":
            path: str = scope["path"]
            is_below = path == self._prefix or path.startswith(f"{self._prefix}/")
            scope = {
                **scope,
                "root_path": self._prefix,
                "path": (path if is_below else self._prefix + path),
            }
        await self._app(scope, receive, send)
