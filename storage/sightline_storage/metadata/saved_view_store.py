"""Saved views in the metadata database: a name for a page and the parameters of its address."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sightline_core.errors import CallerError, Conflict, NotFound
from sightline_core.ids import ProjectId
from sightline_storage.metadata.metadata_database import read_rows
from sightline_storage.metadata.precondition import MayChange, always
from sightline_storage.metadata.saved_view_table import SAVED_VIEWS

_V = SAVED_VIEWS.c
MAX_VIEWS = 1000
"""Of one project; more would be no help to anybody."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view. `params` are texts as they stand in the address, without what the page adds by itself."""

    id: str
    name: str
    page: str
    params: Mapping[str, str]
    author: str
    created_at: datetime
    updated_at: datetime

    @property
    def tag(self) -> str:
        """What tells the view from the same with another name or other parameters."""
        said = json.dumps([self.name, dict(self.params)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


class SavedViewStore:
    """Thread-safe. A name is given once for each page; a second time is a `Conflict`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, project: ProjectId, page: str | None = None) -> list[SavedView]:
        """Return the views of one page or of all, by page and name."""
        statement = select(*_COLUMNS).where(_V.project == project)
        if page is not None:
            statement = statement.where(_V.page == page)
        rows = read_rows(self._engine, statement.order_by(_V.page, _V.name).limit(MAX_VIEWS))
        return [_view(row) for row in rows]

    def add(
        self,
        project: ProjectId,
        name: str,
        page: str,
        params: Mapping[str, str],
        *,
        author: str,
        now: datetime,
    ) -> SavedView:
        """Save a new view; raises `CallerError` when the project has `MAX_VIEWS` already."""
        view = SavedView(uuid.uuid4().hex, name, page, params, author, now, now)
        count = select(func.count()).where(_V.project == project)
        try:
            with self._engine.begin() as connection:
                if int(connection.execute(count).scalar_one()) >= MAX_VIEWS:
                    raise CallerError(f"a project has at most {MAX_VIEWS} saved views")
                connection.execute(
                    insert(SAVED_VIEWS).values(
                        project=project,
                        id=view.id,
                        name=name,
                        page=page,
                        params=json.dumps(dict(params)),
                        author=author,
                        created_at=now,
                        updated_at=now,
                    )
                )
        except IntegrityError as error:
            raise Conflict(f"there is a view {name!r} of this page already") from error
        return view

    def change(
        self,
        project: ProjectId,
        view_id: str,
        name: str,
        params: Mapping[str, str],
        *,
        now: datetime,
        may_change: MayChange = always,
    ) -> SavedView:
        """Give a view another name and other parameters; `NotFound` when there is none."""
        of_view = (_V.project == project, _V.id == view_id)
        values = {"name": name, "params": json.dumps(dict(params)), "updated_at": now}
        try:
            with self._engine.begin() as connection:
                view = _stored(connection, project, view_id, may_change)
                connection.execute(update(SAVED_VIEWS).where(*of_view).values(**values))
        except IntegrityError as error:
            raise Conflict(f"there is a view {name!r} of this page already") from error
        return replace(view, name=name, params=params, updated_at=now)

    def delete(self, project: ProjectId, view_id: str, may_change: MayChange = always) -> None:
        """Delete a view; `NotFound` when there is none."""
        with self._engine.begin() as connection:
            _stored(connection, project, view_id, may_change)
            connection.execute(delete(SAVED_VIEWS).where(_V.project == project, _V.id == view_id))


_COLUMNS = tuple(_V[name] for name in SavedView.__slots__)


def _view(row: Row[Any]) -> SavedView:
    params = json.loads(row.params)
    return SavedView(row.id, row.name, row.page, params, row.author, row.created_at, row.updated_at)


def _stored(connection: Connection, project: ProjectId, view_id: str, may_change: MayChange) -> SavedView:
    """Return the view, which stays as it is until the transaction ends."""
    of_view = select(*_COLUMNS).where(_V.project == project, _V.id == view_id)
    row = connection.execute(of_view.with_for_update()).one_or_none()
    view = None if row is None else _view(row)
    may_change(None if view is None else view.tag)
    if view is None:
        raise NotFound(f"there is no saved view {view_id!r}")
    return view
