"""Routes of the page: `index.html` for every view, hashed assets, and what to do when nothing is built."""

import html
import secrets
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Scope

from sightline_ui.assets import Asset, load_assets
from sightline_ui.first_answer import first_answer

STATIC = Path(__file__).parent / "static"

VIEWS = (
    "traces",
    "t",
    "failures",
    "costs",
    "alerts",
    "apps",
    "sessions",
    "users",
    "prompts",
    "compare",
    "sql",
    "settings",
)
"""First segments of the page's own addresses. Anything else is a 404: a page with a way back for a browser,
and what every client understands at a wrong API or OTLP address."""

NOT_BUILT = (
    "Sightline is running, but its page is not built.\n\n"
    "Run `make ui` in the source tree, or `npm ci && npm run build` in its folder ui/, and start it again.\n"
)

_NONCE = "__CSP_NONCE__"
_FOREVER = "public, max-age=31536000, immutable"


def create_page(api: ASGIApp | None = None, *, static: Path = STATIC) -> list[BaseRoute]:
    """Return the routes that serve the page; put them after those of the API and the collector.

    `api` is the application mounted at `/api`. With it the HTML of `/t/<id>` carries the trace, asked
    for with the visitor's own credentials, which saves the browser a round trip.
    """
    index = static / "index.html"
    if not index.is_file():
        return [Route(path, _not_built) for path in _view_paths()]
    template = index.read_text(encoding="utf-8")
    hashed = load_assets(static / "assets")
    icon = load_assets(static).get("favicon.svg")

    async def view(request: Request) -> Response:
        return _document(request, template, await first_answer(api, request) if api else "")

    async def stranger(request: Request) -> Response:
        return _document(request, template, "", status=404)

    async def asset(request: Request) -> Response:
        return _asset(request, hashed.get(request.path_params["name"]), _FOREVER)

    async def favicon(request: Request) -> Response:
        return _asset(request, icon, "public, max-age=86400")

    return [
        Route("/assets/{name}", asset),
        Route("/favicon.svg", favicon),
        *(Route(path, view) for path in _view_paths()),
        _BrowserRoute("/{rest:path}", stranger),
    ]


class _BrowserRoute(Route):
    """Matches what a browser opens; for other clients it is not there."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        opened = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if opened and "text/html" in Headers(scope=scope).get("accept", ""):
            return super().matches(scope)
        return Match.NONE, {}


def content_security_policy(nonce: str) -> str:
    """Return the policy of one answer: own files, and inline styles and scripts that carry its nonce.

    Spans hold what strangers wrote, so nothing may be loaded from elsewhere, images included.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _view_paths() -> list[str]:
    return ["/", *(path for view in VIEWS for path in (f"/{view}", f"/{view}/{{rest:path}}"))]


def _document(request: Request, template: str, answer: str, *, status: int = 200) -> Response:
    nonce = secrets.token_urlsafe(16)
    # Relative addresses of assets and API resolve against it, whatever the view and the path prefix.
    prefix = request.scope.get("root_path", "").rstrip("/")
    head = f'<base href="{html.escape(prefix)}/" />{answer}'
    body = template.replace(_NONCE, nonce).replace("<head>", f"<head>{head}", 1)
    return Response(
        body,
        status_code=status,
        media_type="text/html",
        headers={
            # With a trace in it, no browser may keep it on its disk, where no deletion reaches it.
            "Cache-Control": "no-store" if answer else "no-cache",
            "Content-Security-Policy": content_security_policy(nonce),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _asset(request: Request, asset: Asset | None, cache_control: str) -> Response:
    if asset is None:
        return PlainTextResponse("No such file\n", status_code=404)
    content, coding = asset.select(request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if coding:
        headers["Content-Encoding"] = coding
    return Response(content, media_type=asset.content_type, headers=headers)


async def _not_built(request: Request) -> Response:
    return PlainTextResponse(NOT_BUILT, status_code=503)
