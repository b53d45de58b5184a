"""Fields of objects that show themselves by them: dataclasses and pydantic's models."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any


def fields_of(value: Any) -> Iterator[tuple[str, Any]] | None:
    """(name, value) of what the object's own `repr` shows, in its order; None for objects of any other kind.

    A field with `repr=False`, and a class with a `__repr__` of its own, may have something to hide.
    """
    owner = next(cls for cls in type(value).__mro__ if "__repr__" in vars(cls))
    if dataclasses.is_dataclass(owner):
        # That of a dataclass guards itself against recursion by a wrapper; one that the app wrote has none.
        return _of_dataclass(value) if hasattr(owner.__repr__, "__wrapped__") else None
    # Asked in this order, as pydantic 2 warns of the name that pydantic 1 has.
    is_model = hasattr(type(value), "model_fields") or hasattr(type(value), "__fields__")
    if is_model and owner.__module__.partition(".")[0] == "pydantic":
        shown: Iterable[tuple[str, Any]] = value.__repr_args__()
        return iter(shown)
    return None


def _of_dataclass(value: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(value):
        if field.repr and hasattr(value, field.name):
            yield field.name, getattr(value, field.name)
