"""Tables in a terminal."""

from typing import Any

_ANY_WIDTH = 100_000


def write_table(table: Any) -> None:
    """Print a table of `rich` in its full width: in a narrow terminal lines run on, and no number is cut."""
    from rich.console import Console
    from rich.measure import Measurement

    terminal = Console()
    needed = Measurement.get(terminal, terminal.options.update(max_width=_ANY_WIDTH), table).maximum
    Console(width=max(terminal.width, needed)).print(table)
