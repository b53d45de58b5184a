"""Reading a provider's export: days, money, counts and tables, with errors that name the place."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sightline_core.errors import CallerError
from sightline_core.money import COST_STEP

MAX_USD = Decimal(10) ** 12
_MAX_COUNT = 2**53
_BASIC_DATE = len("20261031")
_THOUSANDS = re.compile(r"\s*[-+]?[1-9]\d{0,2}(,\d{3})+")
_ONE_COMMA = re.compile("[^,.]*,[^,.]*")
_EARLIEST_S, _LATEST_S = 0, 4_102_444_800


def read_json(text: str) -> Any:
    """Return the document; numbers with a fraction are `Decimal`, so that no digit is lost."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CallerError(f"the file is not JSON: {error}") from error


def read_table(text: str) -> tuple[list[str], Iterator[tuple[str, Mapping[str, str]]]]:
    """Return the column names and (place, row) for each row that is not empty.

    Commas, semicolons and tabs separate cells: the one that the first line has most of.
    """
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise CallerError(f"line 1 is not CSV: {error}") from error
    if not any(header):
        raise CallerError("the file has no line with column names")
    return header, _table_rows(header, rows)


def _table_rows(header: list[str], rows: Iterator[list[str]]) -> Iterator[tuple[str, Mapping[str, str]]]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise CallerError(f"line {number} is not CSV: {error}") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield f"line {number}", dict(zip(header, (cell.strip() for cell in cells), strict=False))


def read_day(value: object, place: str) -> date:
    """Return the date of an ISO date or time, or of seconds since 1970 in UTC."""
    if isinstance(value, int) and not isinstance(value, bool) and _EARLIEST_S <= value < _LATEST_S:
        return datetime.fromtimestamp(value, UTC).date()
    if isinstance(value, str):
        # Eight digits are a date without dashes: as seconds they would be one of 1970.
        is_seconds = value.isascii() and value.isdigit() and len(value) != _BASIC_DATE
        if is_seconds and int(value[:12]) < _LATEST_S:
            return datetime.fromtimestamp(int(value[:12]), UTC).date()
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            pass
    raise CallerError(f"{place}: {str(value)[:40]!r} is not a day such as 2026-10-31")


def read_usd(value: object, place: str) -> Decimal:
    """Return an amount to twelve places, as spans have it; `$1,234.56` counts too.

    `1,234` does not: of whoever writes decimal commas, it is a thousandth of what others mean.
    """
    text = str(value).strip().replace("$", "")
    if _ONE_COMMA.fullmatch(text):
        raise CallerError(f"{place}: {text[:40]!r} may have a decimal comma; write the amount with a point")
    try:
        amount = _number(text)
    except InvalidOperation as error:
        raise CallerError(f"{place}: {str(value)[:40]!r} is not an amount of money") from error
    if not amount.is_finite() or abs(amount) > MAX_USD:
        raise CallerError(f"{place}: {str(value)[:40]!r} is not a plausible amount of money")
    exponent = amount.as_tuple().exponent
    return amount.quantize(COST_STEP) if isinstance(exponent, int) and exponent < -12 else amount


def read_count(value: object, place: str) -> int | None:
    """Return a number of tokens or requests; `None` for an empty cell."""
    if value is None or value == "":
        return None
    try:
        count = _number(str(value))
    except InvalidOperation as error:
        raise CallerError(f"{place}: {str(value)[:40]!r} is not a number") from error
    if not count.is_finite() or not 0 <= count <= _MAX_COUNT or count != count.to_integral_value():
        raise CallerError(f"{place}: {str(value)[:40]!r} is not a count")
    return int(count)


def _number(text: str) -> Decimal:
    """Return a number with commas between thousands only; raises `InvalidOperation`."""
    whole, point, rest = text.partition(".")
    if "," in text and (not _THOUSANDS.fullmatch(whole) or "," in rest):
        raise InvalidOperation  # 12,50 may well be twelve and a half
    return Decimal(whole.replace(",", "") + point + rest)


def require_usd(currency: object, place: str) -> None:
    """Refuse another currency: amounts would be added that cannot be."""
    if str(currency or "usd").lower() != "usd":
        raise CallerError(f"{place} is in {str(currency)[:10]!r}; only USD can be compared")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
