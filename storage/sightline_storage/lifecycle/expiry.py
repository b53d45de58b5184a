"""Dropping what is older than its project keeps it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sightline_core.ids import ProjectId
from sightline_storage.engines.engine import Engine, Node
from sightline_storage.rollups.rollup_refresh import MARKS_A_RUN, close_days, refresh_rollups

# By partition: (table, condition that all rows of an expired partition meet).
_EXPIRING = (
    ("spans", "toDate(start_time) < {before:Date}"),
    ("trace_index", "month < toYYYYMM({before:Date})"),
    ("reprice_audit", "start_time < toStartOfMonth({before:Date})"),
    ("scores", "scored_at < toStartOfMonth({before:Date})"),
)


def drop_expired(engine: Engine, project: ProjectId, before: date) -> int:
    """Drop the project's partitions that lie wholly before a day (UTC), and return how many those were.

    Only whole partitions go: days of spans, months of the trace index, scores and audit rows. Rollups stay;
    they hold sums and no content.
    """
    params = {"project": project, "before": before}
    expired = [
        (node, engine.layout.stored_table(table), partition)
        for node in engine.nodes()
        for table, condition in _EXPIRING
        for partition in _partitions(engine, node, table, condition, params)
    ]
    _close_days(engine, project, before)
    for node, stored, partition in expired:
        node.command(f"ALTER TABLE {stored} DROP PARTITION ID {{partition:String}}", {"partition": partition})
    return len(expired)


def _partitions(
    engine: Engine, node: Node, table: str, condition: str, params: Mapping[str, Any]
) -> list[str]:
    stored = engine.layout.stored_table(table)
    query = f"SELECT DISTINCT _partition_id FROM {stored} WHERE project = {{project:String}} AND {condition}"
    return [str(partition) for (partition,) in node.query(f"{query} LIMIT 100000", params)]


def _close_days(engine: Engine, project: ProjectId, before: date) -> None:
    """Keep the sums of the days with spans, once they are complete: nobody can add to them afterwards."""
    days = engine.query(
        "SELECT DISTINCT toUnixTimestamp(toStartOfDay(start_time)) FROM spans"
        " WHERE project = {project:String} AND toDate(start_time) < {before:Date} LIMIT 100000",
        {"project": project, "before": before},
    )
    if not days:
        return
    # Of all projects, as the oldest are worked off first; without what goes on arriving meanwhile.
    ((waiting,),) = engine.query(
        "SELECT count() FROM rollup_marks FINAL WHERE toDate(bucket) < {before:Date} AND done = 0 LIMIT 1",
        {"before": before},
    )
    for _ in range(0, int(waiting), MARKS_A_RUN):
        refresh_rollups(engine, datetime.now(UTC))
    close_days(engine, [(project, datetime.fromtimestamp(int(day), UTC)) for (day,) in days])
