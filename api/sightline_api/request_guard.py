"""What a request must satisfy before any route sees it: a known host, JSON for changes, a bounded body."""

from starlette.types import ASGIApp, Receive, Scope, Send

from sightline_api.problem import MAX_BODY_BYTES, TOO_LARGE, ProblemResponse

_CHANGING = frozenset({"POST", "PUT", "PATCH"})


class RequestGuard:
    """Refuses unknown `Host` headers (DNS rebinding) and changes that a plain HTML form could send (CSRF).

    No CORS header is ever sent, so a browser lets no other site send JSON here.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the problem."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ProblemResponse | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = _without_port(headers.get(b"host", b"").decode("latin-1").lower())
        if "*" not in self._allowed_hosts and host not in self._allowed_hosts:
            return ProblemResponse(
                421, "Misdirected request", f"This server does not answer for host {host!r}."
            )
        content_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if scope["method"] in _CHANGING and content_type != b"application/json":
            return ProblemResponse(415, "Unsupported media type", "Send the body as application/json.")
        # A body without a length is counted as it is read, and refused in the same words.
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            return ProblemResponse(413, "Content Too Large", TOO_LARGE)
        return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
