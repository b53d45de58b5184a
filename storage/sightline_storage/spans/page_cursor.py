"""Cursors of lists: where the page before ended, opaque to callers."""

import base64
import binascii
import re
from dataclasses import dataclass

from sightline_core.errors import CallerError

_PLAIN = re.compile(r"1:(\d{1,19}):([0-9a-f]{0,32})")
_SORTED = re.compile(r"2:([a-z]{1,20}):(-?\d{1,19}):([0-9a-f]{1,48})")
_ROW = re.compile(r"([a-z]{1,20}):(\d{1,19}):(.*)", re.DOTALL)
_GLANCE = re.compile(r"(\d{1,19})-(\d{1,19})-(\d{1,19})\.(.+)", re.DOTALL)
_HIGHEST = 2**63 - 1


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
        if match is None or int(match[1]) > _HIGHEST:
            raise _foreign()
        return cls(int(match[1]), match[2])


@dataclass(frozen=True, slots=True)
class SortKey:
    """The place of a trace or span in a list that is ordered by the value of `sort`, then by its id.

    The id of a span is followed by that of its trace.
    """

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
        if match is None or match[1] != sort or not -_HIGHEST - 1 <= int(match[2]) <= _HIGHEST:
            raise _foreign()
        return cls(match[1], int(match[2]), match[3])


@dataclass(frozen=True, slots=True)
class RowKey:
    """The place of a row in a list that is ordered by a whole number from 0, then by an id of any text."""

    value: int
    id: str

    def encode(self, order: str) -> str:
        """Return the cursor's text, safe in a URL; `order` names what the list is ordered by."""
        return _encode(f"{order}:{self.value}:{self.id}")

    @classmethod
    def decode(cls, cursor: str, order: str) -> "RowKey":
        """Return the key; raises `CallerError` for one of another order, or that `encode` did not make."""
        match = _ROW.fullmatch(_decode(cursor))
        if match is None or match[1] != order or int(match[2]) > _HIGHEST:
            raise _foreign()
        return cls(int(match[2]), match[3])


@dataclass(frozen=True, slots=True)
class Glance:
    """What the first page of a list looked at: a range of time, as it was stored at a moment.

    Cursors of lists that spans reorder as they arrive begin with it, so that later pages look at the same.
    """

    start_ns: int
    end_ns: int
    at_ns: int

    def encode(self, cursor: str) -> str:
        """Return the cursor with this in front, safe in a URL."""
        return f"{self.start_ns}-{self.end_ns}-{self.at_ns}.{cursor}"

    @classmethod
    def decode(cls, cursor: str) -> "tuple[Glance, str]":
        """Return it and the cursor behind it; raises `CallerError` for a text that `encode` did not make."""
        match = _GLANCE.fullmatch(cursor)
        if match is None or max(bounds := [int(match[number]) for number in (1, 2, 3)]) > _HIGHEST:
            raise _foreign()
        return cls(*bounds), match[4]


FIRST_PAGE = RowKey(_HIGHEST, "")
"""Before everything in a list that falls."""


def _encode(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise _foreign() from error


def _foreign() -> CallerError:
    return CallerError("the cursor is not one of this list; start again without it")
