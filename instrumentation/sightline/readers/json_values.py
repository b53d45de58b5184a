"""Reading JSON written by strangers: every accessor answers with its type or an empty value, never raises."""

from __future__ import annotations

from typing import Any

Json = Any
JsonObject = dict[str, Any]


def as_object(value: Json) -> JsonObject:
    """The value when it is an object, else {}."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Any]:
    """The value when it is an array, else []."""
    return value if isinstance(value, list) else []


def as_objects(value: Json) -> list[JsonObject]:
    """The objects of an array; anything else in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_text(value: Json) -> str:
    """The value when it is a string, else ""."""
    return value if isinstance(value, str) else ""


def as_int(value: Json) -> int | None:
    """A whole number (not a bool), else None. Servers that send 12.0 mean 12."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**63 else None


def as_float(value: Json) -> float | None:
    """A number (not a bool) as a float, else None."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
