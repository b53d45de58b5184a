"""Cursors of lists: where the page before ended, opaque to callers."""

import base64
import binascii
import re
from dataclasses import dataclass

from sightline_core.errors import CallerError

_PLAIN = re.compile(r"1:(\d{1,19}):([0-9a-f]{0,32})")
_SORTED = re.compile(r"2:([a-z]{1,20}):(-?\d{1,19}):([0-9a-f]{1,32})")


@dataclass(frozen=True, slots=True, order=True)
class TraceKey:
    """The place of a trace in a list that is ordered by time, then by trace id."""

    start_ns: int
    trace_id: str

    def encode(self) -> str:
        """Return the cursor's text, safe in a URL."""
        return _encode(f"1:{self.start_ns}:{self.trace_id}")

    @classmethod
    def decode(cls, cursor: str) -> "TraceKey":
        """Return the key; raises `CallerError` for a text that `encode` did not make."""
        match = _PLAIN.fullmatch(_decode(cursor))
        if match is None or int(match[1]) >= 2**63:
            raise _foreign()
        return cls(int(match[1]), match[2])


@dataclass(frozen=True, slots=True)
class SortKey:
    """The place of a row in a list that is ordered by the value of `sort`, then by id."""

    sort: str
    value: int
    id: str

    def encode(self) -> str:
        """Return the cursor's text, safe in a URL."""
        return _encode(f"2:{self.sort}:{self.value}:{self.id}")

    @classmethod
    def decode(cls, cursor: str, sort: str) -> "SortKey":
        """Return the key; raises `CallerError` for one of another order, or that `encode` did not make."""
        match = _SORTED.fullmatch(_decode(cursor))
        if match is None or match[1] != sort or not -(2**63) <= int(match[2]) < 2**63:
            raise _foreign()
        return cls(match[1], int(match[2]), match[3])


def _encode(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, binascii.Error) as error:
        raise _foreign() from error


def _foreign() -> CallerError:
    return CallerError("the cursor is not one of this list; start again without it")
