"""Tables as CSV. Names are written by strangers, so that no spreadsheet may take one for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from fastapi import Response

_MEDIA_TYPE = "text/csv"

CSV_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {_MEDIA_TYPE: {"schema": {"type": "string"}}}}
}
"""`responses` of a route that returns `csv_response`."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain_cell(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula: with an apostrophe in front if need be.

    Source: OWASP, "CSV Injection".
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return the table as a file to save. Cells are written as they are: names go through `plain_cell`.

    Truth is written as in JSON.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(_cells, rows))
    # A letter of another alphabet in a header would need RFC 5987; the name says enough without it.
    safe = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in name
    )
    return Response(
        text.getvalue(),
        media_type=_MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{safe}"'},
    )


def _cells(row: Sequence[object]) -> list[object]:
    return [str(value).lower() if isinstance(value, bool) else value for value in row]
