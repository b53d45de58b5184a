"""The gate every HTTP request passes first: is it meant for us, and may this browser be here?

Three dangers are met here, since no part behind it can see them:
- DNS rebinding: a page of a stranger resolves its own name to 127.0.0.1 and reads an open local server. The
  `Host` header gives it away.
- Cross-site requests: a page of a stranger asks us with the browser's stored password. The `Origin` and
  `Sec-Fetch-Site` headers give it away.
- The page itself is only served to those who may use it; a 401 there asks the browser for the password.
"""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline_api.problem import ProblemResponse
from sightline_core.auth import Authenticate
from sightline_core.errors import BackendError, Unauthenticated, retry_after_s
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.loopback import is_on_this_machine
from sightline_core.settings import Settings

CHALLENGE = 'Basic realm="Sightline", charset="UTF-8"'
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})
_API = "/api/"
_OWN_CHECKS = ("/v1/", _API)
"""Prefixes whose part authenticates by itself, to answer in its own protocol."""
_PUBLIC = frozenset({"/healthz", "/readyz"})
_OF_ALL_PROJECTS = "/metrics"


class Gate:
    """ASGI middleware around the whole server."""

    def __init__(self, app: ASGIApp, *, settings: Settings, authenticate: Authenticate) -> None:
        self._app = app
        self._authenticate = authenticate
        self._has_secrets = bool(settings.secrets())
        public_host = urlsplit(settings.public_url).netloc.lower()
        self._own_names = frozenset({public_host} - {""})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"].removeprefix(scope.get("root_path", ""))
        refusal = self._refusal(scope["method"], path, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif self._has_secrets and not path.startswith("/v1/"):
            await self._app(scope, receive, _with_challenge(send))
        else:
            await self._app(scope, receive, send)

    def _refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Response | None:
        host = headers.get("host", "").lower()
        if not self._has_secrets and not (is_on_this_machine(f"//{host}") or host in self._own_names):
            hint = "The Host header names another site. Open Sightline as http://127.0.0.1, or set a key."
            return _refused(path, hint, 421 if path.startswith(_API) else 403)
        if self._is_of_another_site(method, path, headers):
            return _refused(path, "Requests from another site's page are refused.", 403)
        if "\n" in path:  # which no route has, and `$` in the pattern of one passes over at its end
            return _refused(path, "There is nothing at an address with a line break.", 404)
        if path in _PUBLIC or path.startswith(_OWN_CHECKS):
            return None
        try:
            caller = self._authenticate(headers)
        except Unauthenticated as error:
            return PlainTextResponse(f"{error}\n", error.status, {"WWW-Authenticate": CHALLENGE})
        except BackendError as error:
            return PlainTextResponse(f"{error}\n", error.status, {"Retry-After": str(retry_after_s(error))})
        if path == _OF_ALL_PROJECTS and not (caller.can_read and caller.project == DEFAULT_PROJECT):
            return _refused(
                path, "The counts are of all projects: ask with a reading key of the default one.", 403
            )
        return None

    def _is_of_another_site(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Return whether a page of a stranger asks, and not a person who follows a link.

        It can read no answer, but would have the store search and hold all live tails open.
        """
        origin = headers.get("origin")
        if origin is not None and (method not in _SAFE_METHODS or path.startswith(_API)):
            origin_host = urlsplit(origin).netloc.lower()
            if origin_host not in (self._own_names | {headers.get("host", "").lower()}) - {""}:
                return True
        if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
            return False
        is_link = headers.get("sec-fetch-mode") == "navigate"
        return not is_link or headers.get("sec-fetch-dest") in _FRAMES


def _refused(path: str, detail: str, status: int) -> Response:
    """Return the answer in the form of whoever was asked."""
    if path.startswith(_API):
        return ProblemResponse(status, HTTPStatus(status).phrase, detail)
    return PlainTextResponse(f"{detail}\n", status)


def _with_challenge(send: Send) -> Send:
    """Add the browser's password prompt to every 401 that passes."""

    async def send_with_challenge(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == Unauthenticated.status:
            MutableHeaders(scope=message)["WWW-Authenticate"] = CHALLENGE
        await send(message)

    return send_with_challenge
