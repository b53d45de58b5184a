"""The first API answer of a view, put into its HTML."""

import html
import re

import httpx
from starlette.requests import Request
from starlette.types import ASGIApp

_TRACE_VIEW = re.compile(r"/t/([0-9a-f]{32})/?")
_CREDENTIALS = ("authorization", "cookie", "host", "x-api-key")
_MAX_BYTES = 4_000_000
"""A larger answer is better fetched while the page's code loads."""

# Inside a script element only `<` can end it; the rest keeps old parsers and line-based tools from stumbling.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


async def first_answer(api: ASGIApp, request: Request) -> str:
    """Return a script element with the JSON that the view asks for first, or "" when there is none.

    The element is data (`application/json`), never run. A refused or failed request leaves it out: the page
    then asks by itself and shows the reason.
    """
    # With a path prefix `scope["path"]` may or may not carry it, so the end of the path decides.
    trace = _TRACE_VIEW.search(request.url.path)
    if trace is None:
        return ""
    path = f"/v1/traces/{trace[1]}"
    headers = {name: request.headers[name] for name in _CREDENTIALS if name in request.headers}
    transport = httpx.ASGITransport(app=api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=str(request.base_url)) as client:
        answer = await client.get(path, headers=headers)
    if answer.status_code != 200 or len(answer.content) > _MAX_BYTES:
        return ""
    return (
        f'<script type="application/json" data-first-answer="{html.escape("/api" + path)}">'
        f"{answer.text.translate(_ESCAPES)}</script>"
    )
