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
    from rich.measure import Measurement

    terminal = console()
    needed = Measurement.get(terminal, terminal.options.update(max_width=_ANY_WIDTH), table).maximum
    console(width=max(terminal.width, needed)).print(table)


def console(width: int | None = None) -> Any:
    """Return what prints tables and lines to standard output."""
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise  # `main` knows a reader who has enough; by itself `rich` exits with 1

    return Terminal(width=width)
