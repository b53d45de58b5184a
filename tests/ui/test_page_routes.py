"""The routes of the page, over ASGI, with assets in a temporary folder."""

import asyncio
import gzip
import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sightline_ui import create_page
from sightline_ui.page import NOT_BUILT

TRACE = "ab" * 16
INDEX = (
    "<!doctype html><html><head><title>S</title>"
    '<script type="module" src="./assets/a-1.js" nonce="__CSP_NONCE__"></script></head><body></body></html>'
)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text(INDEX)
    (tmp_path / "static" / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (assets / "a-1.js").write_bytes(b"plain")
    (assets / "a-1.js.gz").write_bytes(gzip.compress(b"plain"))
    return tmp_path / "static"


def get(
    static: Path,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    api: ASGIApp | None = None,
    prefix: str = "",
) -> httpx.Response:
    app = Starlette(routes=create_page(api, static=static))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, root_path=prefix)
        async with httpx.AsyncClient(transport=transport, base_url="http://page.test") as client:
            return await client.get(path, headers={"accept-encoding": "identity", **(headers or {})})

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/", "/traces", "/traces?since=1h", f"/t/{TRACE}", "/alerts/1"])
def test_every_view_answers_with_the_document(static: Path, path: str) -> None:
    answer = get(static, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/v1/traces", "/v1/metrics", "/wp-login.php"])
def test_what_is_no_view_stays_a_404(static: Path, path: str) -> None:
    assert get(static, path).status_code == 404


@pytest.mark.parametrize("path", ["/trace/1", "/TRACES", "/wp-login.php", "/a/b/c"])
def test_a_browser_at_a_wrong_address_gets_the_document_as_a_404(static: Path, path: str) -> None:
    answer = get(static, path, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 404
    assert "<title>S</title>" in answer.text


def test_policy_allows_scripts_and_styles_by_a_fresh_nonce_only(static: Path) -> None:
    nonces = set()
    for _ in range(2):
        answer = get(static, "/")
        policy = answer.headers["content-security-policy"]
        assert "unsafe-" not in policy
        assert "*" not in policy
        found = re.search(r"script-src 'self' 'nonce-([^']+)'", policy)
        assert found is not None
        assert f'nonce="{found[1]}"' in answer.text
        assert "__CSP_NONCE__" not in answer.text
        nonces.add(found[1])
    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("prefix", "base"), [("", "/"), ("/obs", "/obs/"), ('/"><b>', "/&quot;&gt;&lt;b&gt;/")]
)
def test_base_follows_the_path_prefix(static: Path, prefix: str, base: str) -> None:
    assert f'<base href="{base}" />' in get(static, f"{prefix}/traces", prefix=prefix).text


def test_assets_never_expire_and_are_sent_as_they_were_compressed(static: Path) -> None:
    plain = get(static, "/assets/a-1.js")
    coded = get(static, "/assets/a-1.js", headers={"accept-encoding": "br, gzip"})
    refused = get(static, "/assets/a-1.js", headers={"accept-encoding": "gzip;q=0"})
    assert plain.content == coded.content == refused.content == b"plain"
    assert "content-encoding" not in plain.headers
    assert coded.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in refused.headers
    for answer in (plain, coded):
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "name", ["b.js", "..%2findex.html", "..%2f..%2fsecret.txt", "%2e%2e/%2e%2e/secret.txt"]
)
def test_only_built_assets_can_be_asked_for(static: Path, name: str) -> None:
    answer = get(static, f"/assets/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_without_assets_the_page_names_the_command_that_builds_them(tmp_path: Path) -> None:
    answer = get(tmp_path, "/traces")
    assert (answer.status_code, answer.text) == (503, NOT_BUILT)
    assert "make ui" in answer.text


def api_with(answer: Response) -> ASGIApp:
    async def read_trace(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer key":
            return JSONResponse({"title": "no"}, status_code=401)
        assert request.path_params["trace_id"] == TRACE
        return answer

    return Starlette(routes=[Route("/v1/traces/{trace_id}", read_trace)])


def test_trace_view_carries_its_first_answer_as_inert_data(static: Path) -> None:
    api = api_with(JSONResponse({"name": "</script><script>alert(1)</script>\u2028&"}))
    answer = get(static, f"/t/{TRACE}", api=api, headers={"authorization": "Bearer key"})
    assert answer.headers["cache-control"] == "no-store"
    text = answer.text
    data = re.search(r'<script type="application/json" data-first-answer="([^"]+)">(.*?)</script>', text)
    assert data is not None
    assert data[1] == f"/api/v1/traces/{TRACE}"
    assert httpx.Response(200, text=data[2]).json() == {"name": "</script><script>alert(1)</script>\u2028&"}
    assert "alert(1)</script>" not in text


@pytest.mark.parametrize("path", [f"/t/{TRACE}", "/t/not-an-id", "/traces"])
def test_first_answer_is_left_out_when_it_is_refused_or_not_asked_for(static: Path, path: str) -> None:
    answer = get(static, path, api=api_with(JSONResponse({})))
    assert answer.status_code == 200
    assert "data-first-answer" not in answer.text
