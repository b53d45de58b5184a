"""The list and the first visit while traces arrive, in a real browser."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.e2e.conftest import STILL, Server, start_server, stop_server
from tests.e2e.otlp_traces import GivenTrace, count, post_traces
from tests.e2e.phone import too_wide
from tests.e2e.polling import until
from tests.e2e.test_trace_list import open_list, rows

_ARRIVES_MS = 60_000


def test_traces_appear_on_top_as_they_arrive_and_wait_while_somebody_reads(
    server: Server, page: Page
) -> None:
    app = "live shop"
    post_traces(server, "another shop", [GivenTrace("from elsewhere")])
    until(lambda: count(server, 'app:"another shop"') or None)
    open_list(page, server, f'app:"{app}"')
    page.get_by_role("button", name="Live", exact=True).click()
    status = page.get_by_role("status").filter(has_text="Live")
    expect(status).to_contain_text("waiting for traces")
    post_traces(server, app, [GivenTrace("first")])
    expect(rows(page).first).to_contain_text("first", timeout=_ARRIVES_MS)

    rows(page).first.hover()
    expect(page.get_by_role("status").filter(has_text="Held while you read")).to_be_visible()
    post_traces(server, app, [GivenTrace("second")])
    expect(page.get_by_text("1 trace waiting")).to_be_visible(timeout=_ARRIVES_MS)
    expect(rows(page)).to_have_count(1)
    page.mouse.move(5, 5)
    expect(rows(page).first).to_contain_text("second")
    expect(rows(page)).to_have_count(2)
    assert "live=true" in page.url
    page.get_by_role("button", name="Live", exact=True).click()
    assert "live=" not in page.url


def test_a_trace_that_comes_after_the_list_and_before_the_tail_is_shown(server: Server, page: Page) -> None:
    query = 'app:"gap shop"'
    post_traces(server, "gap shop", [GivenTrace("before")])
    until(lambda: count(server, query) or None)
    open_list(page, server, query)
    expect(rows(page)).to_have_count(1)

    def come_between(route: Route) -> None:
        post_traces(server, "gap shop", [GivenTrace("between")])
        until(lambda: count(server, query) == 2 or None)
        route.continue_()

    page.route("**/traces/tail*", come_between, times=1)
    page.get_by_role("button", name="Live", exact=True).click()
    expect(rows(page)).to_have_count(2, timeout=_ARRIVES_MS)


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has sent anything to."""
    running = start_server(tmp_path / "data")
    yield running
    assert stop_server(running) == 0


def test_the_first_visit_shows_the_line_to_paste_and_turns_into_the_first_trace(
    empty_server: Server, page: Page, phone: Page, openai_url: str
) -> None:
    server = empty_server
    phone.goto(server.url)
    expect(phone.get_by_label("setup code", exact=True)).to_be_visible()
    assert too_wide(phone) == []
    phone.goto(f"{server.url}{STILL}")

    page.goto(f"{server.url}/")
    line = page.get_by_label("setup code", exact=True)
    expect(line).to_contain_text(f'sightline.instrument(app="my-app", endpoint="{server.url}")')
    expect(page.get_by_role("status")).to_contain_text("Waiting for the first span")

    app = Path(__file__).with_name("one_line_app.py")
    environment = {"SIGHTLINE": server.url, "OPENAI": openai_url, "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, str(app)], env=environment, check=True, timeout=60, capture_output=True)
    expect(page).to_have_url(re.compile(r"/t/[0-9a-f]{32}"), timeout=_ARRIVES_MS)
    expect(page.get_by_role("tree", name="Spans").get_by_role("treeitem")).to_have_count(5)
    page.go_back()
    expect(rows(page)).to_have_count(1)


def test_what_the_first_visit_says_to_paste_works_with_a_key(tmp_path: Path, browser: Browser) -> None:
    key = "a-key-of-some-length"
    server = start_server(tmp_path / "data", SIGHTLINE_API_KEY=key, SIGHTLINE_ADMIN_PASSWORD="open sesame")
    context = browser.new_context(http_credentials={"username": "admin", "password": "open sesame"})
    page = context.new_page()
    page.goto(server.url)
    setup = page.get_by_label("setup code", exact=True).inner_text().replace("…", key)
    exports = page.get_by_label("exporter setting", exact=True).inner_text().replace("…", key)
    span = '\nwith sightline.span("the first one"):\n    pass\n'
    subprocess.run([sys.executable, "-c", setup + span], check=True, timeout=60, env={})
    expect(page.get_by_role("treeitem", name="the first one")).to_be_visible(timeout=_ARRIVES_MS)

    bare = "import sightline\nsightline.instrument()" + span.replace("first", "second")
    environment = dict(shlex.split(line)[1].split("=", 1) for line in exports.splitlines())
    subprocess.run([sys.executable, "-c", bare], check=True, timeout=60, env=environment)
    listed, admin = f"{server.url}/api/v1/traces", ("admin", "open sesame")
    until(lambda: "the second one" in httpx.get(listed, auth=admin, timeout=30).text)
    page.goto(f"{server.url}/traces")
    expect(rows(page).filter(has_text="the second one")).to_be_visible(timeout=_ARRIVES_MS)
    context.close()
    assert stop_server(server) == 0


def test_a_live_list_that_is_refused_or_cut_off_tries_again(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    post_traces(server, "another shop", [GivenTrace("from elsewhere")])
    until(lambda: count(server, 'app:"another shop"') or None)
    page.route("**/traces/tail*", lambda route: route.fulfill(status=429))
    open_list(page, server, 'app:"cut shop"', live="true")
    expect(page.get_by_role("status").filter(has_text="trying again")).to_be_visible()
    page.unroute("**/traces/tail*")
    status = page.get_by_role("status").filter(has_text="waiting for traces")
    expect(status).to_be_visible(timeout=_ARRIVES_MS)
    post_traces(server, "cut shop", [GivenTrace("after all")])
    expect(rows(page).first).to_contain_text("after all", timeout=_ARRIVES_MS)
