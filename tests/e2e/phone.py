"""What must not happen on a small screen."""

from __future__ import annotations

from playwright.sync_api import Page

_TOO_WIDE = """[...document.querySelectorAll('html, main, main > *, main > header > *')]
    .filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => `${each.className}: ${each.scrollWidth} of ${each.clientWidth} px`)"""


def too_wide(page: Page) -> list[str]:
    """Name the parts of the page that have to be scrolled sideways; a table may be, inside of its own box."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found
