"""Projects and keys on the page, by whoever runs the server; and what others see there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page, expect
from tests.e2e.conftest import VIEWPORT, Server, start_server, stop_server
from tests.e2e.polling import until

PASSWORD = "admin-password"
PROJECTS = ("default", "annex")

SignIn = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for a password or a key."""
    running = start_server(tmp_path_factory.mktemp("data"), SIGHTLINE_ADMIN_PASSWORD=PASSWORD)
    yield running
    assert stop_server(running) == 0


@pytest.fixture
def sign_in(browser: Browser) -> Iterator[SignIn]:
    """Opens a page of its own for a user with a password."""
    opened = []

    def sign_in(user: str, password: str) -> Page:
        credentials: Any = {"username": user, "password": password}
        context = browser.new_context(viewport=VIEWPORT, http_credentials=credentials)
        opened.append(context)
        return context.new_page()

    yield sign_in
    for context in opened:
        context.close()


def _api(server: Server, key: str | None = None) -> httpx.Client:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    auth = None if key else ("admin", PASSWORD)
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, auth=auth, timeout=30)


def _make_key(server: Server, **given: str) -> str:
    with _api(server) as api:
        key = str(api.post("/keys", json={"project": "default", "name": "test", **given}).json()["key"])
    with _api(server, key) as api:
        until(lambda: api.get("/info").status_code != 401)
    return key


def _send(server: Server, key: str) -> int:
    """Send one span by OTLP and return the status of the answer."""
    now = time.time_ns()
    span = {
        "traceId": secrets.token_hex(16), "spanId": secrets.token_hex(8), "name": "keyed",
        "startTimeUnixNano": str(now - 1_000_000), "endTimeUnixNano": str(now),
    }  # fmt: skip
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{server.url}/v1/traces", json=body, headers=headers, timeout=30).status_code


def _traces(server: Server, key: str) -> list[Any]:
    with _api(server, key) as api:
        return list(api.get("/traces").json()["traces"])


def test_a_project_and_its_key_are_made_used_and_revoked(locked: Server, sign_in: SignIn) -> None:
    page = sign_in("admin", PASSWORD)
    page.goto(locked.url)
    page.get_by_role("link", name="Make one").click()
    expect(page.get_by_role("tab", name="API keys")).to_have_attribute("aria-selected", "true")
    page.goto(locked.url)
    entry = page.get_by_role("navigation", name="Main").get_by_role("link").last
    expect(entry).to_have_text("Settings")
    entry.click()
    _make_a_project(page)

    page.get_by_role("tab", name="API keys").click()
    expect(page.get_by_text("No keys yet")).to_be_visible()
    key = _make_a_key(page)
    expect(page.get_by_role("row").filter(has_text="checkout-bot")).to_contain_text("shop")
    assert key not in page.content()
    reader = _make_key(locked, project="shop", role="read")
    until(lambda: _send(locked, key) == 200)
    until(lambda: len(_traces(locked, reader)) == 1)

    page.reload()
    page.get_by_role("row").filter(has_text="checkout-bot").get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Running servers refuse this write key of project shop within seconds")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row").filter(has_text="checkout-bot")).to_have_count(0)
    expect(page.get_by_role("button", name="New key")).to_be_focused()
    until(lambda: _send(locked, key) == 401)
    page.get_by_role("button", name="Show 1 revoked").click()
    expect(page.get_by_role("row").filter(has_text="checkout-bot")).to_contain_text("revoked")
    page.reload()
    expect(page.get_by_role("row").filter(has_text="checkout-bot")).to_contain_text("revoked")


def _make_a_project(page: Page) -> None:
    page.get_by_role("button", name="New project").click()
    for typed, problem in (("My shop", "1 to 64 small letters"), ("default", "There is a project")):
        page.get_by_label("Id").fill(typed)
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text(problem)
    page.get_by_label("Id").fill("shop")
    page.get_by_label("Name (optional)").fill("The shop")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)

    row = page.get_by_role("row").filter(has_text="The shop")
    expect(row).to_contain_text("for ever, as the server")
    page.get_by_role("button", name="Change shop").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Spans are kept (days)").fill("30")
    size = dialog.get_by_label("A request (MB)")
    size.fill("17")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("At most 16 MB, which is the server’s")
    expect(size).to_be_focused()
    size.fill("1.5")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("30 days")
    expect(row).to_contain_text("1.5 MB a request")
    expect(page.get_by_role("button", name="Change shop")).to_be_focused()


def _make_a_key(page: Page) -> str:
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.type("checkout-bot")
    dialog.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name="The shop (shop)").click()
    expect(dialog.get_by_role("radio", name="write")).to_be_checked()
    dialog.get_by_role("button", name="Create").click()
    shown = dialog.get_by_label("key", exact=True)
    expect(shown).to_contain_text("sl_")
    key = shown.inner_text()
    for label in ("setup code", "variables", "exporter setting"):
        expect(dialog.get_by_label(label, exact=True)).to_contain_text(key)
    # It cannot be shown again: neither a key nor a click beside it takes it away.
    expect(shown).to_be_focused()
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(shown).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    return key


def test_who_has_a_key_of_a_project_sees_its_limits_and_who_may_change_them(
    locked: Server, sign_in: SignIn
) -> None:
    problems: list[str] = []
    page = sign_in("anybody", _make_key(locked, role="admin"))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{locked.url}/settings")
    expect(page.get_by_text("Only whoever runs the server changes projects and limits")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="default")).to_contain_text("as the server")
    expect(page.get_by_role("button", name="New project")).to_have_count(0)
    expect(page.get_by_role("button", name="Change")).to_have_count(0)
    page.get_by_role("tab", name="API keys").click()
    expect(page.get_by_text("Keys are made by whoever runs the server")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert problems == []


def test_a_key_that_only_sends_is_told_so(locked: Server, sign_in: SignIn) -> None:
    page = sign_in("anybody", _make_key(locked, role="write"))
    page.goto(f"{locked.url}/settings?tab=keys")
    expect(page.get_by_text("this key may send but not read")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_key_in_the_address_signs_all_tabs_in_and_none_shows_two_projects(
    locked: Server, browser: Browser
) -> None:
    with _api(locked) as api:
        api.post("/projects", json={"id": "annex", "name": "annex"})
    host = locked.url.removeprefix("http://")
    first, second = (f"http://ann:{_make_key(locked, project=p, role='read')}@{host}" for p in PROJECTS)
    context = browser.new_context(viewport=VIEWPORT)
    problems: list[str] = []
    context.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page, other = context.new_page(), context.new_page()
    page.goto(f"{first}/t/{'ab' * 16}")
    expect(page.get_by_role("main")).to_contain_text("You look at project default")
    assert page.url == f"{locked.url}/t/{'ab' * 16}"
    page.evaluate("document.documentElement.dataset.before = ''")
    other.goto(f"{second}/settings")
    expect(other.get_by_role("row").filter(has_text="annex")).to_contain_text("as the server")
    # While no span is stored the page asks who it is by itself, and may be loading already.
    with suppress(Error):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    expect(page.locator("html[data-before]")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("You look at project annex")
    assert all("404" in problem for problem in problems), problems
    context.close()


def test_a_server_without_a_secret_says_that_it_asks_nobody_for_a_key(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/settings?tab=keys")
    expect(page.get_by_text("This server asks nobody for a key")).to_be_visible()


def test_words_find_a_project_and_stay_in_the_address(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/settings?find=nobody")
    expect(page.get_by_text("No project has this in it.")).to_be_visible()
    field = page.get_by_role("searchbox", name="Find a project")
    field.fill("")
    field.press_sequentially("DEFAU")
    expect(page).to_have_url(f"{server.url}/settings?find=DEFAU")
    expect(page.get_by_role("rowheader")).to_have_text(["default"])


def test_what_is_refused_or_away_says_so_and_keeps_what_was_typed(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/settings")
    page.get_by_role("button", name="New project").click()
    page.route("**/api/v1/projects", lambda route: route.abort())
    page.get_by_label("Id").fill("later")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("The server did not answer")
    page.unroute("**/api/v1/projects")
    assert httpx.post(f"{server.url}/api/v1/projects", json={"id": "later"}).status_code == 201
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("'later' already")
    expect(page.get_by_label("Id")).to_have_value("later")
    page.route("**/api/v1/keys", lambda route: route.abort())
    page.goto(f"{server.url}/settings?tab=keys")
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer")
    page.unroute("**/api/v1/keys")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="New key")).to_be_visible()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 302, "headers": {"location": "/login"}},
        {"content_type": "text/html", "body": "<p>Sign in</p>"},
    ],
    ids=["a redirect", "a page"],
)
def test_a_sign_in_that_answers_in_place_of_the_api_is_told_and_led_to(
    answer: dict[str, Any], server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.route("**/api/v1/keys", lambda route: route.fulfill(**answer))
    page.goto(f"{server.url}/settings?tab=keys")
    expect(page.get_by_role("alert")).to_contain_text("Signed out")
    page.unroute("**/api/v1/keys")
    page.get_by_role("button", name="Load the page again").click()
    expect(page.get_by_role("button", name="New key")).to_be_visible()


def test_own_prices_are_made_changed_and_removed_on_the_page(locked: Server, sign_in: SignIn) -> None:
    page = sign_in("admin", PASSWORD)
    page.goto(f"{locked.url}/settings?tab=prices")
    expect(page.get_by_text("No own prices yet")).to_be_visible()
    page.get_by_role("button", name="New price").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("contract/2026")
    dialog.get_by_label("Model").fill("gpt-5*")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("An amount, such as 2.5")).to_have_count(2)
    usual = dialog.get_by_role("group", name="USD for a million tokens", exact=True)
    usual.get_by_label("Input", exact=True).fill("1.10")
    usual.get_by_label("Output", exact=True).fill("8.8")
    dialog.get_by_label("Long calls").fill("272000")
    dialog.get_by_role("group", name="of long calls").get_by_label("Input", exact=True).fill("2.2")
    dialog.get_by_role("button", name="Create").click()
    row = page.get_by_role("row").filter(has_text="contract/2026")
    expect(row).to_contain_text("above 272,000 input tokens: input $2.2")

    with _api(locked) as api:
        (made,) = api.get("/prices").json()["prices"]
        assert (made["usd_per_mtok"]["input"], made["long_context"]["above_input_tokens"]) == ("1.1", 272_000)
        row.get_by_role("button", name="Change contract/2026").click()
        body = {"model": "gpt-6", "usd_per_mtok": {"input": "1", "output": "2"}}
        api.put("/prices/contract%2F2026", json=body).raise_for_status()
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_role("alert")).to_contain_text("changed or deleted meanwhile")
        dialog.get_by_role("button", name="Cancel").click()
        expect(row).to_contain_text("gpt-6")
        row.get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("No own prices yet")).to_be_visible()
        assert api.get("/prices").json()["prices"] == []
