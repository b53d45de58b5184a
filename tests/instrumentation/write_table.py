"""Writes the table of call shapes into docs/instrumentation.md: `python -m
tests.instrumentation.write_table`."""

from __future__ import annotations

from pathlib import Path

from tests.instrumentation.call_shapes import table

DOCUMENT = Path(__file__).parents[2] / "docs" / "instrumentation.md"


def main() -> None:
    """Replace what is between the two markers."""
    before, start, rest = DOCUMENT.read_text().partition("<!-- call shapes: generated -->\n")
    _, end, after = rest.partition("\n<!-- end -->")
    DOCUMENT.write_text(before + start + table() + end + after)


if __name__ == "__main__":
    main()
