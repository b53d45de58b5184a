"""Alerts in a real browser, over what a real app spent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Server

# Rules are looked at every 15 seconds, after rollups that are refreshed every 5.
_LOOK_MS = 45_000


@pytest.mark.usefixtures("one_line_calls")
def test_a_rule_made_on_the_page_opens_an_incident_that_somebody_takes(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/alerts?tab=rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    for label, value in {
        "Key": "any-call",
        "Name": "Somebody calls a model",
        "Restricted to": "app:one-line",
        "Window": "6h",
        "Alert at": "0.0000001",
    }.items():
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Preview on history").click()
    expect(form.get_by_role("region", name="Preview")).to_contain_text("1 group")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="Somebody calls a model")).to_be_visible()

    page.get_by_role("tab", name="Incidents").click()
    page.get_by_role("link", name="Somebody calls a model").click(timeout=_LOOK_MS)
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("app=one-line")
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("opened")
    summary.get_by_role("button", name="Acknowledge").click()
    expect(summary).to_contain_text("Taken by")
    summary.get_by_role("link", name="Traces in the window").click()
    traces = page.get_by_role("region", name="Traces").get_by_role("row")
    expect(traces.filter(has_text="one-line").first).to_be_visible()


def test_a_wrong_rule_is_refused_in_the_servers_words(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/alerts?tab=rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_label("Key", exact=True).fill("wrong")
    form.get_by_label("Name", exact=True).fill("Wrong")
    form.get_by_label("Alert at", exact=True).fill("ten")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("condition.alert must be a number")
