"""What people asked to be deleted, and carrying it out more than once.

Spans may be on their way when their deletion is asked for: in an exporter, in a collector's journal, held for
sampling or in a job that writes them again. So a request is kept for a day after it was first carried out,
and repeated, ever more seldom.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Engine as MetadataEngine
from sqlalchemy import Select, and_, bindparam, delete, insert, select, update

from sightline_core.errors import Conflict
from sightline_core.ids import ProjectId
from sightline_core.one_by_one import one_by_one
from sightline_storage.alerts.alert_forgetting import forget_groups
from sightline_storage.engines.engine import Engine
from sightline_storage.lifecycle import deletion
from sightline_storage.lifecycle.comment_deletion import delete_comments
from sightline_storage.lifecycle.deleted_traces import DeletedTraces
from sightline_storage.lifecycle.deletion_table import DELETIONS
from sightline_storage.lifecycle.forgetting import forget_quotes
from sightline_storage.lifecycle.project_deletion import delete_project, forget_project
from sightline_storage.metadata.metadata_database import empty_log, read_rows
from sightline_storage.scores.score_writer import ScoreWriter

DeletionKind = Literal["trace", "user", "session", "project"]
DeletionState = Literal["waiting", "deleted", "purged"]
KEPT_FOR: Final = timedelta(days=1)
CLOCKS_APART: Final = timedelta(minutes=10)
"""Of the nodes of a store from ours, at most."""

_FIRST_WAIT = timedelta(minutes=1)
_AT_ONCE = timedelta(minutes=1)
_MAX_REQUESTS = 100_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """Of a user or a session, traces go that are stored when it is carried out as soon as it is asked for,
    and later those that started or arrived before `requested_at`; of a trace or a project, whatever comes.
    """

    id: str
    project: ProjectId
    kind: DeletionKind
    value: str
    requested_at: datetime
    done_at: datetime | None
    asked_by: str
    traces: int
    purged_at: datetime | None
    kept_until: datetime | None = None
    """None: it has not been carried out."""

    @property
    def state(self) -> DeletionState:
        """Tell whether it is waiting for the store, out of everybody's sight, or off the disk as well."""
        if self.done_at is None:
            return "waiting"
        return "deleted" if self.purged_at is None else "purged"

    @property
    def is_on_disk(self) -> bool:
        """Return whether rows that it deleted may not have been purged yet."""
        return self.done_at is not None and (self.purged_at is None or self.purged_at < self.done_at)

    def is_due(self, now: datetime) -> bool:
        """Return whether it is to be carried out: first, again after about twice the time, and at the end."""
        if self.done_at is None or self.kept_until is None:
            return True
        first_done = self.kept_until - KEPT_FOR
        twice = now - self.done_at >= max(_FIRST_WAIT, self.done_at - first_done)
        return twice or self.done_at < self.kept_until <= now


_ALL: Final = select(*(DELETIONS.c[name] for name in DeletionRequest.__slots__))


class DeletionRequests:
    """Thread-safe, like its engines."""

    def __init__(self, metadata: MetadataEngine, engine: Engine) -> None:
        self._metadata = metadata
        self._engine = engine

    def ask(
        self, project: ProjectId, kind: DeletionKind, value: str, *, by: str, now: datetime
    ) -> DeletionRequest:
        """Keep a request: whatever happens from now on, it will be carried out."""
        (request,) = keep_requests(self._metadata, project, kind, [value], by=by, now=now)
        return request

    def require_free(self, project: ProjectId) -> None:
        """Raise `Conflict` for the id of a project of which the deletion is repeated."""
        require_free(self._metadata, project)

    def delete_score(self, project: ProjectId, score_id: str, now: datetime) -> None:
        """Delete a score with what its comment has become; `NotFound` when none is stored.

        Of this no request is kept: it is not repeated.
        """
        delete_comments(self._engine, project, "score_id = {score_id:String}", {"score_id": score_id})
        ScoreWriter(self._engine).delete(project, score_id)
        forget_quotes(self._metadata, self._engine, project, now - CLOCKS_APART)

    def carry_out(self, request: DeletionRequest, now: datetime) -> DeletionRequest:
        """Delete what is stored now and return the request as it is then.

        Raises `BackendError` when the store does not take it; `repeat` carries it out later.
        """
        if request.kind == "project":
            # First, so that its keys open no more.
            forget_project(self._metadata, request.project)
        before = _bound(request, now)
        sessions = _sessions_of(request, self._engine, before)
        unnoted = self._deleted_before(request)
        deleted = max(unnoted, self._delete(request, self._engine, sessions, before))
        self._forget(request, sessions, now)
        done = replace(
            request,
            done_at=now,
            traces=request.traces + deleted,
            purged_at=None if deleted else request.purged_at,
            kept_until=request.kept_until or now + KEPT_FOR,
        )
        values = {name: getattr(done, name) for name in ("done_at", "traces", "purged_at", "kept_until")}
        # Whoever carried it out at the same time has counted the same traces.
        was = DELETIONS.c.done_at.is_not_distinct_from(request.done_at)
        with self._metadata.begin() as connection:
            connection.execute(update(DELETIONS).where(DELETIONS.c.id == request.id, was).values(values))
        return done

    def repeat(self, now: datetime) -> int:
        """Carry out what is due, and return how many requests that concerned.

        Raises `BackendError` when the store does not take some of them, after the others.
        """
        due = [request for request in self.open() if request.is_due(now)]
        one_by_one((f"deletion {request.id}", partial(self.carry_out, request, now)) for request in due)
        return len(due)

    def carry_out_in(self, copy: Engine) -> int:
        """Delete from a copy of the store, too, what is asked for in the requests that are kept.

        Returns how many traces were stored there.
        """
        deleted = 0
        for request in self.open():
            before = request.requested_at
            deleted += self._delete(request, copy, _sessions_of(request, copy, before), before)
        return deleted

    def forget_old(self, now: datetime) -> None:
        """Let go of the requests that were kept long enough, once what they deleted is off the disk."""
        old = and_(DELETIONS.c.kept_until < now, DELETIONS.c.purged_at >= DELETIONS.c.done_at)
        with self._metadata.begin() as connection:
            connection.execute(delete(DELETIONS).where(old))

    def open(self) -> list[DeletionRequest]:
        """Return the requests that are kept, oldest first."""
        return self._read(_ALL.order_by(DELETIONS.c.requested_at, DELETIONS.c.id).limit(_MAX_REQUESTS))

    def newest(self, project: ProjectId, limit: int) -> list[DeletionRequest]:
        """Return the requests of a project that are kept, newest first."""
        of_project = _ALL.where(DELETIONS.c.project == project)
        return self._read(of_project.order_by(DELETIONS.c.requested_at.desc(), DELETIONS.c.id).limit(limit))

    def _read(self, statement: Select[Any]) -> list[DeletionRequest]:
        return [DeletionRequest(*row) for row in read_rows(self._metadata, statement)]

    def mark_purged(self, requests: Sequence[DeletionRequest], now: datetime) -> None:
        """Note that a purge which began after these requests were carried out has ended.

        What was forgotten in the metadata database is off the disk as well then.
        """
        empty_log(self._metadata)
        purged = [{"this": request.id, "then": request.done_at} for request in requests if request.done_at]
        marking = (
            update(DELETIONS)
            .where(DELETIONS.c.id == bindparam("this"), DELETIONS.c.done_at == bindparam("then"))
            .values(purged_at=now)
        )
        if purged:
            with self._metadata.begin() as connection:
                connection.execute(marking, purged)

    def _forget(self, request: DeletionRequest, sessions: Sequence[str], now: datetime) -> None:
        if request.kind in ("user", "session"):
            gone = {"session": set(sessions)} | {request.kind: {request.value}}
            forget_groups(self._metadata, request.project, gone, now)
        if request.kind != "project":
            since = request.requested_at - CLOCKS_APART
            forget_quotes(self._metadata, self._engine, request.project, since)

    def _deleted_before(self, request: DeletionRequest) -> int:
        """Return how many traces it has deleted already; if it was cut off, it does not say so itself."""
        if request.done_at is not None:
            return 0
        if request.kind == "trace":
            since = request.requested_at
            return int(deletion.was_deleted(self._engine, request.project, request.value, since))
        return len(DeletedTraces(self._engine, request.project, request.id).read())

    def _delete(
        self, request: DeletionRequest, engine: Engine, sessions: Sequence[str], before: datetime | None
    ) -> int:
        project, value = request.project, request.value
        deleted = DeletedTraces(self._engine, project, request.id)
        match request.kind:
            case "trace":
                return deletion.delete_traces(engine, project, [value])
            case "user":
                # First, as it goes by the scores.
                delete_comments(engine, project, "author = {author:String}", {"author": value})
                return deletion.delete_user(engine, project, value, sessions, before, deleted)
            case "session":
                return deletion.delete_session(engine, project, value, before, deleted)
            case "project":
                return delete_project(engine, project)


def _bound(request: DeletionRequest, now: datetime) -> datetime | None:
    """Return before when traces have to have started or arrived to go; None: all that are stored.

    All go where it is carried out as soon as it is asked for: a clock may have been ahead when they came.
    """
    is_first = request.done_at is None and now - request.requested_at < _AT_ONCE
    return None if is_first else request.requested_at


def _sessions_of(request: DeletionRequest, engine: Engine, before: datetime | None) -> list[str]:
    """Return the sessions that the user of the request took part in; none for what is no user."""
    if request.kind != "user":
        return []
    return deletion.find_sessions(engine, request.project, request.value, before)


def keep_requests(
    metadata: MetadataEngine,
    project: ProjectId,
    kind: DeletionKind,
    values: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> list[DeletionRequest]:
    """Keep a request for each value, or none of them when one cannot be kept; a project's is its id.

    Needs no store: one that is away carries them out when it is back.
    """
    requests = [
        DeletionRequest(uuid.uuid4().hex, project, kind, value, now, None, by, 0, None) for value in values
    ]
    rows = [{name: getattr(request, name) for name in DeletionRequest.__slots__} for request in requests]
    with metadata.begin() as connection:
        connection.execute(insert(DELETIONS), rows)
    for request in requests:
        # Not whose traces: the line stays longer than they do.
        logger.info(
            "A deletion was asked for",
            extra={"deletion": request.id, "project": project, "kind": kind, "by": by},
        )
    return requests


def require_free(metadata: MetadataEngine, project: ProjectId) -> None:
    """Raise `Conflict` while the deletion of a project is repeated: it would take what is sent anew."""
    of_project = (DELETIONS.c.project == project, DELETIONS.c.kind == "project")
    with metadata.begin() as connection:
        kept = connection.execute(select(DELETIONS.c.kept_until).where(*of_project)).first()
    if kept is not None:
        (until,) = kept
        when = (
            "a day after its spans are deleted" if until is None else f"soon after {until:%Y-%m-%d %H:%M} UTC"
        )
        raise Conflict(
            f"project {project!r} was deleted, and spans of it may be on their way: a running server frees"
            f" the name {when}"
        )
