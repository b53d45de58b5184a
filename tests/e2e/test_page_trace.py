"""From the list to the conversation of one model call, in a real browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect
from tests.e2e.conftest import Server, trace_of
from tests.e2e.polling import until


def test_trace_is_followed_from_the_list_to_the_conversation_of_a_call(
    server: Server, one_line_calls: list[dict[str, Any]], page: Page
) -> None:
    summary = until(lambda: trace_of(server, "one-line", spans=5))
    chat = one_line_calls[0]

    page.goto(f"{server.url}/traces?q=app:one-line")
    row = page.get_by_role("region", name="Traces").get_by_role("row").filter(has_text="one-line")
    expect(row).to_contain_text("gpt-4o-mini")
    row.get_by_role("link", name="answer").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("answer")
    assert summary["trace_id"] in page.url
    tree = page.get_by_role("tree", name="Spans")
    expect(tree.get_by_role("treeitem")).to_have_count(5)
    cost = page.locator("main > header dt:text-is('Cost') + dd").inner_text()
    assert cost.startswith("~ $0.0")
    expect(tree.get_by_role("treeitem").first).to_contain_text(cost)
    tree.get_by_role("treeitem", name="chat gpt-4o-mini").first.click()

    panel = page.get_by_role("complementary", name="Span")
    conversation = panel.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text("Where is my order 1234?")
    expect(conversation.get_by_role("article")).to_have_count(2)
    panel.get_by_role("tab", name="Details").click()
    expect(panel).to_contain_text(chat["fingerprint"])
    expect(panel).to_contain_text(str(chat["input"]))
    expect(panel.get_by_role("region", name="Tokens and cost")).to_contain_text("$0.0000")

    page.reload()
    expect(panel).to_contain_text(chat["fingerprint"])


def test_unknown_trace_says_so(server: Server, browser_page_without_checks: Page) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/t/{'ab' * 16}")
    expect(page.get_by_role("main")).to_contain_text("No such trace")
