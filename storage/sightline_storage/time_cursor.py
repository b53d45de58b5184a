"""Cursors of lists that are ordered by time, then by an id that may be any text."""

import base64
import binascii
from dataclasses import dataclass

from sightline_core.errors import CallerError

LAST_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class TimeKey:
    """The place of a row in a list that is ordered by time, then by id."""

    at_ns: int
    id: str

    def encode(self) -> str:
        """Return the cursor's text, safe in a URL."""
        return base64.urlsafe_b64encode(f"{self.at_ns}:{self.id}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str) -> "TimeKey":
        """Return the key; raises `CallerError` for a text that `encode` did not make."""
        try:
            plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            at, colon, id_ = plain.decode().partition(":")
        except (ValueError, binascii.Error) as error:
            raise CallerError("the cursor is not one of ours; start again without it") from error
        if not colon or not at.isascii() or not at.isdigit() or int(at[:20]) > LAST_NS:
            raise CallerError("the cursor is not one of ours; start again without it")
        return cls(int(at), id_)


FIRST_PAGE = TimeKey(LAST_NS, "")
"""Before everything, newest first."""
