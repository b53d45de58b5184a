"""The plan of who pays, as a document that people edit."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Engine, Integer, String, Table, Text, insert, select, update
from sqlalchemy.exc import IntegrityError

from sightline_core.errors import Conflict
from sightline_core.ids import ProjectId
from sightline_storage.metadata.metadata_database import reading
from sightline_storage.metadata.metadata_tables import MAX_NAME, METADATA, UtcDateTime

TEAM_PLANS = Table(
    "team_plans",
    METADATA,
    Column("project", String(64), primary_key=True),
    Column("document", Text, nullable=False),
    # Counts the changes: who saves an older plan than there is learns of it.
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", String(MAX_NAME), nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan with its version; version 0 is that of a project which never saved one."""

    document: dict[str, Any]
    version: int
    updated_at: datetime | None
    updated_by: str


class TeamStore:
    """Thread-safe. Every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, project: ProjectId) -> StoredPlan:
        """Return the plan; an empty one of version 0 when none was saved."""
        plans = TEAM_PLANS.c
        statement = select(plans.document, plans.version, plans.updated_at, plans.updated_by)
        with reading(self._engine) as connection:
            row = connection.execute(statement.where(plans.project == project)).one_or_none()
        if row is None:
            return StoredPlan({}, 0, None, "")
        return StoredPlan(json.loads(row.document), row.version, row.updated_at, row.updated_by)

    def save(
        self, project: ProjectId, document: dict[str, Any], *, version: int, by: str, at: datetime
    ) -> int:
        """Replace the plan of this version and return its new one; `Conflict` when there is a newer plan."""
        values = {
            "document": json.dumps(document),
            "version": version + 1,
            "updated_at": at,
            "updated_by": by[:MAX_NAME],
        }
        conflict = Conflict("somebody else has changed the teams meanwhile; load them again")
        try:
            with self._engine.begin() as connection:
                if version == 0:
                    connection.execute(insert(TEAM_PLANS).values(project=project, **values))
                    return 1
                changed = connection.execute(
                    update(TEAM_PLANS)
                    .where(TEAM_PLANS.c.project == project, TEAM_PLANS.c.version == version)
                    .values(**values)
                )
        except IntegrityError as error:
            raise conflict from error
        if changed.rowcount != 1:
            raise conflict
        return version + 1
