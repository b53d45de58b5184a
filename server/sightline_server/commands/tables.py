"""Tables in a terminal."""

from typing import Any

_ANY_WIDTH = 100_000


def plain(text: str) -> str:
    """Return the text as one line of what can be printed: names of strangers do not move the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def cell(value: object) -> Any:
    """Return a cell whose text is plain, and no markup of `rich`."""
    from rich.text import Text

    return Text(plain(str(value)))


def write_table(table: Any) -> None:
    """Print a table of `rich` in its full width: in a narrow terminal lines run on, and no number is cut."""
    from rich.console import Console
    from rich.measure import Measurement

    terminal = Console()
    needed = Measurement.get(terminal, terminal.options.update(max_width=_ANY_WIDTH), table).maximum
    Console(width=max(terminal.width, needed)).print(table)
