"""Triage of failures in a real browser, from the first occurrence to its return in a newer version."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import httpx
from playwright.sync_api import Page, Route, expect
from tests.e2e.conftest import Server
from tests.e2e.polling import until

APP = "printing"
# A failure is clustered within seconds of its arrival, and the page asks every five.
_APPEARS_MS = 30_000
_PAGE_ASKS_EVERY_MS = 5_000


def _attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def _fail(server: Server, message: str, version: str) -> None:
    """Post one failing tool call of the app's version, as an app would."""
    now = time.time_ns()
    span = {
        "traceId": secrets.token_hex(16),
        "spanId": secrets.token_hex(8),
        "name": "execute_tool print_label",
        "startTimeUnixNano": str(now - 10**6),
        "endTimeUnixNano": str(now),
        "attributes": _attributes(
            {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "print_label", "user.id": "ann"}
        ),
        "status": {"code": 2, "message": message},
    }
    resource = {"attributes": _attributes({"service.name": APP, "service.version": version})}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    answer = httpx.post(f"{server.url}/v1/traces", json=body, timeout=30)
    assert answer.status_code == 200, answer.text


def _until_listed(server: Server, page: Page, **expected: Any) -> None:
    """Wait until the list has a cluster like this, and let the page ask again."""

    def is_listed() -> bool:
        found = server.get("/api/v1/failures", since="1h", app=APP).json()["clusters"]
        return any(expected.items() <= cluster.items() for cluster in found)

    until(is_listed)
    page.clock.fast_forward(_PAGE_ASKS_EVERY_MS)


def test_a_failure_appears_is_triaged_by_keyboard_and_comes_back_as_regressed(
    server: Server, clocked_page: Page
) -> None:
    page = clocked_page
    page.clock.install()
    page.goto(f"{server.url}/failures?since=1h&app={APP}")
    expect(page.get_by_text("No failures")).to_be_visible()
    rows = page.get_by_role("region", name="Failure clusters").get_by_role("row")
    jam, empty = rows.filter(has_text="paper jam in tray"), rows.filter(has_text="toner cartridge is empty")

    _fail(server, "paper jam in tray 2", "1.0.0")
    _until_listed(server, page, title="paper jam in tray 2")
    expect(jam).to_contain_text("new")
    _fail(server, "paper jam in tray 3", "1.0.0")
    _fail(server, "the toner cartridge is empty", "1.0.0")
    _until_listed(server, page, title="the toner cartridge is empty")
    expect(empty).to_be_visible()
    expect(jam.locator("[data-cell=traces]")).to_have_text("2")

    page.keyboard.press("j")
    expect(jam).to_have_attribute("data-active", "true")
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Take over all failures of").fill("toner")
    page.get_by_role("option").filter(has_text="toner cartridge").click()
    dialog.get_by_role("button", name="Merge").click()
    expect(empty).to_have_count(0)
    expect(jam.locator("[data-cell=traces]")).to_have_text("3")

    page.keyboard.press("a")
    dialog.get_by_label("Who takes care of it").fill("ann")
    page.keyboard.press("Enter")
    expect(jam.locator("[data-cell=assignee]")).to_have_text("ann")

    page.keyboard.press("r")
    page.keyboard.press("r")
    expect(page.get_by_role("status")).to_contain_text("Resolved")
    expect(jam).to_have_count(0)

    _fail(server, "paper jam in tray 7", "1.1.0")
    _until_listed(server, page, title="paper jam in tray 2", regressed_version="1.1.0")
    expect(jam).to_contain_text("regressed in 1.1.0")

    jam.get_by_role("link").click()
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("regressed in 1.1.0")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("the toner cartridge is empty")
    versions = page.get_by_role("region", name="Timeline").get_by_role("row")
    expect(versions.filter(has_text="1.1.0")).to_contain_text(APP)
    decisions = page.get_by_role("region", name="Decisions").get_by_role("row")
    expect(decisions.first).to_contain_text("came back in version 1.1.0")
    expect(decisions).to_have_count(4)

    summary.locator("div").filter(has_text="Users").get_by_role("link").click()
    users = page.get_by_role("region", name="Users").locator("[role=row][data-active]")
    expect(users).to_have_count(1)
    expect(users.locator("[data-cell=user]")).to_have_text("ann")

    def hits_many_apps(route: Route) -> None:
        detail = route.fetch().json()
        detail["cluster"]["apps"] = [f"app {number}" for number in range(150)]
        route.fulfill(json=detail)

    page.route("**/api/v1/failures/F*", hits_many_apps)
    page.go_back()
    expect(summary).to_be_visible()  # from when on the page asks again
    page.clock.fast_forward(3 * _PAGE_ASKS_EVERY_MS)
    expect(summary).to_contain_text("and 145 more")
    resolve = page.get_by_role("button", name="Resolve", exact=True)
    expect(resolve).to_be_in_viewport()
    resolve.dblclick()
    expect(page.get_by_role("status")).to_contain_text("Resolved")
    expect(decisions).to_have_count(5)
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()

    page.get_by_role("article", name="Failing").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/t/[0-9a-f]{32}.*span="))


def test_a_wrong_decision_is_taken_back_by_a_key_and_every_key_is_listed(server: Server, page: Page) -> None:
    _fail(server, "the label stock is upside down", "1.0.0")
    page.goto(f"{server.url}/failures?since=1h&app={APP}")
    row = page.get_by_role("row").filter(has_text="upside down")
    expect(row).to_be_visible(timeout=_APPEARS_MS)
    row.get_by_role("link").click()
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("new")
    page.get_by_role("button", name="Last hour").click()
    expect(page.get_by_role("button", name="Last 15 minutes")).to_be_focused()
    page.keyboard.press("i")  # for the popup, not for the page behind it
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Last 15 minutes")).to_have_count(0)
    expect(page.get_by_role("region", name="Decisions").get_by_role("row")).to_have_count(0)
    page.keyboard.press("i")
    expect(summary).to_contain_text("ignored")
    page.keyboard.press("u")
    expect(summary).to_contain_text("new")
    page.keyboard.press("s")
    page.get_by_role("dialog").get_by_role("button", name="high").click()
    expect(summary).to_contain_text("high")
    page.keyboard.press("a")
    expect(page.get_by_label("Who takes care of it")).to_have_attribute("maxlength", "200")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+I")
    often = page.get_by_label("Come back after this many more occurrences")
    for wrong in ("0", "-5", "abc"):
        often.fill(wrong)
        page.keyboard.press("Enter")
        expect(often).to_have_accessible_description("A whole number from 1 on")
    often.fill("7")
    expect(often).to_have_accessible_description("")
    page.keyboard.press("Enter")
    expect(summary).to_contain_text("ignored")

    page.keyboard.press("?")
    help_dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for label in (
        "Assign",
        "Resolve in the next version",
        "Merge with another",
        "Take the last decision back",
    ):
        expect(help_dialog).to_contain_text(label)


def test_an_issue_is_created_in_the_trackers_own_form(server: Server, page: Page) -> None:
    _fail(server, "the cutter blade is blunt", "1.0.0")
    page.goto(f"{server.url}/failures?since=1h&app={APP}")
    page.get_by_role("link", name="the cutter blade is blunt").click(timeout=_APPEARS_MS)
    page.get_by_role("button", name="Create issue").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("owner/repository").fill("shop/labels")
    link = dialog.get_by_role("link", name="Open the new issue")
    expect(link).to_have_attribute(
        "href", re.compile(r"^https://github\.com/shop/labels/issues/new\?title=.*blunt")
    )
    page.goto(f"{page.url.partition('?')[0]}?start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z")
    expect(page.get_by_role("region", name="Occurrences")).to_contain_text("did not occur in this time range")
    expect(page.get_by_role("region", name="Timeline")).to_have_count(0)
    page.get_by_role("button", name="Look at all time").click()
    expect(page.get_by_role("article", name="Failing")).to_contain_text("the cutter blade is blunt")


def test_a_score_line_is_drawn_changed_and_removed(server: Server, page: Page) -> None:
    def open_lines() -> None:
        page.goto(f"{server.url}/failures?since=1h&app={APP}")
        page.get_by_role("button", name="Score lines").click()

    open_lines()
    dialog = page.get_by_role("dialog", name="Score lines")
    name, line = dialog.get_by_label("Name of the score"), dialog.get_by_label("Below this it failed")
    name.fill("legible print")
    line.fill("half")
    expect(dialog).to_contain_text("This is not a number")
    expect(dialog.get_by_role("button", name="Add")).to_be_disabled()
    line.fill("0.5")
    page.keyboard.press("Enter")
    drawn = dialog.get_by_label("Line of legible print", exact=True)
    expect(drawn).to_have_value("0.5")
    expect(name).to_have_value("")

    drawn.fill("0.75")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Change")).to_be_disabled()
    open_lines()
    expect(drawn).to_have_value("0.75")
    assert server.get("/api/v1/failures/score-lines").json() == {
        "lines": [{"name": "legible print", "line": 0.75}]
    }

    dialog.get_by_role("button", name="Remove the line of legible print").click()
    expect(dialog).to_contain_text("No score has a line yet")
