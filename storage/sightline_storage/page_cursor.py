"""Cursors of lists: where the page before ended, opaque to callers."""

import base64
import binascii
import re
from dataclasses import dataclass

from sightline_core.errors import CallerError

_PLAIN = re.compile(r"1:(\d{1,19}):([0-9a-f]{0,32})")


@dataclass(frozen=True, slots=True, order=True)
class TraceKey:
    """The place of a trace in a list that is ordered by time, then by trace id."""

    start_ns: int
    trace_id: str

    def encode(self) -> str:
        """Return the cursor's text, safe in a URL."""
        return base64.urlsafe_b64encode(f"1:{self.start_ns}:{self.trace_id}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str) -> "TraceKey":
        """Return the key; raises `CallerError` for a text that `encode` did not make."""
        try:
            plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        except (ValueError, binascii.Error) as error:
            raise CallerError("the cursor is not one of ours; start again without it") from error
        match = _PLAIN.fullmatch(plain)
        if match is None or int(match[1]) >= 2**63:
            raise CallerError("the cursor is not one of ours; start again without it")
        return cls(int(match[1]), match[2])
