"""Deleting from the page: the question says what goes, and the list how far it is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect
from tests.e2e.axe import violations
from tests.e2e.conftest import Server
from tests.e2e.otlp_traces import GivenTrace, post_traces
from tests.e2e.polling import until

APP = "forgotten"


def _post(server: Server, *traces: GivenTrace) -> None:
    post_traces(server, APP, traces)
    until(lambda: {_status(server, trace) for trace in traces} == {200})


def _status(server: Server, trace: GivenTrace) -> int:
    return server.get(f"/api/v1/traces/{trace.trace_id}").status_code


def _ask(page: Page, entry: str) -> Locator:
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("menuitem", name=entry).click()
    return page.get_by_role("dialog")


def test_a_trace_is_deleted_after_a_question_that_says_what_goes(server: Server, page: Page) -> None:
    gone, kept = GivenTrace("gone"), GivenTrace("kept")
    _post(server, gone, kept)
    page.goto(f"{server.url}/t/{gone.trace_id}")
    dialog = _ask(page, "Delete the trace…")
    expect(dialog).to_contain_text("Delete the trace?")
    expect(dialog).to_contain_text(gone.trace_id)
    expect(dialog).to_contain_text("all spans of this trace")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert _status(server, gone) == 200

    dialog = _ask(page, "Delete the trace…")
    dialog.get_by_role("button", name="Delete the trace").click()
    expect(dialog.get_by_role("status")).to_have_text("1 trace is deleted, for everyone.")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Traces")
    assert [_status(server, trace) for trace in (gone, kept)] == [404, 200]


def test_everything_of_a_user_is_counted_deleted_and_listed_in_either_theme(
    server: Server, still_page: Page
) -> None:
    page, user = still_page, f"user {'é' * 40}"
    attributes = {"user.id": user, "session.id": "forgotten session"}
    traces = [GivenTrace(f"run {n}", attributes=attributes) for n in range(3)]
    _post(server, *traces)
    page.goto(f"{server.url}/t/{traces[0].trace_id}")
    dialog = _ask(page, "Delete the session…")
    expect(dialog).to_contain_text("3 traces with a span of this session")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_have_count(0)

    page.goto(f"{server.url}/users/profile?id={user}")
    dialog = _ask(page, "Delete the user…")
    expect(dialog).to_contain_text("3 traces with a span of this user")
    expect(dialog).to_contain_text("the scores that the user gave")
    assert violations(page) == []
    dialog.get_by_role("button", name="Delete the user").click()
    expect(dialog.get_by_role("status")).to_have_text("3 traces are deleted, for everyone.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")
    assert {_status(server, trace) for trace in traces} == {404}

    other = GivenTrace("other")
    _post(server, other)
    page.goto(f"{server.url}/t/{other.trace_id}")
    dialog = _ask(page, "Deletions of the last day")
    row = dialog.get_by_role("row").filter(has_text=user).first
    expect(row).to_contain_text("by local")
    expect(row.get_by_role("cell").nth(1)).to_have_text("3")
    assert violations(page) == []
