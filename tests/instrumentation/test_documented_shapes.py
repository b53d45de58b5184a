"""The table of call shapes in the documentation is the list that drives the tests."""

from __future__ import annotations

from pathlib import Path

from tests.instrumentation.call_shapes import table

DOCUMENT = Path(__file__).parents[2] / "docs" / "instrumentation.md"


def test_the_documented_table_is_the_tested_list() -> None:
    _, _, after = DOCUMENT.read_text().partition("<!-- call shapes: generated -->\n")
    shown, marker, _ = after.partition("\n<!-- end -->")
    assert marker
    assert shown == table(), "run: python -m tests.instrumentation.write_table"
