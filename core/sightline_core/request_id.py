"""The id by which a request, its answer and what the log says of it are found together."""

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-Id"

_GIVEN = re.compile(r"[A-Za-z0-9_.:/+=@-]{1,128}")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""That of the request that is being answered, in the threads that work for it too; else empty."""


def choose_request_id(given: str) -> str:
    """Return the id that a proxy or caller gave, or a new one where it is none that fits into a log line."""
    return given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
