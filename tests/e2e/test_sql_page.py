"""SQL over the project's own rows in a real browser."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.e2e.axe import violations
from tests.e2e.conftest import Server
from tests.e2e.polling import until
from tests.server.test_mcp import otlp

HOSTILE = "<img src=x onerror=alert(1)>"
ROWS = "SELECT trace_id, name, duration_ns FROM spans WHERE app = 'shop' ORDER BY name"


@pytest.fixture(scope="module", autouse=True)
def stored(server: Server) -> None:
    """Two spans of one trace."""
    assert httpx.post(f"{server.url}/v1/traces", json=otlp(), timeout=60).status_code == 200
    until(lambda: server.get("/api/v1/traces", q="app:shop").json()["traces"])


@pytest.fixture
def page(still_page: Page) -> Page:
    """A page that does not move."""
    return still_page


def test_a_query_is_written_run_and_shared_by_its_address(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sql")
    expect(page.get_by_role("heading", name="SQL")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("SQL", exact=True).fill(ROWS)
    page.keyboard.press("Control+Enter")
    answer = page.get_by_role("region", name="Answer")
    expect(answer.get_by_role("row")).to_have_count(3)
    expect(answer.get_by_role("columnheader").first).to_have_text("trace_id")
    expect(page.get_by_role("status").filter(has_text="2 rows")).to_be_visible()
    assert violations(page) == []
    page.reload()
    expect(page.get_by_label("SQL", exact=True)).to_have_value(ROWS)
    expect(answer.get_by_role("row")).to_have_count(3)
    answer.focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/*")


def test_what_was_typed_and_not_run_is_there_again(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sql?sql={quote(ROWS)}")
    text = page.get_by_label("SQL", exact=True)
    text.fill("SELECT half")
    page.get_by_role("link", name="Traces").click()
    page.get_by_role("link", name="SQL").click()
    expect(page).to_have_url(f"{server.url}/sql")
    expect(text).to_have_value("SELECT half")
    page.reload()
    expect(text).to_have_value("SELECT half")
    page.goto(f"{server.url}/sql?sql={quote('SELECT 1 FROM spans')}")
    expect(text).to_have_value("SELECT 1 FROM spans")
    page.go_back()
    text.fill(ROWS)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="Answer").get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="SQL").click()
    expect(text).to_have_value("")


def test_an_answer_has_all_its_columns_on_a_phone_and_leads_to_its_traces(
    phone: Page, server: Server
) -> None:
    phone.goto(
        f"{server.url}/sql?sql={quote('SELECT trace_id, name, app, kind, model, duration_ns FROM spans')}"
    )
    headings = phone.get_by_role("columnheader")
    expect(headings).to_have_count(6)
    headings.last.scroll_into_view_if_needed()
    expect(headings.last).to_be_in_viewport()
    phone.get_by_role("region", name="Answer").get_by_role("link").first.click()
    phone.wait_for_url("**/t/*")


def test_a_refusal_is_told_and_nothing_in_an_answer_is_markup(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sql")
    editor = page.get_by_label("SQL", exact=True)
    editor.fill("SELECT * FROM system.users")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("without a database")
    editor.fill(f"SELECT '{HOSTILE}' AS a")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("cell", name=HOSTILE)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    page.go_back()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(editor).to_have_value("SELECT * FROM system.users")
    page.goto(f"{server.url}/sql?sql=1")
    expect(page.get_by_role("alert")).to_contain_text("only SELECT")


def test_a_running_query_is_stopped(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sql")
    digits = [f"(SELECT arrayJoin([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) AS n) AS t{number}" for number in range(12)]
    slow = f"SELECT count() FROM {', '.join(digits)} WHERE sipHash64(t0.n, t11.n) = 1"
    page.get_by_label("SQL", exact=True).fill(slow)
    page.get_by_role("button", name="Run").click()
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status").filter(has_text="Stopped")).to_be_visible()
    expect(page.get_by_role("button", name="Run")).to_be_focused()


def test_without_a_network_the_server_on_this_machine_is_asked_still(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sql")
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.get_by_role("button", name="Slowest models this week").click()
    expect(page.get_by_role("cell", name="gpt-4o-mini", exact=True)).to_be_visible()


def test_tables_that_cannot_be_listed_say_so(page: Page, server: Server) -> None:
    problem = {"title": "Too many requests", "detail": "ask again in a minute"}
    page.route("**/api/v1/sql/tables", lambda route: route.fulfill(status=429, json=problem))
    page.goto(f"{server.url}/sql")
    tables = page.get_by_role("complementary", name="Tables")
    expect(tables.get_by_role("alert")).to_contain_text("ask again in a minute")
    page.unroute("**/api/v1/sql/tables")
    tables.get_by_role("button", name="Try again").click()
    expect(tables.get_by_text("scores", exact=True)).to_be_visible()


def test_an_example_runs_and_the_tables_name_their_columns(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sql")
    page.get_by_role("button", name="Slowest models this week").click()
    expect(page.get_by_role("cell", name="gpt-4o-mini", exact=True)).to_be_visible()
    page.get_by_text("scores", exact=True).click()
    expect(page.get_by_text("score_id")).to_be_visible()
