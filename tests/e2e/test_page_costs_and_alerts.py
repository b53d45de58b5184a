"""Alerts in a real browser, over what a real app spent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.conftest import Server
from tests.e2e.phone import too_wide
from tests.e2e.polling import until

_PAGE_ASKS_EVERY_MS = 15_000


@pytest.mark.usefixtures("one_line_calls")
def test_a_rule_made_on_the_page_opens_an_incident_that_somebody_takes(
    server: Server, clocked_page: Page, phone: Page
) -> None:
    page = clocked_page
    page.clock.install()
    page.goto(f"{server.url}/alerts?tab=rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    for label, value in {
        "Key": "any-call",
        "Name": "Somebody calls a model",
        "Restricted to": "app:one-line",
        "Window": "6h",
        "Alert at ($)": "0.0000001",
    }.items():
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Preview on history").click()
    expect(form.get_by_role("region", name="Preview")).to_contain_text("1 group")
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Somebody calls a model")
    expect(row).to_contain_text("alert from $1e-7, over 6h")

    page.get_by_role("tab", name="Incidents").click()
    until(lambda: "Somebody calls a model" in server.get("/api/v1/alerts/incidents").text)
    page.clock.fast_forward(_PAGE_ASKS_EVERY_MS)
    page.get_by_role("link", name="Somebody calls a model").click()
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("app=one-line")
    expect(summary).to_contain_text("alert cost $0.0")
    expect(summary).to_contain_text(re.compile(r"Measured\d\d .*:00 to \d\d .*:00"))
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("opened")
    _handle_on_a_phone(phone, page.url)

    page.reload()
    expect(summary).to_contain_text("Snoozed until")
    summary.get_by_role("link", name="Traces in the window").click()
    traces = page.get_by_role("region", name="Traces").get_by_role("row")
    expect(traces.filter(has_text="one-line").first).to_be_visible()


def test_every_open_incident_of_very_many_can_be_reached(server: Server, page: Page) -> None:
    opened = [_incident(number, is_open=True) for number in range(1_030)]
    over = [_incident(number, is_open=False) for number in range(1_030, 1_040)]

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        rows = opened if asked.get("only_open") == ["true"] else [*opened, *over]
        start, limit = int(asked.get("cursor", ["0"])[0]), int(asked.get("limit", ["100"])[0])
        end = start + limit
        following = str(end) if end < len(rows) else None
        route.fulfill(json={"incidents": rows[start:end], "next_cursor": following})

    page.route("**/api/v1/alerts/incidents?*", answer)
    page.route("**/api/v1/alerts/incidents", answer)
    page.goto(f"{server.url}/alerts")
    links = page.get_by_role("link", name=re.compile("^Incident "))
    older = page.get_by_role("button", name="Show older ones")
    for shown in (500, 1_000, 1_030, 1_040):
        expect(links).to_have_count(shown)
        if shown < 1_040:
            older.click()
    expect(links.last).to_have_text("Incident 1039")
    expect(older).to_have_count(0)


def _incident(number: int, *, is_open: bool) -> dict[str, Any]:
    at = (datetime(2026, 11, 2, 12, tzinfo=UTC) - timedelta(seconds=number)).isoformat()
    texts = dict.fromkeys(
        ("where", "measure", "value", "threshold", "reason", "cause", "acknowledged_by"), ""
    )
    return {
        **texts,
        "id": f"{number:032x}",
        "rule": "many",
        "name": f"Incident {number}",
        "level": "alert",
        "opened_at": at,
        "resolved_at": None if is_open else at,
        "acknowledged_at": None,
    }


def _handle_on_a_phone(phone: Page, incident: str) -> None:
    phone.goto(incident)
    summary = phone.get_by_role("region", name="Summary")
    summary.get_by_role("button", name="Acknowledge").tap()
    expect(summary).to_contain_text("Taken by")
    summary.get_by_role("button", name="Snooze 8h").tap()
    expect(summary).to_contain_text(re.compile(r"Snoozed until \d\d \w{3,4}, \d\d:\d\d:\d\d"))
    expect(phone.get_by_role("region", name="Timeline")).to_contain_text("snoozed")
    assert too_wide(phone) == []
    for button in summary.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 40
    phone.get_by_role("link", name="All alerts").tap()
    row = phone.get_by_role("row").filter(has_text="Somebody calls a model")
    expect(row.get_by_role("cell", name="Taken by local")).to_be_visible()
    assert too_wide(phone) == []
    cut = phone.evaluate(
        """[...document.querySelectorAll('main td')].filter((each) => each.checkVisibility()
            && each.getBoundingClientRect().right > innerWidth).map((each) => each.textContent)"""
    )
    assert cut == []


CONDITIONS = {
    "Threshold": ({"Alert at ($)": "10", "Warn at ($)": "5"}, "alert from $10, warning from $5, over 15m"),
    "Calendar budget": ({"Amount ($)": "500"}, "budget of $500 a month, UTC"),
    "Burn rate": (
        {"Budget ($)": "500"},
        "budget of $500 for 4w, alert when it is used up 14.4 times too fast, over 5m and 1h",
    ),
    "Unusual for the hour": ({}, "5 deviations off what is usual at the hour, over 15m"),
    "Change against the window before": ({}, "50% above the window before, over 15m"),
    "Nothing arrives": ({}, "nothing arrives, over 15m"),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_rule_of_each_kind_is_made_on_the_page(condition: str, server: Server, page: Page) -> None:
    typed, words = CONDITIONS[condition]
    key = condition.lower().replace(" ", "-")
    page.goto(f"{server.url}/alerts?tab=rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_role("combobox", name="Condition").click()
    page.get_by_role("option", name=condition).click()
    expect(form.get_by_label("Window", exact=True)).to_have_count(int("over 15m" in words))
    for label, value in {"Key": key, "Name": f"By hand: {condition}", **typed}.items():
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text=f"By hand: {condition}")).to_contain_text(words)
    httpx.delete(f"{server.url}/api/v1/alerts/rules/{key}").raise_for_status()


def test_a_rule_is_deleted_only_after_a_question(server: Server, page: Page) -> None:
    document = {"name": "Not for long", "measure": "calls", "window": "5m", "condition": {"kind": "absence"}}
    answer = httpx.put(f"{server.url}/api/v1/alerts/rules/not-for-long", json=document, timeout=30)
    assert answer.status_code == 204, answer.text
    page.goto(f"{server.url}/alerts?tab=rules")
    row = page.get_by_role("row").filter(has_text="Not for long")
    row.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete the rule “Not for long”?")
    question.get_by_role("button", name="Keep").click()
    expect(question).to_be_hidden()
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    question.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    assert "not-for-long" not in [rule["key"] for rule in server.get("/api/v1/alerts/rules").json()["rules"]]


def test_something_new_replaces_nothing_that_has_its_key(server: Server, page: Page) -> None:
    stored = {
        "rules": {"name": "First", "measure": "calls", "window": "5m", "condition": {"kind": "absence"}},
        "channels": {"kind": "pagerduty", "settings": {"routing_key": "secret"}},
    }
    for kind, document in stored.items():
        httpx.put(f"{server.url}/api/v1/alerts/{kind}/taken", json=document, timeout=30).raise_for_status()
        page.goto(f"{server.url}/alerts?tab={kind}")
        page.get_by_role("button", name=f"New {kind[:-1]}").click()
        form = page.get_by_role("form", name=f"New {kind[:-1]}")
        key = form.get_by_label("Key", exact=True)
        key.fill("taken")
        form.get_by_role("button", name="Save").click()
        expect(key).to_have_accessible_description(f"A {kind[:-1]} with this key exists already")
        key.fill("Not So")
        expect(key).to_have_accessible_description("")
        form.get_by_role("button", name="Save").click()
        expect(key).to_have_accessible_description(re.compile("small letters, digits, - and _"))
        expect(form.get_by_role("alert")).to_have_count(0)
        httpx.delete(f"{server.url}/api/v1/alerts/{kind}/taken").raise_for_status()


def test_a_wrong_rule_is_refused_in_the_servers_words(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/alerts?tab=rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_label("Key", exact=True).fill("wrong")
    form.get_by_label("Name", exact=True).fill("Wrong")
    form.get_by_label("Alert at ($)", exact=True).fill("ten")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("condition.alert must be a number")


@pytest.mark.parametrize("incident", ["zzz", "ab" * 16])
def test_unknown_incident_says_so(incident: str, server: Server, browser_page_without_checks: Page) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/alerts/{incident}")
    expect(page.get_by_role("main")).to_contain_text("No such incident")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_channel_that_may_not_be_reached_is_refused_in_the_servers_words(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/alerts?tab=channels")
    page.get_by_role("button", name="New channel").click()
    form = page.get_by_role("form", name="New channel")
    form.get_by_label("Key", exact=True).fill("mail")
    form.get_by_label("Kind").click()
    page.get_by_role("option", name="E-mail").click()
    for label, value in {
        "SMTP server": "localhost",
        "From": "s@example.org",
        "To": "a@example.org, b@example.org",
    }.items():
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Save").click()
    # The tests' server allows no private network, and says so in its own words.
    expect(form.get_by_role("alert")).to_contain_text("private address")


def test_a_channel_is_given_new_settings_under_its_key(server: Server, page: Page) -> None:
    document = {"kind": "opsgenie", "settings": {"api_key": "old-secret"}}
    answer = httpx.put(f"{server.url}/api/v1/alerts/channels/to-renew", json=document, timeout=30)
    assert answer.status_code == 204
    page.goto(f"{server.url}/alerts?tab=channels")
    row = page.get_by_role("row", name="to-renew")
    row.get_by_role("button", name="New settings").click()
    form = page.get_by_role("form", name="New settings of to-renew")
    expect(form.get_by_label("API key")).to_be_focused()
    expect(form.get_by_label("Key", exact=True)).to_have_count(0)
    form.get_by_label("Kind").click()
    page.get_by_role("option", name="PagerDuty").click()
    form.get_by_label("Routing key").fill("new-secret")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(row).to_contain_text("PagerDuty")


@pytest.mark.usefixtures("one_line_calls")
def test_a_rule_is_edited_without_losing_what_the_form_does_not_show(server: Server, page: Page) -> None:
    document = {
        "name": "Calls of users",
        "measure": "calls",
        "window": "5m",
        "group_by": ["user"],
        "mutes": [{"days": ["monday"], "start": "22:00", "end": "06:00", "zone": "UTC"}],
        "condition": {"kind": "budget", "amount": 1000000, "period": "month", "steps": [50, 90]},
    }
    answer = httpx.put(f"{server.url}/api/v1/alerts/rules/to-edit", json=document, timeout=30)
    assert answer.status_code == 204
    page.goto(f"{server.url}/alerts?tab=rules")
    row = page.get_by_role("row").filter(has_text="Calls of users")
    row.get_by_role("button", name="Edit").click()
    form = page.get_by_role("form", name="Rule to-edit")
    expect(form.get_by_label("Name", exact=True)).to_be_focused()
    form.get_by_label("Name", exact=True).fill("Calls of users and apps")
    form.get_by_role("button", name="app", exact=True).click()
    form.get_by_label("Restricted to", exact=True).fill("-env:test")
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Calls of users and apps")
    expect(row.get_by_role("button", name="Edit")).to_be_focused()
    rules = {rule["key"]: rule for rule in server.get("/api/v1/alerts/rules").json()["rules"]}
    stored = rules["to-edit"]
    assert (stored["group_by"], stored["query"]) == (["user", "app"], "-env:test")
    assert stored["mutes"] == document["mutes"]
    assert (stored["condition"]["steps"], stored["condition"]["amount"]) == ([50, 90], 1000000)


def test_a_long_name_of_a_rule_leaves_room_for_its_buttons(server: Server, page: Page) -> None:
    document = {
        "name": "n" * 200,
        "measure": "cost",
        "window": "1h",
        "condition": {"kind": "threshold", "alert": 1e9},
    }
    answer = httpx.put(f"{server.url}/api/v1/alerts/rules/long-name", json=document, timeout=30)
    assert answer.status_code == 204
    page.goto(f"{server.url}/alerts?tab=rules")
    expect(
        page.get_by_role("row").filter(has_text="nnn").get_by_role("button", name="Delete")
    ).to_be_in_viewport()
    assert httpx.delete(f"{server.url}/api/v1/alerts/rules/long-name", timeout=30).status_code == 204


def test_a_form_outlives_a_server_that_is_down(server: Server, browser_page_without_checks: Page) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/alerts?tab=rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_label("Name", exact=True).fill("Typed with care")
    form.get_by_label("Key", exact=True).fill("with-care")
    page.route(
        "**/api/v1/alerts/**", lambda route: route.fulfill(status=400, json={"detail": "no such thing"})
    )
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("no such thing")
    expect(form.get_by_role("button", name="Save")).not_to_have_attribute("data-loading", "true")
    expect(page.get_by_role("alert").filter(has_text="The list could not be refreshed")).to_be_visible()
    expect(form.get_by_label("Name", exact=True)).to_have_value("Typed with care")


@pytest.mark.usefixtures("one_line_calls")
def test_what_somebody_else_saved_meanwhile_is_not_overwritten(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    address = f"{server.url}/api/v1/alerts/rules/of-two"
    document = {
        "name": "Errors of two",
        "measure": "calls",
        "window": "5m",
        "condition": {"kind": "threshold", "alert": 1000000},
    }
    assert httpx.put(address, json=document, timeout=30).status_code == 204
    page.goto(f"{server.url}/alerts?tab=rules")
    row = page.get_by_role("row").filter(has_text="Errors of two")
    row.get_by_role("button", name="Edit").click()
    form = page.get_by_role("form", name="Rule of-two")
    assert httpx.put(address, json=document | {"window": "15m"}, timeout=30).status_code == 204
    form.get_by_label("Name", exact=True).fill("Errors of two, mine")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("changed or deleted meanwhile")
    form.get_by_role("button", name="Cancel").click()
    row.get_by_role("button", name="Edit").click()
    form.get_by_label("Name", exact=True).fill("Errors of two, mine")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    rules = {rule["key"]: rule for rule in server.get("/api/v1/alerts/rules").json()["rules"]}
    assert (rules["of-two"]["name"], rules["of-two"]["window"]) == ("Errors of two, mine", "15m")
