"""What a change asks first of what is stored, within its own transaction: the `If-Match` of HTTP."""

from collections.abc import Callable

MayChange = Callable[[str | None], None]
"""Is given the tag of what is stored, None for nothing, and raises when it must stay as it is."""


def always(tag: str | None) -> None:
    """Whatever is stored may be changed."""
