"""Tables in a terminal."""

from typing import Any

from sightline_core.plain_text import one_line

_ANY_WIDTH = 100_000


def cell(value: object) -> Any:
    """Return a cell whose text is one line, and no markup of `rich`."""
    from rich.text import Text

    return Text(one_line(str(value)))


def write_table(table: Any) -> None:
    """Print a table of `rich` in its full width: in a narrow terminal lines run on, and no number is cut."""
    from rich.console import Console
    from rich.measure import Measurement

    terminal = Console()
    needed = Measurement.get(terminal, terminal.options.update(max_width=_ANY_WIDTH), table).maximum
    Console(width=max(terminal.width, needed)).print(table)
