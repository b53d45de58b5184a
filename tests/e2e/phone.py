"""What must not happen on a small screen."""

from __future__ import annotations

import time

from playwright.sync_api import Page

_SETTLES_WITHIN_S = 10.0
_TOO_WIDE = """[...document.querySelectorAll('html, main, main > *, main > header > *')]
    .filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => `${each.className}: ${each.scrollWidth} of ${each.clientWidth} px`)"""


def too_wide(page: Page) -> list[str]:
    """Name the parts of the page that have to be scrolled sideways; a table may be, inside of its own box.

    What passes while the page is built up is not named.
    """
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    found: list[str] = page.evaluate(_TOO_WIDE)
    while found and time.monotonic() < deadline:
        page.wait_for_timeout(100)
        found = page.evaluate(_TOO_WIDE)
    return found
