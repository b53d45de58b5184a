"""Projects and their limits, for whoever runs the server."""

from typing import Any

from fastapi import APIRouter

from sightline_api.dependencies import Caller, Operator, Services
from sightline_api.project_models import (
    Limits,
    NewProject,
    OwnLimits,
    ProjectChanges,
    ProjectIdText,
    ProjectList,
    ProjectModel,
)
from sightline_api.services import ApiServices
from sightline_core.errors import CallerError, NotFound
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.limits import LIMIT_NAMES, IngestLimits
from sightline_storage.metadata.project_store import Project

router = APIRouter(tags=["projects"])


@router.get("/projects")
def list_projects(services: Services, caller: Caller) -> ProjectList:
    """Return the caller's project with its limits; to whoever runs the server, all of them."""
    stored = {project.id: project for project in services.projects.projects()}
    for known in (DEFAULT_PROJECT, caller.project):
        stored.setdefault(known, Project(known, known, services.now()))
    shown = stored.values() if caller.runs_server else [stored[caller.project]]
    return ProjectList(
        projects=[_model(services, each) for each in sorted(shown, key=lambda each: each.id)],
        server=_limits(services.server.retention_days, services.server.limits),
    )


@router.post("/projects", status_code=201)
def create_project(services: Services, caller: Operator, body: NewProject) -> ProjectModel:
    """Make a project; 409 when it is there, or was deleted a short time ago."""
    project = ProjectId(body.id)
    services.deletions.require_free(project)
    name = project if body.name is None else body.name
    return _model(services, services.projects.create_project(project, name, now=services.now()))


@router.patch("/projects/{project}")
def change_project(
    services: Services, caller: Operator, project: ProjectIdText, changes: ProjectChanges
) -> ProjectModel:
    """Change the name and the limits that are given, and no others.

    Null for a limit goes back to what the server's settings say. Running servers know within seconds.
    """
    values = changes.model_dump(exclude_unset=True)
    if "name" in values and values["name"] is None:
        values["name"] = project
    for name, value in values.items():
        _refuse_more(services, name, value)
    if project not in services.projects.ids():
        raise NotFound(f"there is no project {project!r}; `sightline projects set` makes one")
    return _model(services, services.projects.set_project(ProjectId(project), now=services.now(), **values))


def _refuse_more(services: ApiServices, name: str, value: Any) -> None:
    """Sizes are bounded by the server's own; days and spans per second are not."""
    most = getattr(services.server.limits, name, None)
    if value is not None and most is not None and name != "max_spans_per_s" and value > most:
        raise CallerError(f"{name} is at most {most}, which is the server's")


def _model(services: ApiServices, project: Project) -> ProjectModel:
    own = project.own_limits()
    kept = services.server.retention_days if project.retention_days is None else project.retention_days
    return ProjectModel(
        id=project.id,
        name=project.name,
        own=OwnLimits(retention_days=project.retention_days, **own),
        limits=_limits(kept, services.server.limits.lowered(own)),
    )


def _limits(retention_days: int, limits: IngestLimits) -> Limits:
    return Limits(retention_days=retention_days, **{name: getattr(limits, name) for name in LIMIT_NAMES})
