"""Texts of strangers where they stand in a line of ours: terminals, messages, tables."""


def one_line(text: str) -> str:
    """Return the text as one line of what can be printed.

    Without line breaks, control characters and marks that turn the direction of writing, it neither moves a
    cursor nor looks like a line of its own.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
