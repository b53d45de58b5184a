"""Checks keys and passwords. Every other part only sees the `Principal` that comes out."""

import base64
import binascii
import hmac
from collections.abc import Mapping

from pydantic import SecretStr

from sightline_core.auth import Authenticate, Principal
from sightline_core.errors import Unauthenticated
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.settings import Settings

ADMIN = "admin"


def build_authenticate(settings: Settings) -> Authenticate:
    """Return the check for the secrets that are set; without any, every caller is let in.

    Programs send `Authorization: Bearer <key>`, browsers HTTP Basic as `admin`. When only the key is set it
    is also the browser's password, since a browser cannot send a bearer key by itself.
    """
    key = settings.api_key
    password = settings.admin_password or settings.api_key

    def authenticate(headers: Mapping[str, str]) -> Principal:
        if not settings.secrets():
            return Principal(DEFAULT_PROJECT, "local")
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _matches(key, credentials.strip()):
            return Principal(DEFAULT_PROJECT, "api key")
        if scheme.lower() == "basic" and _matches(password, _basic_password(credentials)):
            return Principal(DEFAULT_PROJECT, ADMIN)
        raise Unauthenticated("no valid API key or password was sent")

    return authenticate


def _basic_password(credentials: str) -> str:
    """Return the password of `admin`; "" for another user or what is not HTTP Basic (RFC 7617)."""
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if user == ADMIN else ""


def _matches(secret: SecretStr | None, given: str) -> bool:
    if secret is None:
        return False
    return hmac.compare_digest(secret.get_secret_value().encode(), given.encode(errors="surrogateescape"))
