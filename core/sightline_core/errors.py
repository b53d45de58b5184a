"""The server's exceptions, split by who is at fault.

    SightlineError
    ├── CallerError            400   the request is wrong; the message says how
    │   ├── Unauthenticated    401
    │   ├── Forbidden          403
    │   ├── NotFound           404
    │   ├── Conflict           409
    │   ├── PreconditionFailed 412   in `sightline_api.preconditions`
    │   ├── PayloadTooLarge    413
    │   ├── UnsupportedMedia   415
    │   ├── TooManyRequests    429   with retry_after_s
    │   ├── QuerySyntaxError   400   in `query_parser`; with the place
    │   └── RefusedSql         400   in `sightline_storage.console.sql_grammar`
    ├── ConfigurationError           the operator must change a setting; the process exits 2
    │   └── StoreLocked              another process holds the data directory
    └── BackendError           503   the store or the disk failed; with retry_after_s
        ├── QueryOverLimit     400   the store is there, and a limit of its operator ends what is asked
        └── RowsRefused              the store is there, and says that it cannot take these rows

Outcomes expected per item (a rejected span, a model without a price) are values, not exceptions.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar


class SightlineError(Exception):
    """Root of the tree. `status` is the HTTP status that the API, the receiver and the gate answer with."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    @property
    def problem_members(self) -> Mapping[str, Any]:
        """Members of the problem document (RFC 9457) beside title, status and the message as detail."""
        return {}


class CallerError(SightlineError):
    """The request cannot be served as sent."""

    status = 400
    title = "Bad request"


class Unauthenticated(CallerError):
    """No valid key or password was given."""

    status = 401
    title = "Unauthenticated"


class Forbidden(CallerError):
    """The caller is known but may not do this."""

    status = 403
    title = "Forbidden"


class NotFound(CallerError):
    """The named thing does not exist in this project."""

    status = 404
    title = "Not found"


class Conflict(CallerError):
    """The thing changed or exists already."""

    status = 409
    title = "Conflict"


class PayloadTooLarge(CallerError):
    """The body, or what it decompresses to, is over the limit."""

    status = 413
    title = "Payload too large"


class UnsupportedMedia(CallerError):
    """The content type or content encoding is not one we read."""

    status = 415
    title = "Unsupported media type"


class TooManyRequests(CallerError):
    """A limit per project was reached; try again after `retry_after_s` seconds."""

    status = 429
    title = "Too many requests"

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ConfigurationError(SightlineError):
    """A setting is missing or wrong. The message is one line and says what to change."""


class StoreLocked(ConfigurationError):
    """Another process holds the data directory; the message names its pid when known."""


class BackendError(SightlineError):
    """The store, the disk or a service behind us failed; nothing the caller did."""

    status = 503
    title = "Service unavailable"

    def __init__(self, message: str, retry_after_s: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueryOverLimit(BackendError):
    """A limit that the store's operator has set ends the query: whoever asks for less gets an answer."""

    status = 400
    title = "Query over a limit of the store"


class RowsRefused(BackendError):
    """The store says that the rows are at fault, so that trying them again is likely to be in vain."""


def retry_after_s(error: SightlineError) -> int | None:
    """Return whole seconds for `Retry-After`, at least 1; `None` when trying again would change nothing."""
    if isinstance(error, TooManyRequests | BackendError) and not isinstance(error, QueryOverLimit):
        return max(1, math.ceil(error.retry_after_s))
    return None
