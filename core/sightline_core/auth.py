"""Who is calling. Keys and passwords are checked in one place; parts only see a `Principal`."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sightline_core.ids import ProjectId

_KEY_PREFIX = "sl_"  # so that scanners for leaked secrets can find it
_ANYBODYS_PREFIX = _KEY_PREFIX + "open_"
_KEY_BYTES = 32


class Role(StrEnum):
    """What a key may do in its project."""

    WRITE = "write"
    """Send spans, events and scores; for apps. It reads nothing back."""
    READ = "read"
    """Read everything and change nothing."""
    ADMIN = "admin"
    """Both, and change what people set up: rules, views, triage."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Every read and write happens inside `project`."""

    project: ProjectId
    name: str
    can_write: bool = True
    can_read: bool = True
    runs_server: bool = False
    """Has a secret of the settings, or is anybody where there is none: may set what bounds projects."""
    is_anybody: bool = False
    """Nobody was asked for a secret, as the settings have none."""


Authenticate = Callable[[Mapping[str, str]], Principal]
"""Request headers (lower-case names) → principal; raises `Unauthenticated`. Never logs what it was given."""


def principal_of(project: ProjectId, name: str, role: Role) -> Principal:
    """Return the caller that a key with this role makes."""
    return Principal(project, name, can_write=role is not Role.READ, can_read=role is not Role.WRITE)


def make_key(*, by_anybody: bool) -> str:
    """Return a new key: a prefix, and 256 random bits in URL-safe base64. `by_anybody`: see `is_anybodys`."""
    prefix = _ANYBODYS_PREFIX if by_anybody else _KEY_PREFIX
    return prefix + secrets.token_urlsafe(_KEY_BYTES)


def is_anybodys(key: str) -> bool:
    """Return whether the key was made by somebody of whom no secret was asked.

    It says so itself. Where secrets are asked for it opens nothing, else whoever could reach the server
    before would have a way in for ever.
    """
    return key.startswith(_ANYBODYS_PREFIX)


def hash_key(key: str) -> str:
    """Return what is stored of a key: SHA-256 in hex. It is random, so a slow hash would protect nothing."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
