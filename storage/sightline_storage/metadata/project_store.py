"""Projects and their keys in the metadata database."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sightline_core.auth import Role, hash_key, make_key
from sightline_core.errors import CallerError, Conflict, NotFound
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.limits import LIMIT_NAMES, check_own_limits
from sightline_storage.metadata.metadata_database import read_rows
from sightline_storage.metadata.metadata_tables import API_KEYS, MAX_NAME, PROJECTS

_K = API_KEYS.c
_P = PROJECTS.c
MAX_PROJECTS = 1_000
MAX_KEYS = 10_000
"""Of all projects, revoked ones included, of which the oldest make room; processes hold the active ones."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project with its limits; None: what the server's settings say."""

    id: ProjectId
    name: str
    created_at: datetime
    retention_days: int | None = None
    max_spans_per_s: int | None = None
    max_body_size: int | None = None
    max_decompressed_size: int | None = None
    max_attributes: int | None = None
    max_attribute_size: int | None = None
    max_attribute_depth: int | None = None
    max_content_size: int | None = None

    def own_limits(self) -> dict[str, int | None]:
        """Return its limits by the names of `IngestLimits`."""
        return {name: getattr(self, name) for name in LIMIT_NAMES}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key; the key itself is not stored, only its hash."""

    id: str
    project: ProjectId
    name: str
    key_hash: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None


class ProjectStore:
    """Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def projects(self) -> list[Project]:
        """Return all projects by id. The default project is there once something was set for it."""
        statement = select(*(_P[name] for name in Project.__slots__)).order_by(_P.id).limit(MAX_PROJECTS)
        return [Project(*row) for row in read_rows(self._engine, statement)]

    def ids(self) -> set[ProjectId]:
        """Return the ids of all projects, the default one always among them."""
        return {DEFAULT_PROJECT, *(project.id for project in self.projects())}

    def set_project(self, project: ProjectId, *, now: datetime, **values: Any) -> Project:
        """Create a project or change the values given: `name`, `retention_days` and limits; None unsets."""
        check_own_limits(values)
        if "name" in values:
            _check_name(values["name"])
        this = _P.id == project
        with self._engine.begin() as connection:
            if connection.execute(select(_P.id).where(this)).first() is None:
                _insert_project(connection, project, {"name": str(project), **values}, now)
            elif values:
                connection.execute(update(PROJECTS).where(this).values(**values))
            row = connection.execute(select(*(_P[name] for name in Project.__slots__)).where(this)).one()
        return Project(*row)

    def create_project(self, project: ProjectId, name: str, *, now: datetime) -> Project:
        """Create a project; `Conflict` when it is there already, as the default one always is."""
        _check_name(name)
        if project == DEFAULT_PROJECT:
            raise Conflict("the project 'default' is always there")
        try:
            with self._engine.begin() as connection:
                _insert_project(connection, project, {"name": name}, now)
        except IntegrityError as error:
            raise Conflict(f"there is a project {project!r} already") from error
        return Project(project, name, now)

    def create_key(
        self, project: ProjectId, name: str, role: Role, *, now: datetime, by_anybody: bool = False
    ) -> tuple[ApiKey, str]:
        """Return a new key and its secret, which is told this once; `NotFound` for an unknown project.

        `by_anybody`: see `auth.is_anybodys`.
        """
        _check_name(name)
        if project == DEFAULT_PROJECT:
            self.set_project(project, now=now)
        secret = make_key(by_anybody=by_anybody)
        key = ApiKey(uuid.uuid4().hex, project, name, hash_key(secret), role, now, None)
        values = {column: getattr(key, column) for column in ApiKey.__slots__}
        try:
            with self._engine.begin() as connection:
                if _count(connection, API_KEYS) >= MAX_KEYS and not _forget_revoked_key(connection):
                    raise CallerError(f"there are {MAX_KEYS} keys already; revoke one")
                connection.execute(insert(API_KEYS).values(**{**values, "role": role.value}))
        except IntegrityError as error:
            raise NotFound(f"there is no project {project!r}; `sightline projects set` makes one") from error
        return key, secret

    def keys(self, project: ProjectId | None = None, *, active_only: bool = False) -> list[ApiKey]:
        """Return the keys of one project or of all, oldest first."""
        statement = select(*(_K[name] for name in ApiKey.__slots__)).order_by(_K.created_at, _K.id)
        if project is not None:
            statement = statement.where(_K.project == project)
        if active_only:
            statement = statement.where(_K.revoked_at.is_(None))
        return [_key(row) for row in read_rows(self._engine, statement.limit(MAX_KEYS))]

    def revoke_key(self, key_id: str, *, now: datetime) -> ApiKey:
        """End a key; `NotFound` when there is none that is active. `key_id`: the id, or its beginning."""
        with self._engine.begin() as connection:
            active = _K.revoked_at.is_(None)
            matching = select(_K.id).where(_K.id.startswith(key_id, autoescape=True), active).limit(2)
            found = connection.execute(matching).scalars().all()
            if len(found) != 1:
                raise NotFound(
                    f"{'no active key has' if not found else 'several keys have'} the id {key_id!r}"
                )
            this = _K.id == found[0]
            connection.execute(update(API_KEYS).where(this).values(revoked_at=now))
            row = connection.execute(select(*(_K[name] for name in ApiKey.__slots__)).where(this)).one()
        return _key(row)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise CallerError(f"a name has 1 to {MAX_NAME} printable characters, and not spaces only")


def _forget_revoked_key(connection: Connection) -> bool:
    """Delete the key that was revoked before all others; whoever changes keys often would run out of them."""
    oldest = select(_K.id).where(_K.revoked_at.is_not(None)).order_by(_K.revoked_at, _K.id).limit(1)
    return connection.execute(delete(API_KEYS).where(_K.id == oldest.scalar_subquery())).rowcount > 0


def _insert_project(
    connection: Connection, project: ProjectId, values: dict[str, Any], now: datetime
) -> None:
    if _count(connection, PROJECTS) >= MAX_PROJECTS:
        raise CallerError(f"there are {MAX_PROJECTS} projects already")
    connection.execute(insert(PROJECTS).values(id=project, created_at=now, **values))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(row.id, row.project, row.name, row.key_hash, Role(row.role), row.created_at, row.revoked_at)
