"""Who is calling. Keys and passwords are checked in one place; parts only see a `Principal`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sightline_core.ids import ProjectId


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Every read and write happens inside `project`."""

    project: ProjectId
    name: str
    can_write: bool = True


Authenticate = Callable[[Mapping[str, str]], Principal]
"""Request headers (lower-case names) → principal; raises `Unauthenticated`. Never logs what it was given."""
