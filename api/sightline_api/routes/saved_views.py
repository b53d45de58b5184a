"""Saved views: a name for a page and the parameters of its address, seen by everybody in the project."""

from fastapi import APIRouter
from fastapi.responses import Response

from sightline_api.dependencies import Caller, Editor, Services
from sightline_api.preconditions import Preconditions, etag
from sightline_api.saved_view_models import (
    SavedViewBody,
    SavedViewChange,
    SavedViewList,
    SavedViewModel,
    ViewPage,
)
from sightline_api.validation_words import HexId
from sightline_storage.metadata.saved_view_store import SavedView

router = APIRouter(tags=["views"])


@router.get("/views")
def list_views(services: Services, caller: Caller, page: ViewPage | None = None) -> SavedViewList:
    """Return the saved views of one page or of all, by page and name."""
    return SavedViewList(views=[_model(view) for view in services.saved_views.list(caller.project, page)])


@router.post("/views", status_code=201)
def save_view(services: Services, caller: Editor, body: SavedViewBody) -> SavedViewModel:
    """Save a view; 409 when the page has one of that name."""
    view = services.saved_views.add(
        caller.project, body.name, body.page, body.params, author=caller.name, now=services.now()
    )
    return _model(view)


@router.put("/views/{view_id}")
def change_view(
    services: Services, caller: Editor, view_id: HexId, body: SavedViewChange, precondition: Preconditions
) -> SavedViewModel:
    """Give a view another name and other parameters."""
    view = services.saved_views.change(
        caller.project,
        view_id,
        body.name,
        body.params,
        now=services.now(),
        may_change=precondition.check,
    )
    return _model(view)


@router.delete("/views/{view_id}", status_code=204, response_class=Response)
def delete_view(services: Services, caller: Editor, view_id: HexId, precondition: Preconditions) -> None:
    """Delete a view."""
    services.saved_views.delete(caller.project, view_id, precondition.check)


def _model(view: SavedView) -> SavedViewModel:
    return SavedViewModel(
        id=view.id,
        name=view.name,
        page=view.page,
        params=dict(view.params),
        author=view.author,
        created_at=view.created_at,
        updated_at=view.updated_at,
        etag=etag(view.tag),
    )
