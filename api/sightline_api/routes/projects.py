"""Limits of projects, for whoever runs the server."""

from typing import Annotated

from fastapi import APIRouter

from sightline_api.dependencies import Caller, Services
from sightline_api.project_models import Limits, OwnLimits, ProjectList, ProjectModel
from sightline_api.services import ApiServices
from sightline_api.validation_words import Shape
from sightline_core.errors import CallerError, Forbidden, NotFound
from sightline_core.ids import DEFAULT_PROJECT, PROJECT_ID_PATTERN, ProjectId
from sightline_storage.metadata.project_store import Project

router = APIRouter(tags=["projects"])

Id = Annotated[str, Shape(PROJECT_ID_PATTERN, "1 to 64 lower-case letters, digits, - and _")]


@router.get("/projects")
def list_projects(services: Services, caller: Caller) -> ProjectList:
    """Return the caller's project with its limits; to whoever runs the server, all of them."""
    stored = {project.id: project for project in services.projects.projects()}
    for known in (DEFAULT_PROJECT, caller.project):
        stored.setdefault(known, Project(known, known, services.now()))
    shown = stored.values() if caller.runs_server else [stored[caller.project]]
    return ProjectList(projects=[_model(services, each) for each in sorted(shown, key=lambda each: each.id)])


@router.patch("/projects/{project}")
def change_limits(services: Services, caller: Caller, project: Id, changes: OwnLimits) -> ProjectModel:
    """Change the limits that are given, and no others; null goes back to what the server's settings say.

    Running servers know within seconds. Only for the key and password of the settings: a key of a project
    does not lift what the project was limited to.
    """
    if not caller.runs_server:
        raise Forbidden(
            "limits are set with the key or password of the server's settings, not one of a project"
        )
    values = changes.model_dump(exclude_unset=True)
    for name, value in values.items():
        _refuse_more(services, name, value)
    if project not in services.projects.ids():
        raise NotFound(f"there is no project {project!r}; `sightline projects set` makes one")
    return _model(services, services.projects.set_project(ProjectId(project), now=services.now(), **values))


def _refuse_more(services: ApiServices, name: str, value: int | None) -> None:
    """Sizes are bounded by the server's own; days and spans per second are not."""
    most = getattr(services.server.limits, name, None)
    if value is not None and most is not None and name != "max_spans_per_s" and value > most:
        raise CallerError(f"{name} is at most {most}, which is the server's")


def _model(services: ApiServices, project: Project) -> ProjectModel:
    own = project.own_limits()
    limits = services.server.limits.lowered(own)
    kept = services.server.retention_days if project.retention_days is None else project.retention_days
    return ProjectModel(
        id=project.id,
        name=project.name,
        own=OwnLimits(retention_days=project.retention_days, **own),
        limits=Limits(retention_days=kept, **{name: getattr(limits, name) for name in own}),
    )
