"""Two traces beside each other, in a real browser."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.axe import violations
from tests.e2e.conftest import Server
from tests.e2e.otlp_spans import GivenSpan, messages, post_spans
from tests.e2e.polling import until
from tests.e2e.settled import settle

SCRIPT = "<script>document.title='owned'</script>"
GOOD = ["ca01" * 8, "ca02" * 8, "ca03" * 8]
BAD = "cb01" * 8
RULES = "\n".join(f"Rule {number}: stay polite." for number in range(1, 31))


def ticket(trace: str, *, last_ms: float, bad: bool = False) -> list[GivenSpan]:
    """One run of the same app; a bad one has another prompt and arguments, lost a step and gained one."""
    ids = [f"{trace[:14]}{number:02x}" for number in range(5)]
    model = "gpt-4.1" if bad else "gpt-4o"
    prompt = f"Refunds within {14 if bad else 30} days.\n{RULES}\n{SCRIPT}\u202e"
    tool: dict[str, str | int] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "find_order",
        "gen_ai.tool.call.arguments": json.dumps({"order": 99 if bad else 12}),
    }
    call: dict[str, str | int] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": 900 if bad else 600,
        "gen_ai.input.messages": messages(("system", prompt), ("user", "Where is it?")),
        "gen_ai.output.messages": messages(("assistant", "Sorry." if bad else "On its way.")),
    }
    find: GivenSpan = {
        "trace": trace,
        "id": ids[1],
        "parent": ids[0],
        "name": "execute_tool find_order",
        "start_ms": 1,
        "attributes": tool,
    }
    if bad:
        find["error"] = "HTTP 503"
    spans: list[GivenSpan] = [
        {
            "trace": trace,
            "id": ids[0],
            "name": "ticket",
            "last_ms": last_ms,
            "attributes": {"session.id": "c"},
        },
        find,
        {
            "trace": trace,
            "id": ids[2],
            "parent": ids[0],
            "name": f"chat {model}",
            "start_ms": 9,
            "attributes": call,
        },
    ]
    extra = "apologise" if bad else "send mail"
    spans.append({"trace": trace, "id": ids[3], "parent": ids[0], "name": extra, "start_ms": 20})
    return spans


@pytest.fixture(scope="module")
def tickets(server: Server) -> None:
    """Three good runs and a bad one after them."""
    for age, (trace, last_ms) in zip((90, 80, 70), zip(GOOD, (80, 50, 60), strict=True), strict=True):
        post_spans(server, "tickets", ticket(trace, last_ms=last_ms), age_s=age)
    post_spans(server, "tickets", ticket(BAD, last_ms=100, bad=True), age_s=60)
    until(lambda: len(server.get("/api/v1/traces", q="app:tickets").json()["traces"]) == 4)


def steps_of(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Steps").get_by_role("option")


@pytest.mark.usefixtures("tickets")
def test_failing_trace_is_compared_with_the_median_good_run(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/t/{BAD}")
    page.get_by_role("button", name="Compare with…").click()
    page.get_by_role("menuitem", name="Median good run").click()
    expect(page).to_have_url(re.compile(f"left={GOOD[2]}&right={BAD}"))

    steps = steps_of(page)
    expect(steps).to_have_count(5)
    expect(page.get_by_text("1 same · 2 changed · 1 only left · 1 only right")).to_be_visible()
    expect(steps.nth(0)).to_contain_text("+40.0 ms")
    expect(steps.nth(1)).to_contain_text("fails now, input")
    expect(steps.nth(2)).to_contain_text("gpt-4o → gpt-4.1, input, output")
    expect(steps.nth(2)).to_contain_text("+300")
    expect(steps.nth(3)).to_contain_text("send mail")
    expect(steps.nth(3).get_by_role("img", name="Only left")).to_be_visible()
    expect(steps.nth(4).get_by_role("img", name="Only right")).to_be_visible()

    steps.nth(2).click()
    prompt = page.get_by_role("region", name="Prompt")
    expect(prompt.locator("del")).to_have_text("30")
    expect(prompt.locator("ins")).to_have_text("14")
    expect(prompt).not_to_contain_text("Rule 15")
    prompt.get_by_role("button", name=re.compile("unchanged lines")).click()
    expect(prompt).to_contain_text("Rule 15: stay polite.")
    expect(prompt).to_contain_text(SCRIPT)
    assert page.locator("main script").count() == 0
    assert "owned" not in page.title()

    page.reload()
    expect(page.get_by_role("region", name="Answer").locator("ins")).to_have_text(re.compile("Sorry"))
    page.get_by_role("link", name="Open in the left trace").click()
    expect(page).to_have_url(re.compile(f"/t/{GOOD[2]}\\?span="))


@pytest.mark.usefixtures("tickets")
def test_comparison_is_walked_by_keyboard_alone(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/compare?left={GOOD[0]}&right={BAD}")
    steps_of(page).first.wait_for()
    panel = page.get_by_role("complementary", name="Step")
    page.keyboard.press("j")
    expect(panel.get_by_role("heading", level=2)).to_have_text("ticket")
    page.keyboard.press("n")
    expect(panel.get_by_role("region", name="Arguments").locator("ins")).to_have_text("99")
    page.keyboard.press("N")
    expect(panel).to_contain_text("Only the right trace has this step.")
    page.keyboard.press("k")
    expect(panel).to_contain_text("Only the left trace has this step.")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


@pytest.mark.usefixtures("tickets")
def test_good_runs_differ_in_nothing_but_time(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/compare?left={GOOD[0]}&right={GOOD[1]}")
    expect(steps_of(page)).to_have_count(4)
    page.get_by_role("button", name="Only differences").click()
    expect(page.get_by_text("No differences")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No differences")).to_be_visible()
    page.get_by_role("link", name="Swap the sides").click()
    expect(page).to_have_url(re.compile(f"left={GOOD[1]}&right={GOOD[0]}"))


@pytest.mark.usefixtures("tickets")
def test_another_trace_is_chosen_by_its_link(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/t/{GOOD[0]}")
    page.get_by_role("button", name="Compare with…").click()
    page.get_by_role("menuitem", name="Median good run").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("No run of the same app and name ended well")
    dialog.get_by_role("textbox").fill("nonsense")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("A trace id has 32 hex digits")
    dialog.get_by_role("textbox").fill(f"{server.url}/t/{BAD.upper()}?span=1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"left={BAD}&right={GOOD[0]}"))
    page.goto(f"{server.url}/compare")
    page.get_by_label("Left: the trace to compare with").fill(f"{server.url}/t/{BAD}?span=1")
    page.get_by_label("Right: the trace that is looked at").fill(GOOD[1])
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(f"left={BAD}&right={GOOD[1]}"))


def test_trace_that_is_not_stored_is_said_to_be_so(
    server: Server, browser_page_without_checks: Page, tickets: None
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/compare?left={'ab' * 16}&right={BAD}")
    expect(page.get_by_role("main")).to_contain_text("One of the traces is not stored")


@pytest.mark.usefixtures("tickets")
def test_axe_finds_nothing_on_the_comparison(server: Server, still_page: Page) -> None:
    page = still_page
    page.goto(f"{server.url}/compare")
    settle(page)
    assert violations(page) == []
    page.goto(f"{server.url}/compare?left={GOOD[0]}&right={BAD}")
    steps_of(page).nth(2).click()
    page.get_by_role("region", name="Prompt").wait_for()
    assert violations(page) == []
