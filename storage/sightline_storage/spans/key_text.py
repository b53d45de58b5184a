"""Several values as one text, so that a group can be looked up in a hash table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column


def key_column(values: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Return the text as an expression: each value with its length in front, so that no two keys are one."""
    if len(values) == 1:
        return values[0]
    parts = (
        part for value in values for part in (func.toString(func.length(value)), literal_column("':'"), value)
    )
    return func.concat(*parts)


def key_text(key: Sequence[str]) -> str:
    """Return the same text of known values."""
    if len(key) == 1:
        return key[0]
    return "".join(f"{len(value.encode('utf-8', 'surrogatepass'))}:{value}" for value in key)
