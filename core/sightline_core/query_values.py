"""Values of a query, from text to numbers and back. Durations are nanoseconds, money is USD."""

import re
from decimal import Decimal

from sightline_core.nanoseconds import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from sightline_core.query_fields import FieldType

_NUMBER = re.compile(r"(-?\d{1,18}(?:\.\d{1,18})?)([kM]?)")
_DURATION = re.compile(r"(?:\d{1,18}(?:\.\d{1,18})?(?:ns|us|µs|ms|s|m|h|d))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)")
_SCALE = {"": Decimal(1), "k": Decimal(1000), "M": Decimal(1_000_000)}
_UNIT_NS = {
    "ns": Decimal(1),
    "us": Decimal(1000),
    "µs": Decimal(1000),
    "ms": Decimal(10**6),
    "s": Decimal(SECOND_NS),
    "m": Decimal(MINUTE_NS),
    "h": Decimal(HOUR_NS),
    "d": Decimal(DAY_NS),
}
_MAX = Decimal(2**63 - 1)

EXAMPLES = {
    FieldType.NUMBER: "a number such as 200 or 10k",
    FieldType.DURATION: "a duration such as 250ms, 2s or 1m30s",
    FieldType.MONEY: "an amount in USD such as 0.01",
    FieldType.ATTRIBUTE: "a number such as 0.5",
}
"""How a number of each type is written, for error messages."""


def parse_number(text: str, type_: FieldType) -> Decimal | None:
    """Return the value, or None when the text is not one of that type or is beyond 64 bits."""
    if type_ is FieldType.DURATION:
        if not _DURATION.fullmatch(text):
            return None
        value = sum((Decimal(n) * _UNIT_NS[unit] for n, unit in _DURATION_PART.findall(text)), Decimal(0))
    else:
        match = _NUMBER.fullmatch(text.removeprefix("$") if type_ is FieldType.MONEY else text)
        if match is None:
            return None
        value = Decimal(match[1]) * _SCALE[match[2]]
    return value if abs(value) <= _MAX else None


def print_number(value: Decimal, type_: FieldType) -> str:
    """Return the shortest exact text that `parse_number` reads back."""
    if type_ is not FieldType.DURATION:
        return _plain(value)
    for unit in ("s", "ms", "us"):
        if value >= _UNIT_NS[unit]:
            return _plain(value / _UNIT_NS[unit]) + unit
    return _plain(value) + "ns"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
