"""Checks keys and passwords. Every other part only sees the `Principal` that comes out."""

import base64
import binascii
import hmac
import logging
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from sightline_core.auth import Authenticate, Principal, is_anybodys
from sightline_core.errors import Unauthenticated
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.seldom import Seldom
from sightline_core.settings import Settings

ADMIN = "admin"
_TOLD_EVERY_S = 60.0

logger = logging.getLogger(__name__)

FindKey = Callable[[str], Principal | None]
"""A key that somebody may have made → whose it is; see `ProjectBook.find_key`."""


def build_authenticate(settings: Settings, find_key: FindKey = lambda _key: None) -> Authenticate:
    """Return the check for the secrets that are set and the keys that were made.

    Programs send `Authorization: Bearer <key>`, browsers HTTP Basic as `admin`, or as anybody with a key for
    a password. When only the key is set it is also the browser's password, since a browser cannot send a
    bearer key by itself. Without a secret in the settings every caller is let in, into the default project
    unless a key says otherwise: such a server listens on loopback only. Keys that were made there open
    nothing where there is a secret.
    """
    refusals = _Refusals()
    key = settings.api_key
    password = settings.admin_password or settings.api_key

    def authenticate(headers: Mapping[str, str]) -> Principal:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given = _as_meant(credentials.strip())
            if _matches(key, given):
                return Principal(DEFAULT_PROJECT, "api key", runs_server=True)
        else:
            user, given = _basic(credentials) if scheme.lower() == "basic" else ("", "")
            if user == ADMIN and _matches(password, given):
                return Principal(DEFAULT_PROJECT, ADMIN, runs_server=True)
        if is_anybodys(given) and settings.secrets():
            refusals.note()
            raise Unauthenticated("the key was made while no key was asked for, and is good only as long")
        found = find_key(given)
        if found is not None:
            return found
        if not settings.secrets():
            return Principal(DEFAULT_PROJECT, "local", runs_server=True, is_anybody=True)
        if given:
            refusals.note()
        raise Unauthenticated("no valid API key or password was sent")

    return authenticate


class _Refusals:
    """Tells once a minute of wrong keys and passwords: somebody may be guessing, or has a revoked one."""

    def __init__(self) -> None:
        self._telling = Seldom(_TOLD_EVERY_S)
        self._times = 0

    def note(self) -> None:
        """Count one more; threads that count at once may lose one."""
        self._times += 1
        if self._telling.is_due():
            logger.warning("wrong keys or passwords were sent", extra={"times": self._times})
            self._times = 0


def _as_meant(text: str) -> str:
    """Return a text of a header, of which the bytes arrive as Latin-1, as the UTF-8 that terminals send."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _basic(credentials: str) -> tuple[str, str]:
    """Return user and password; two times "" for what is not HTTP Basic (RFC 7617)."""
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _matches(secret: SecretStr | None, given: str) -> bool:
    if secret is None:
        return False
    return hmac.compare_digest(secret.get_secret_value().encode(), given.encode(errors="surrogateescape"))
