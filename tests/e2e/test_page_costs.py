"""The cost page in a real browser: the report, budgets, who pays, and whether it matches the bill."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.e2e.conftest import Server, spend_of
from tests.e2e.polling import until
from tests.e2e.settled import settle

TODAY = datetime.now(UTC)
MONTH = f"{TODAY:%Y-%m}"


@pytest.fixture
def spend(server: Server, one_line_calls: list[dict[str, Any]]) -> dict[str, Any]:
    """What the app `one-line` spent, once rollups know it."""
    return until(lambda: spend_of(server, "one-line"))


def _exact(cell: Locator) -> Decimal:
    """The amount that a cell shows on hover; 0 where there was no call."""
    return Decimal((cell.get_attribute("title") or "$0").removeprefix("$"))


def _open_plan(server: Server, page: Page) -> Locator:
    """The form of who pays, once it stays where it is: statements that arrive push it from under a click."""
    page.goto(f"{server.url}/costs?tab=teams")
    settle(page)
    page.get_by_role("button", name="Edit", exact=True).press("Enter")
    return page.get_by_role("form", name="Who pays")


def test_page_chart_file_and_api_say_the_same_to_the_last_digit(
    server: Server, page: Page, spend: dict[str, Any]
) -> None:
    page.goto(f"{server.url}/costs?since=24h&app=one-line&by=model&unit=hour")
    table = page.get_by_role("table", name="Costs by group")
    expect(table.locator("tfoot")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+ failed calls? used tokens$"))).to_be_visible()
    page.set_viewport_size({"width": 1024, "height": 800})
    is_whole = "(node) => node.scrollWidth <= node.clientWidth"
    groups = page.get_by_role("group", name="Costs by group")
    assert groups.evaluate(is_whole)
    page.emulate_media(media="print")
    expect(groups).to_have_css("overflow", "visible")
    page.emulate_media(media="screen")
    shown = [_exact(row.get_by_role("cell").first) for row in table.locator("tbody tr").all()]
    total = _exact(table.locator("tfoot td").first)
    page.get_by_text("Figures by hour").click()
    chart = page.get_by_role("table", name="Cost by hour")
    in_all = chart.locator("thead th").all_inner_texts().index("Total") - 1  # the first is no cell
    bars = [_exact(row.get_by_role("cell").nth(in_all)) for row in chart.locator("tbody tr").all()]
    assert sum(shown) == sum(bars) == total == Decimal(spend["usd"])
    file = httpx.get(page.get_by_role("link", name="CSV").get_attribute("href") or "")
    *lines, last = csv.DictReader(io.StringIO(file.text))
    assert sum(Decimal(line["usd"]) for line in lines) == Decimal(last["usd"]) == total

    spent = next(
        row for row in chart.locator("tbody tr").all() if _exact(row.get_by_role("cell").nth(in_all))
    )
    its_total = _exact(spent.get_by_role("cell").nth(in_all))
    spent.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"&unit=hour&start=.*&end="))
    expect(table.locator("tfoot td").first).to_have_attribute("title", f"${its_total}")


@pytest.mark.usefixtures("spend")
def test_a_group_leads_to_the_report_about_it_and_to_its_traces(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/costs?since=24h")
    groups = page.get_by_role("region", name="Groups")
    expect(page.get_by_role("region", name="Top movers")).to_contain_text("number of calls")
    expect(page.get_by_role("region", name="Unit costs")).to_contain_text("Cost per success")
    groups.get_by_role("link", name="one-line", exact=True).click()
    expect(page.get_by_role("list", name="Restricted to")).to_contain_text("app: one-line")
    page.reload()
    model = groups.get_by_role("row").filter(has_text="gpt-4o-mini")
    model.get_by_role("link", name="traces of").click()
    page.wait_for_url("**/traces?**")
    rows = page.get_by_role("row").filter(has_text="one-line")
    expect(rows.first).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Not only app one-line").click()
    expect(page.get_by_role("list", name="Restricted to")).to_be_hidden()


@pytest.mark.usefixtures("spend")
def test_figures_of_the_question_before_do_not_pass_for_the_answer(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/costs?since=24h&app=one-line")
    table = page.get_by_role("table", name="Costs by group")
    expect(table.locator("thead th").first).to_have_text("app")
    held: list[Route] = []
    page.route("**/api/v1/costs?*", lambda route: held.append(route))
    page.get_by_role("combobox", name="Group by").click()
    page.get_by_role("option", name="By model", exact=True).click()
    outdated = page.locator("[aria-busy=true]")
    expect(outdated.locator(table)).to_be_visible()
    expect(table.locator("thead th").first).to_have_text("app")
    held[0].continue_()
    expect(table.locator("thead th").first).to_have_text("model")
    expect(outdated).to_have_count(0)


@pytest.mark.usefixtures("spend")
def test_a_budget_is_drawn_against_what_was_spent(server: Server, page: Page) -> None:
    rule = {
        "name": "Budget of the one line",
        "query": "app:one-line",
        "measure": "cost",
        "window": "1h",
        "condition": {"kind": "budget", "amount": 0.0000001},
    }
    httpx.put(f"{server.url}/api/v1/alerts/rules/one-line-budget", json=rule).raise_for_status()
    page.goto(f"{server.url}/costs?tab=budgets")
    budget = page.get_by_role("region", name="Budget of the one line: All calls")
    expect(budget).to_contain_text("used up")
    expect(budget.get_by_role("img")).to_be_visible()
    budget.get_by_text("Figures by day").click()
    stored = server.get("/api/v1/costs/budgets").json()["budgets"]
    (group,) = next(each for each in stored if each["rule"] == "one-line-budget")["groups"]
    last = budget.get_by_role("row").last
    assert _exact(last.get_by_role("cell").first) == Decimal(group["cumulative_usd"][-1])
    httpx.delete(f"{server.url}/api/v1/alerts/rules/one-line-budget").raise_for_status()


@pytest.mark.usefixtures("spend")
def test_teams_are_set_up_and_get_a_statement_that_prints_alone(server: Server, page: Page) -> None:
    form = _open_plan(server, page)
    form.get_by_role("button", name="Add a team").click()
    form.get_by_label("Team 1", exact=True).fill("Support")
    form.get_by_label("Cost centre 1").fill("4711")
    form.get_by_role("button", name="Add a rule").click()
    form.get_by_label("App of rule 1").fill("one-*")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("table", name="Statements").get_by_role("link", name="Support").click()
    statement = page.get_by_role("region", name="Statement of Support")
    expect(statement).to_contain_text("4711")
    lines = statement.get_by_role("table").locator("tbody tr")
    expect(lines.filter(has_text="one-line")).to_be_visible()
    assert "statement=Support" in page.url
    page.emulate_media(media="print")
    expect(statement).to_be_visible()
    expect(page.get_by_role("navigation").first).to_be_hidden()
    expect(statement.get_by_role("button", name="Print")).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto(f"{server.url}/costs?since=24h&by=team")
    expect(page.get_by_role("region", name="Groups").get_by_role("link", name="Support")).to_be_visible()


def test_a_statement_says_that_it_is_a_lower_bound_and_that_it_is_estimated(
    server: Server, page: Page
) -> None:
    sums = {"usd": "1.20", "estimated_usd": "0", "calls": 3, "unpriced_calls": 1}
    line = {**sums, "app": "bot", "environment": "prod", "split": None}
    owed = {
        "month": MONTH,
        "zone": "UTC",
        "start": f"{MONTH}-01T00:00:00Z",
        "end": f"{MONTH}-28T00:00:00Z",
        "is_over": False,
        "statements": [{**sums, "team": "Support", "cost_centre": "", "lines": [line]}],
        "usd": "1.20",
        "sampled": True,
    }
    page.route(re.compile(r"/teams/statements\?"), lambda route: route.fulfill(json=owed))
    page.goto(f"{server.url}/costs?tab=teams&statement=Support")
    statement = page.get_by_role("region", name="Statement of Support")
    expect(statement.locator("dl")).to_contain_text("≥ $1.20")
    expect(statement.get_by_role("cell", name="≥ 1.20")).to_be_visible()
    expect(statement).to_contain_text("Estimated: sampled calls count for those that were not kept.")


def test_the_plan_of_teams_is_edited_by_keyboard_and_keeps_what_is_typed(server: Server, page: Page) -> None:
    form = _open_plan(server, page)
    for number, shares in ((1, "data=1"), (2, "sales=2")):
        form.get_by_role("button", name="Add a shared cost").press("Enter")
        expect(form.get_by_label(f"App of shared cost {number}")).to_be_focused()
        form.get_by_label(f"Split of shared cost {number}").click()
        page.get_by_role("option", name="by fixed shares").click()
        form.get_by_label(f"Shares of shared cost {number}").fill(shares)
    form.get_by_role("button", name="Remove 1 of Shared costs").press("Enter")
    expect(form.get_by_label("Shares of shared cost 1")).to_have_value("sales=2")
    expect(form.get_by_role("button", name="Add a shared cost")).to_be_focused()
    form.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()


def test_rules_and_shares_stay_with_a_team_that_is_renamed(server: Server, page: Page) -> None:
    teams = f"{server.url}/api/v1/teams"
    before = httpx.get(teams).json()
    plan = {
        "teams": [{"name": "Old"}, {"name": "Other"}],
        "rules": [{"app": "a", "team": "Old"}, {"app": "b", "team": "Other"}],
        "shared": [{"app": "c", "split": "fixed", "shares": {"Old": "2", "Other": "1"}}],
        "version": before["version"],
    }
    httpx.put(teams, json=plan).raise_for_status()
    form = _open_plan(server, page)
    form.get_by_label("Team 1", exact=True).fill("New")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    saved = httpx.get(teams).json()
    assert [rule["team"] for rule in saved["rules"]] == ["New", "Other"]
    assert saved["shared"][0]["shares"] == {"New": "2", "Other": "1"}
    undone = {name: before[name] for name in ("teams", "rules", "shared")} | {"version": saved["version"]}
    httpx.put(teams, json=undone).raise_for_status()


def test_a_plan_that_somebody_else_has_changed_is_loaded_again(
    server: Server, browser_page_without_checks: Page
) -> None:
    page, teams = browser_page_without_checks, f"{server.url}/api/v1/teams"
    before = httpx.get(teams).json()
    form = _open_plan(server, page)
    changed = {"teams": [{"name": "Theirs"}], "rules": [], "shared": [], "version": before["version"]}
    version = httpx.put(teams, json=changed).raise_for_status().json()["version"]
    form.get_by_role("button", name="Add a team").click()
    typed = form.get_by_label(f"Team {len(before['teams']) + 1}", exact=True)
    typed.fill("Mine")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("somebody else has changed the teams")
    expect(typed).to_have_value("Mine")
    form.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Edit", exact=True).press("Enter")
    expect(form.get_by_label("Team 1", exact=True)).to_have_value("Theirs")
    undone = {name: before[name] for name in ("teams", "rules", "shared")} | {"version": version}
    httpx.put(teams, json=undone).raise_for_status()


@pytest.mark.usefixtures("spend")
def test_an_invoice_is_imported_and_its_gap_explained(server: Server, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "charges.csv"
    file.write_text(f"Date,Model,Cost\n{TODAY:%Y-%m-%d},o3,1.25\n", encoding="utf-8")
    page.goto(f"{server.url}/costs?tab=reconciliation")
    page.get_by_role("button", name="Import", exact=True).click()
    form = page.get_by_role("form", name="Import")
    form.get_by_label("Format").click()
    page.get_by_role("option", name="Any CSV").click()
    form.get_by_label("Provider, as spans name it").fill("openai")
    form.get_by_label("File").set_input_files(file)
    form.get_by_role("button", name="Import the file").click()
    causes = page.get_by_role("table", name="Causes of the gap")
    expect(causes.get_by_role("row").filter(has_text="not instrumented")).to_contain_text("+$1.25")
    expect(page.get_by_role("region", name="By model")).to_contain_text("o3")
    assert f"month={MONTH}" in page.url
    found = server.get("/api/v1/reconciliation", provider="openai", month=MONTH).json()
    assert Decimal(found["total"]["gap_usd"]) == sum(map(Decimal, found["total"]["causes"].values()))
    httpx.delete(f"{server.url}/api/v1/reconciliation/imports?provider=openai").raise_for_status()


@pytest.mark.usefixtures("spend")
def test_the_same_tokens_are_priced_as_another_model_and_called_a_simulation(
    server: Server, page: Page
) -> None:
    page.goto(f"{server.url}/costs?since=24h&app=one-line&tab=what-if")
    page.get_by_label("Models, separated by commas").fill("openai/gpt-4o")
    page.get_by_role("button", name="Simulate").click()
    panel = page.get_by_role("region", name="What if")
    expect(panel).to_contain_text("A price simulation")
    row = panel.get_by_role("row").filter(has_text="gpt-4o-mini")
    expect(row.get_by_role("cell").nth(4)).to_contain_text("$0.0")
    expect(row.get_by_role("cell").nth(5)).to_contain_text("+$0.0")


@pytest.mark.usefixtures("spend")
def test_savings_are_shown_with_what_they_rest_on(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/costs?since=24h&app=one-line&tab=savings")
    for name in ("Savings and waste", "Identical requests", "Near duplicates", "Batch tier"):
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    page.get_by_text("80%").click()
    page.wait_for_url("**likeness=0.8**")
