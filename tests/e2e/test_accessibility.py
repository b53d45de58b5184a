"""axe finds nothing on any page, in either theme, nor in what opens on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.axe import violations
from tests.e2e.conftest import Server, trace_of
from tests.e2e.polling import until
from tests.e2e.settled import settle

Arrange = Callable[[Page], None]


def _nothing(page: Page) -> None:
    """The page as it opens."""


def _click(role: Literal["button", "tab"], name: str) -> Arrange:
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()


def _complete(page: Page) -> None:
    page.locator("[contenteditable=true][aria-label=Query]").click()
    page.get_by_role("option").first.wait_for()


def _type_nonsense(page: Page) -> None:
    page.locator("[contenteditable=true][aria-label=Query]").click()
    page.keyboard.type("latency>soon")
    page.keyboard.press("Enter")
    page.get_by_role("alert").first.wait_for()


def _choose_field(page: Page) -> None:
    page.get_by_label("Group by").first.click()
    page.get_by_role("option").first.wait_for()


def _statement(page: Page) -> None:
    page.get_by_role("button", name="Print").wait_for()


def _make_key(page: Page) -> None:
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("axe")
    page.get_by_role("button", name="Create").click()
    page.get_by_label("key", exact=True).wait_for()


def _help(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


# The pages about apps, sessions, users and prompts are in `test_activity_pages`.
LIST: dict[str, tuple[str, Arrange]] = {
    "list": ("/traces", _nothing),
    "list, nothing found": ("/traces?q=app:nobody", _nothing),
    "list, query at fault": ("/traces", _type_nonsense),
    "list, completion": ("/traces", _complete),
    "list, narrowed": ("/traces?q=-env:dev%20model:gpt-4o-mini&sort=-cost", _click("button", "Provider")),
    "list, histogram as table": ("/traces", _click("button", "Show as table")),
    "list, saved views": ("/traces", _click("button", "Saved views")),
    "list, download": ("/traces", _click("button", "Download the newest 1,000")),
    "list, columns": ("/traces", _click("button", "Columns")),
    "list, time range": ("/traces", _click("button", "Last 24 hours")),
    "list, live": ("/traces?live=true&chart=latency", _nothing),
    "groups": ("/traces?by=model", _nothing),
    "groups, choosing the field": ("/traces?by=model", _choose_field),
    "keyboard help": ("/traces", _help),
    "theme menu": ("/traces", _click("button", "Theme")),
    "failures": ("/failures", _nothing),
    "failures, score lines": ("/failures", _click("button", "Score lines")),
    "costs": ("/costs", _nothing),
    "costs by model": ("/costs?by=model&since=7d", _nothing),
    "costs, savings": ("/costs?tab=savings", _nothing),
    "costs, what if, no candidates": ("/costs?tab=what-if", _nothing),
    "costs, what if": ("/costs?tab=what-if&candidates=openai/gpt-4o", _nothing),
    "costs, budgets": ("/costs?tab=budgets", _nothing),
    "costs, teams": ("/costs?tab=teams", _nothing),
    "costs, statement": ("/costs?tab=teams&statement=", _statement),
    "costs, choosing who pays": ("/costs?tab=teams", _click("button", "Edit")),
    "costs, reconciliation": ("/costs?tab=reconciliation", _nothing),
    "costs, import": ("/costs?tab=reconciliation", _click("button", "Import")),
    "SQL": ("/sql", _nothing),
    "incidents": ("/alerts", _nothing),
    "rules": ("/alerts?tab=rules", _nothing),
    "new rule": ("/alerts?tab=rules", _click("button", "New rule")),
    "channels": ("/alerts?tab=channels", _nothing),
    "projects": ("/settings", _nothing),
    "new project": ("/settings", _click("button", "New project")),
    "limits of a project": ("/settings", _click("button", "Change default")),
    "keys": ("/settings?tab=keys&revoked=true", _nothing),
    "new key": ("/settings?tab=keys", _click("button", "New key")),
    "key that was made": ("/settings?tab=keys", _make_key),
    "no such incident": ("/alerts/unknown", _nothing),
    "no such trace": (f"/t/{'ab' * 16}", _nothing),
    "no such page": ("/traces/unknown/page", _nothing),
}


@pytest.mark.usefixtures("one_line_calls")
@pytest.mark.parametrize("view", LIST)
def test_axe_finds_nothing_on_a_page(view: str, server: Server, still_page: Page) -> None:
    until(lambda: trace_of(server, "one-line", spans=5))
    address, arrange = LIST[view]
    still_page.goto(f"{server.url}{address}")
    settle(still_page)
    if arrange is not _nothing:
        arrange(still_page)
        settle(still_page)
    assert violations(still_page) == []


def test_nothing_fades_for_who_wants_no_motion(server: Server, still_page: Page) -> None:
    still_page.goto(f"{server.url}/t/{'ab' * 16}")
    expect(still_page.get_by_text("No such trace")).to_be_visible()
    still_page.evaluate("document.documentElement.dataset.mantineColorScheme = 'dark'")
    moving = still_page.evaluate("document.getAnimations().map((each) => each.transitionProperty)")
    assert moving == []


@pytest.mark.usefixtures("one_line_calls")
def test_axe_finds_nothing_on_a_trace(server: Server, still_page: Page) -> None:
    trace = until(lambda: trace_of(server, "one-line", spans=5))
    still_page.goto(f"{server.url}/t/{trace['trace_id']}")
    tree = still_page.get_by_role("tree", name="Spans")
    tree.get_by_role("treeitem", name="chat gpt-4o-mini").first.click()
    settle(still_page)
    panel = still_page.get_by_role("complementary", name="Span")
    for tab in range(panel.get_by_role("tab").count()):
        panel.get_by_role("tab").nth(tab).click()
        settle(still_page)
        assert violations(still_page) == []

    trace_id = trace["trace_id"]
    beside = f"/compare?left={trace_id}&right={trace_id}"
    for address in (f"/t/{trace_id}?view=graph", f"/t/{trace_id}?path=true", beside):
        still_page.goto(f"{server.url}{address}")
        settle(still_page)
        assert violations(still_page) == []
