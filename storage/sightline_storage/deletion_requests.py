"""What people asked to be deleted, and carrying it out more than once.

Spans may be on their way when their deletion is asked for: in an exporter, in a collector's journal, held for
sampling or in a job that writes them again. So a request is kept for a day and repeated, ever more seldom.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Engine as MetadataEngine
from sqlalchemy import delete, insert, select, update

from sightline_core.ids import ProjectId
from sightline_storage import deletion
from sightline_storage.deletion_table import DELETIONS
from sightline_storage.engine import Engine

DeletionKind = Literal["trace", "user", "session"]
KEPT_FOR: Final = timedelta(days=1)
_FIRST_WAIT = timedelta(minutes=1)
_MAX_REQUESTS = 100_000


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """Of a user or a session, traces go that started before `requested_at`; of a trace, whatever comes."""

    id: str
    project: ProjectId
    kind: DeletionKind
    value: str
    requested_at: datetime
    done_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Return whether it is to be carried out, for the first time or again after about twice the time."""
        if self.done_at is None:
            return True
        return now - self.done_at >= max(_FIRST_WAIT, self.done_at - self.requested_at)


class DeletionRequests:
    """Thread-safe, like its engines."""

    def __init__(self, metadata: MetadataEngine, engine: Engine) -> None:
        self._metadata = metadata
        self._engine = engine

    def delete(self, project: ProjectId, kind: DeletionKind, value: str, now: datetime) -> int:
        """Take a request, carry it out and return how many traces that deleted.

        Raises `BackendError` when the store does not take it; the request is kept and carried out later.
        """
        request = DeletionRequest(uuid.uuid4().hex, project, kind, value, now, None)
        values = {name: getattr(request, name) for name in DeletionRequest.__slots__}
        with self._metadata.begin() as connection:
            connection.execute(insert(DELETIONS).values(values))
        return self._carry_out(request, now)

    def repeat(self, now: datetime) -> int:
        """Carry out what is due, forget what is old, and return how many requests that concerned."""
        due = [request for request in self.open() if request.is_due(now)]
        for request in due:
            self._carry_out(request, now)
        with self._metadata.begin() as connection:
            connection.execute(
                delete(DELETIONS).where(
                    DELETIONS.c.requested_at < now - KEPT_FOR, DELETIONS.c.done_at.is_not(None)
                )
            )
        return len(due)

    def open(self) -> list[DeletionRequest]:
        """Return the requests that are kept, oldest first."""
        columns = (DELETIONS.c[name] for name in DeletionRequest.__slots__)
        statement = select(*columns).order_by(DELETIONS.c.requested_at, DELETIONS.c.id).limit(_MAX_REQUESTS)
        with self._metadata.begin() as connection:
            return [DeletionRequest(*row) for row in connection.execute(statement)]

    def _carry_out(self, request: DeletionRequest, now: datetime) -> int:
        deleted = self._delete(request)
        with self._metadata.begin() as connection:
            connection.execute(update(DELETIONS).where(DELETIONS.c.id == request.id).values(done_at=now))
        return deleted

    def _delete(self, request: DeletionRequest) -> int:
        engine, project, value, before = self._engine, request.project, request.value, request.requested_at
        match request.kind:
            case "trace":
                return deletion.delete_traces(engine, project, [value])
            case "user":
                return deletion.delete_user(engine, project, value, before)
            case "session":
                return deletion.delete_session(engine, project, value, before)
