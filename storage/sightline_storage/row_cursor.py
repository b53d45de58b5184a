"""Cursors of lists that are ordered by a whole number, then by an id that may be any text."""

import base64
import binascii
import re
from dataclasses import dataclass

from sightline_core.errors import CallerError

HIGHEST = 2**63 - 1
_PLAIN = re.compile(r"([a-z]{1,20}):(\d{1,19}):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RowKey:
    """The place of a row in such a list."""

    value: int
    id: str

    def encode(self, order: str) -> str:
        """Return the cursor's text, safe in a URL; `order` names what the list is ordered by."""
        return base64.urlsafe_b64encode(f"{order}:{self.value}:{self.id}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str, order: str) -> "RowKey":
        """Return the key; raises `CallerError` for one of another order, or that `encode` did not make."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            match = _PLAIN.fullmatch(raw.decode())
        except (ValueError, binascii.Error) as error:
            raise _foreign() from error
        if match is None or match[1] != order or int(match[2]) > HIGHEST:
            raise _foreign()
        return cls(int(match[2]), match[3])


FIRST_PAGE = RowKey(HIGHEST, "")
"""Before everything in a list that falls."""


def _foreign() -> CallerError:
    return CallerError("the cursor is not one of this list; start again without it")
