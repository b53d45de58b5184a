"""Waiting for a page to show all that it asks for."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def settle(page: Page) -> None:
    """Wait until nothing is asked for, and nothing on the page stands for what is on its way."""
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)  # figures of the question before are dimmed
