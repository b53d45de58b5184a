"""How much a first visit downloads, as compressed by the build."""

from __future__ import annotations

import re

from sightline_ui.page import STATIC

KB = 1000
FIRST_SCRIPTS, FIRST_STYLES, ALL_ASSETS = 220 * KB, 25 * KB, 600 * KB


def _compressed(suffix: str, names: set[str]) -> int:
    return sum((STATIC / "assets" / f"{name}.gz").stat().st_size for name in names if name.endswith(suffix))


def _named_by_the_document() -> set[str]:
    document = (STATIC / "index.html").read_text(encoding="utf-8")
    return set(re.findall(r'assets/([^"]+\.(?:js|css))"', document))


def test_the_first_page_is_light() -> None:
    first = _named_by_the_document()
    assert any(name.endswith(".css") for name in first)
    assert 0 < _compressed(".js", first) <= FIRST_SCRIPTS
    assert 0 < _compressed(".css", first) <= FIRST_STYLES


def test_all_code_of_the_page_together_is_light() -> None:
    names = {path.name.removesuffix(".gz") for path in (STATIC / "assets").glob("*.gz")}
    assert 0 < _compressed("", names) <= ALL_ASSETS
