"""`If-Match` and `If-None-Match` of a change: what must be stored for it to be made (RFC 9110)."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from sightline_core.errors import CallerError

_TAG = re.compile(r'"([^"]*)"')


class PreconditionFailed(CallerError):
    """Somebody else was there first."""

    status = 412
    title = "Precondition failed"


@dataclass(frozen=True, slots=True)
class Precondition:
    """The two headers; "" where one was not given."""

    if_match: str
    if_none_match: str

    def check(self, stored: str | None) -> None:
        """Raise `PreconditionFailed` when what is stored, by its tag, is not what the caller counts on."""
        if self.if_match and not _names(self.if_match, stored):
            raise PreconditionFailed("it was changed or deleted meanwhile; load it again")
        if self.if_none_match and _names(self.if_none_match, stored):
            raise PreconditionFailed("there is one with this key already; load it, or choose another key")


def etag(tag: str) -> str:
    """Return the tag as `ETag` and `If-Match` write it."""
    return f'"{tag}"'


def _names(header: str, stored: str | None) -> bool:
    return stored is not None and (header.strip() == "*" or stored in _TAG.findall(header))


def _precondition(
    if_match: Annotated[
        str, Header(max_length=1000, description="an `etag`: only while it is the one stored")
    ] = "",
    if_none_match: Annotated[
        str, Header(max_length=1000, description="`*`: only when there is none yet")
    ] = "",
) -> Precondition:
    return Precondition(if_match, if_none_match)


Preconditions = Annotated[Precondition, Depends(_precondition)]
