"""Projects and keys of a running server, held in memory so that a request needs no database."""

from datetime import date, timedelta

from sightline_core.auth import Principal, hash_key, principal_of
from sightline_core.errors import BackendError
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.limits import IngestLimits
from sightline_storage.metadata.project_store import Project, ProjectStore

_EPOCH = date(1970, 1, 1)


class ProjectBook:
    """Knows keys and limits as of the last `refresh`, which a `Refresher` calls every few seconds.

    Before the first one, whoever asks for what would be wrong or lost then gets a `BackendError`.
    """

    def __init__(self, store: ProjectStore, limits: IngestLimits) -> None:
        """`limits` are those of projects that have none of their own."""
        self._store = store
        self._server_limits = limits
        self._principals: dict[str, Principal] = {}
        self._projects: dict[ProjectId, Project] = {}
        self._limits: dict[ProjectId, IngestLimits] = {}
        self._is_read = False

    def find_key(self, key: str) -> Principal | None:
        """Return whose key this is. By its hash: what timing could tell of that is worth nothing."""
        if not key:
            return None
        self._require_read()
        return self._principals.get(hash_key(key))

    def own_limits(self, project: ProjectId) -> IngestLimits | None:
        """Return what holds for a project that is known here; None: the server's limits do."""
        return self._limits.get(project)

    def first_days(self, otherwise: int, today: date) -> dict[ProjectId, date]:
        """Return from which day (UTC) on projects keep spans, without those that keep them for ever.

        `otherwise`: how many days those keep them that do not say; 0 for ever.
        """
        self._require_read()
        days = {DEFAULT_PROJECT: otherwise}
        for project in self._projects.values():
            days[project.id] = otherwise if project.retention_days is None else project.retention_days
        # More days than the calendar has are as good as for ever.
        return {
            project: today - timedelta(days=kept)
            for project, kept in days.items()
            if 0 < kept < (today - _EPOCH).days
        }

    def refresh(self) -> None:
        """Read projects and keys anew; raises the database's error, and then keeps those it knows."""
        self._projects = {project.id: project for project in self._store.projects()}
        self._limits = {
            project.id: self._server_limits.lowered(project.own_limits())
            for project in self._projects.values()
        }
        self._principals = {
            key.key_hash: principal_of(key.project, key.name, key.role)
            for key in self._store.keys(active_only=True)
        }
        self._is_read = True

    def _require_read(self) -> None:
        if not self._is_read:
            raise BackendError("projects and keys are not known yet: the metadata database is not there")
