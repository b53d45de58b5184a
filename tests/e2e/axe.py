"""axe in the page that a test has open, in both themes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

_AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async (options) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
  return violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html}\\n${failureSummary}`),
  }));
}"""
_OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
# Colours change with the frame after the theme's, and what opened fades in.
_STILL = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ends = (each) => each.effect.getComputedTiming().endTime !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((each) => each.finished));
}"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page as it is now, in either theme.

    They differ in nothing but colours, so that all else is looked at once.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_have_count(1)
        page.evaluate(_STILL)
        options = _OF_COLOURS if scheme == "dark" else {}
        found += [{"theme": scheme, **violation} for violation in page.evaluate(_RUN, options)]
    return found


@cache
def _source() -> str:
    """The script of axe; evaluated by the debugger, so that the page's policy stays as it is."""
    return _AXE.read_text(encoding="utf-8")
