"""Texts of strangers where they stand in a line of ours: terminals, messages, tables."""

_SHORT = 200


def one_line(text: str) -> str:
    """Return the text as one line of what can be printed.

    Without line breaks, control characters and marks that turn the direction of writing, it neither moves a
    cursor nor looks like a line of its own.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def counted(number: int, noun: str) -> str:
    """Return `1 trace`, `2 traces`: a number with a noun that takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def short_line(text: str) -> str:
    """Return the text as one line of at most 200 characters, as names stand in titles: ids may be long."""
    line = one_line(text)
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"
