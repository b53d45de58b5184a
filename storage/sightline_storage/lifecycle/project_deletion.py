"""Deleting a whole project, from the store and from the metadata database."""

from typing import Final

from sqlalchemy import Engine as MetadataEngine
from sqlalchemy import Table, delete, select

from sightline_core.ids import ProjectId
from sightline_storage.alerts.alert_tables import (
    ALERT_CHANNELS,
    ALERT_INCIDENTS,
    ALERT_OUTBOX,
    ALERT_PROGRESS,
    ALERT_RULES,
    ALERT_STATES,
    ALERT_TIMELINE,
)
from sightline_storage.engines.engine import Engine
from sightline_storage.failures.failure_tables import (
    FAILURE_CLUSTERS,
    FAILURE_DECISIONS,
    FAILURE_MEMBERS,
    FAILURE_SUGGESTIONS,
    SCORE_LINES,
)
from sightline_storage.lifecycle.deletion_table import DELETIONS
from sightline_storage.lifecycle.partitions import drop_partitions, find_partitions
from sightline_storage.lifecycle.row_removal import remove_rows
from sightline_storage.metadata.metadata_tables import API_KEYS, PROJECTS
from sightline_storage.metadata.saved_view_table import SAVED_VIEWS
from sightline_storage.spend.invoice_tables import INVOICE_IMPORTS, INVOICE_LINES
from sightline_storage.spend.price_tables import PRICE_OVERRIDES
from sightline_storage.spend.team_store import TEAM_PLANS

_OF_PROJECT = "project = {project:String}"
_PARTITIONED: Final = (
    "spans", "trace_index", "rollup_minute", "rollup_hour", "failure_hours", "scores", "reprice_audit",
    "deleted_traces",
)  # fmt: skip
# Keys last, and then the project, whose rows they refer to.
_TABLES: Final[tuple[Table, ...]] = (
    ALERT_CHANNELS, ALERT_INCIDENTS, ALERT_OUTBOX, ALERT_PROGRESS, ALERT_RULES, ALERT_STATES,
    FAILURE_CLUSTERS, FAILURE_DECISIONS, FAILURE_MEMBERS, FAILURE_SUGGESTIONS, SCORE_LINES,
    INVOICE_IMPORTS, INVOICE_LINES, PRICE_OVERRIDES, TEAM_PLANS, SAVED_VIEWS, API_KEYS,
)  # fmt: skip


def delete_project(engine: Engine, project: ProjectId) -> int:
    """Delete all that the store has of a project, and return how many traces were seen in it.

    All tables but one have partitions of their own for each project, which are dropped whole. All nodes must
    be up, else `BackendError`; doing it again completes what was cut off.
    """
    params = {"project": project}
    ((traces,),) = engine.query(
        f"SELECT uniqExact(cityHash64(trace_id)) FROM spans FINAL WHERE {_OF_PROJECT} LIMIT 1", params
    )
    drop_partitions(find_partitions(engine, project, dict.fromkeys(_PARTITIONED, "1"), {}))
    for node in engine.nodes():
        remove_rows(node, engine.layout.stored_table("rollup_marks"), _OF_PROJECT, params)
    return int(traces)


def forget_project(metadata: MetadataEngine, project: ProjectId) -> None:
    """Delete a project with its keys, and all that was decided, set and asked for in it.

    The request that the project be deleted stays, as long as it is repeated.
    """
    incidents = select(ALERT_INCIDENTS.c.id).where(ALERT_INCIDENTS.c.project == project)
    with metadata.begin() as connection:
        connection.execute(delete(ALERT_TIMELINE).where(ALERT_TIMELINE.c.incident.in_(incidents)))
        for table in _TABLES:
            connection.execute(delete(table).where(table.c.project == project))
        connection.execute(
            delete(DELETIONS).where(DELETIONS.c.project == project, DELETIONS.c.kind != "project")
        )
        connection.execute(delete(PROJECTS).where(PROJECTS.c.id == project))
